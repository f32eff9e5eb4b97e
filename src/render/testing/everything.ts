import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assembleFleet } from "../../spec/assemble.ts";
import type { FleetSource } from "../../spec/repository.ts";

/** The fleet of testdata/everything: two agents, one that says nothing and one that says all that can be said. */
export function everything(): FleetSource {
  const root = join(import.meta.dirname, "../testdata/everything");
  const paths = globSync("**/*.{yaml,md}", { cwd: root }).sort();
  const { source, diagnostics } = assembleFleet(new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")])));
  if (!source || diagnostics.some(({ severity }) => severity === "error")) throw new Error(JSON.stringify(diagnostics));
  return source;
}
