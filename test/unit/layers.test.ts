import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..", "src");

/** What each folder of src/ may import besides itself. Imports go down only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  spec: [],
  render: ["spec"],
  plan: ["spec", "render"],
  decide: ["spec", "render"],
  cluster: ["spec", "render", "plan", "decide"],
  vault: ["spec", "render", "plan", "decide"],
  registry: ["spec", "render", "plan", "decide"],
  gateway: ["spec", "render", "plan", "decide"],
  repository: ["spec", "render", "plan", "decide"],
  engine: ["spec", "render", "plan", "decide", "cluster", "vault", "registry", "gateway", "repository"],
  lab: ["spec", "render", "plan", "decide", "cluster", "vault", "registry", "gateway", "repository", "engine"],
  controller: ["spec", "render", "plan", "decide", "cluster", "vault", "registry", "gateway", "repository", "engine"],
  cli: ["spec", "render", "plan", "decide", "cluster", "vault", "registry", "gateway", "repository", "engine", "lab", "controller"],
};

/** Modules that do I/O or read a clock: not for the pure folders. */
const IMPURE = /^node:(fs|child_process|net|http|https|os|dns|tls|timers|process)|^execa$|^@kubernetes\/client-node$/;
const PURE = new Set(["spec", "render", "plan", "decide"]);

interface Import {
  readonly from: string;
  readonly target: string;
}

const files = globSync("**/*.{ts,mjs}", { cwd: root }).filter((file) => !/\.test\.ts$|testdata\/|testing\//.test(file));

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(/(?:^|\s)(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|^import\s+"([^"]+)"/gm);
  return [...found].map((match) => ({ from: file, target: match[1] ?? match[2] ?? match[3] ?? "" }));
}

const imports = files.flatMap(importsOf);

describe("layers", () => {
  test("every folder of src/ has its place", () => {
    const folders = new Set(files.map((file) => file.split("/")[0]));
    expect([...folders].filter((folder) => !Object.hasOwn(MAY_IMPORT, folder ?? ""))).toEqual([]);
  });

  test("imports go down only", () => {
    const wrong = imports
      .filter(({ target }) => target.startsWith("."))
      .map(({ from, target }) => ({ from, to: relative(root, join(root, dirname(from), target)) }))
      .filter(({ from, to }) => {
        const [layer = "", below = ""] = [from.split("/")[0], to.split("/")[0]];
        return !to.startsWith("..") && layer !== below && !MAY_IMPORT[layer]?.includes(below);
      });
    expect(wrong).toEqual([]);
  });

  test("the pure folders do no I/O and read no clock", () => {
    const pure = files.filter((file) => PURE.has(file.split("/")[0] ?? "") && !file.includes("start-guard/"));
    const impure = imports.filter(({ from, target }) => pure.includes(from) && IMPURE.test(target));
    const clocks = pure.filter((file) => /\bDate\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|process\.env/.test(readFileSync(join(root, file), "utf8")));
    expect({ impure, clocks }).toEqual({ impure: [], clocks: [] });
  });

  test("only the command line prints", () => {
    const printing = files.filter((file) => !file.startsWith("cli/") && !file.includes("start-guard/"));
    const wrong = printing.filter((file) => /\bconsole\.|process\.(stdout|stderr)/.test(readFileSync(join(root, file), "utf8")));
    expect(wrong).toEqual([]);
  });
});
