import { join, relative } from "node:path";
import { renderedChanges } from "../../render/rendered-changes.ts";
import type { RenderedChange } from "../../render/rendered-changes.ts";
import { renderedFiles } from "../../repository/read-repository.ts";
import { removeFiles } from "../../repository/remove-files.ts";
import { writeFiles } from "../../repository/write-files.ts";
import type { FleetSource } from "../../spec/repository.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { readFleet } from "../target/read-fleet.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

/** Flags of `frota render`. */
export interface RenderFlags {
  readonly repo?: string;
  readonly check: boolean;
  readonly output?: OutputFormat;
}

/** Runs `frota render`: changes to stdout, the summary to stderr. */
export async function runRender(context: CliContext, { repo, check, output }: RenderFlags): Promise<void> {
  const { stdout, stderr } = context.process;
  const { root, source } = await readFleet(context.cwd, repo);
  const changes = renderedChanges(renderedFiles(root), source);
  if (!check) await write(root, changes);
  const folder = relative(context.cwd, root);
  const shown = changes.map(({ path, change }) => ({ change, path: join(folder, path) }));
  if (output === undefined) stdout.write(shown.map(({ change, path }) => `${change.padEnd(8)}${path}\n`).join(""));
  else await writeStructured({ current: changes.length === 0, written: !check, changes: shown }, output, stdout);
  stderr.write(`${summary(changes, check)}\n`);
  context.process.exitCode = check && changes.length > 0 ? EXIT.no : EXIT.ok;
}

/** Brings a repository's rendered files in line with its source; returns what changed. */
export async function renderInto(root: string, source: FleetSource): Promise<readonly RenderedChange[]> {
  const changes = renderedChanges(renderedFiles(root), source);
  await write(root, changes);
  return changes;
}

async function write(root: string, changes: readonly RenderedChange[]): Promise<void> {
  const texts = changes.flatMap(({ path, text }): [string, string][] => (text === undefined ? [] : [[path, text]]));
  await writeFiles(root, new Map(texts));
  await removeFiles(root, changes.filter(({ change }) => change === "removed").map(({ path }) => path));
}

function summary(changes: readonly RenderedChange[], check: boolean): string {
  if (changes.length === 0) return "ok: rendered files are current";
  const files = `${changes.length} rendered file${changes.length === 1 ? "" : "s"}`;
  return check ? `failed: ${files} not current; run \`frota render\`` : `ok: ${files} written or removed`;
}
