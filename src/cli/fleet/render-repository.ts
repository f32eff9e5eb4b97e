import { dirname, join, relative } from "node:path";
import { selectAgents } from "../../engine/repository/select-agents.ts";
import { renderedChanges } from "../../render/rendered-changes.ts";
import type { RenderedChange } from "../../render/rendered-changes.ts";
import { renderStream } from "../../render/repository.ts";
import { renderedFiles } from "../../repository/read-repository.ts";
import { removeFiles } from "../../repository/remove-files.ts";
import { writeFiles } from "../../repository/write-files.ts";
import { FrotaError } from "../../spec/error.ts";
import type { FleetSource } from "../../spec/repository.ts";
import type { CliContext, Output } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { readFleet } from "../target/read-fleet.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

/** Flags of `frota render`. */
export interface RenderFlags {
  readonly repo?: string;
  readonly check: boolean;
  /** Print the manifests; write nothing. */
  readonly stdout: boolean;
  readonly output?: OutputFormat;
}

/** Runs `frota render` for these agents, or for everything: changes (or the manifests themselves) to stdout, the summary to stderr. */
export async function runRender(context: CliContext, { repo, check, stdout: isPrinted, output }: RenderFlags, agents: readonly string[]): Promise<void> {
  if (isPrinted && (check || output !== undefined)) throw printedAlone();
  const { stdout, stderr } = context.process;
  const { root, source } = await readFleet(context.cwd, repo);
  const chosen = selectAgents(source.agents, agents);
  // All or nothing: who applies what is printed must not get half a fleet.
  if (isPrinted) return print(stdout, [...renderStream(source.fleet, chosen, agents.length === 0)]);
  const folders = new Set(chosen.map(({ folder }) => folder));
  const changes = renderedChanges(renderedFiles(root), { ...source, agents: chosen }).filter(({ path }) => agents.length === 0 || folders.has(dirname(dirname(path))));
  if (!check) await write(root, changes);
  const folder = relative(context.cwd, root);
  const shown = changes.map(({ path, change }) => ({ change, path: join(folder, path) }));
  if (output === undefined) stdout.write(shown.map(({ change, path }) => `${change.padEnd(8)}${path}\n`).join(""));
  else await writeStructured({ current: changes.length === 0, written: !check, changes: shown }, output, stdout);
  stderr.write(`${summary(changes, check)}\n`);
  context.process.exitCode = check && changes.length > 0 ? EXIT.no : EXIT.ok;
}

function printedAlone(): FrotaError {
  return new FrotaError({
    code: "RENDER_ARGUMENTS",
    message: "--stdout prints the manifests themselves: it goes together neither with --check nor with -o",
    next: "leave out one of them",
    outcome: "usage",
  });
}

/** Characters that are written at once. */
const CHUNK = 2 ** 20;

function print(stdout: Output, documents: readonly string[]): void {
  let text = "";
  for (const document of documents) {
    text += document;
    if (text.length < CHUNK) continue;
    stdout.write(text);
    text = "";
  }
  stdout.write(text);
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
