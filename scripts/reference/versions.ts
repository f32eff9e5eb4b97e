import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { DISTRIBUTION_PROGRAMS, PINS } from "../../src/lab/components/pins.ts";
import { OPENCLAW_VERSION } from "../../src/spec/openclaw/version.ts";
import { code, heading, table } from "./page.ts";

const DOCKERFILE = "agents/base/Dockerfile";

/** docs/reference/versions.md: every version that is pinned, and where. */
export async function versionsPage(root: string): Promise<string> {
  const dockerfile = await readFile(join(root, DOCKERFILE), "utf8");
  const args = [...dockerfile.matchAll(/^ARG (\w+)="?([^"\n]+?)"?$/gm)].map(([, name = "", value = ""]) => [code(name), code(value)]);
  return [
    heading("Versions", `package.json, ${DOCKERFILE} and src/lab/components/pins.ts`),
    "## The agents' image",
    "",
    `Build arguments of \`${DOCKERFILE}\`. Configuration is checked by the schema of OpenClaw ${OPENCLAW_VERSION}.`,
    "",
    table(["Argument", "Default"], args),
    "",
    "## The program",
    "",
    table(["Part", "Version"], [["frota", packageJson.version], ["Node.js", packageJson.engines.node], ...bundled(root)]),
    "",
    "## The lab",
    "",
    "`oldest`: what is already on PATH serves from that version on.",
    "",
    table(["Component", "Version"], Object.entries(PINS).map(([name, pin]) => [name, versionOf(pin)])),
    "",
    "Debian packages that `frota lab up` installs where their programs are missing:",
    [...new Set(DISTRIBUTION_PROGRAMS.map((one) => code(one.package)))].sort().join(", ").concat("."),
    "",
  ].join("\n");
}

/** The packages that the sources import: the bundle carries them, so that the installed package depends on none. */
function bundled(root: string): string[][] {
  const files = globSync("src/**/*.ts", { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  const imports = new Set(files.flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(/(?:from |import\()"([^".]+)"/g)].map(([, name]) => name)));
  const packages = Object.entries(packageJson.devDependencies).filter(([name]) => imports.has(name));
  return packages.map(([name, version]) => [code(name), version]);
}

function versionOf(pin: object): string {
  const parts = new Map(Object.entries(pin).map(([name, value]) => [name, String(value)]));
  const [version, etcd, oldest] = ["version", "etcd", "oldest"].map((name) => parts.get(name));
  return [version, etcd && `etcd ${etcd}`, oldest && `oldest ${oldest}`].filter((part) => part !== undefined).join(", ");
}
