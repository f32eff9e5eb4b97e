import { join, relative } from "node:path";
import { checkRepository } from "../../engine/repository/check-repository.ts";
import type { RepositoryCheck } from "../../engine/repository/check-repository.ts";
import { unknownAgent } from "../../engine/repository/select-agents.ts";
import { findRepository } from "../../repository/find-repository.ts";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import type { CliContext } from "../context.ts";
import { countText, diagnosticsText } from "./diagnostics-text.ts";
import { EXIT } from "../exit-code.ts";
import { painter } from "../terminal/paint.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

/** Flags of `frota check`. */
export interface CheckFlags {
  readonly repo?: string;
  readonly output?: OutputFormat;
}

/** Runs `frota check`: findings to stdout, the summary to stderr. */
export async function runCheck(context: CliContext, flags: CheckFlags, agents: readonly string[]): Promise<void> {
  const started = performance.now();
  const { stdout, stderr } = context.process;
  const root = await findRepository(context.cwd, flags.repo);
  const check = await checkRepository(root);
  const folder = relative(context.cwd, root);
  const shown = onlyAgents(check, agents).map((found) => Object.assign({}, found, { file: join(folder, found.file) }));
  const failed = shown.some((found) => found.severity === "error");
  if (flags.output) await writeStructured(report(check, shown), flags.output, stdout);
  else {
    stdout.write(diagnosticsText(shown, stdout, painter(stdout, context.process.env)));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    stderr.write(`${failed ? "failed" : "ok"}: ${summary(check)}, ${countText(shown)} (${seconds} s)\n`);
  }
  context.process.exitCode = failed ? EXIT.no : EXIT.ok;
}

function report({ source, files }: RepositoryCheck, diagnostics: readonly Diagnostic[]): object {
  const agents = source?.agents.map(({ agent }) => agent.metadata.name) ?? [];
  return { valid: !diagnostics.some((found) => found.severity === "error"), agents, files, diagnostics };
}

function summary({ source, files }: RepositoryCheck): string {
  const agents = source?.agents.length ?? 0;
  return `${agents} agent${agents === 1 ? "" : "s"}, ${files} files`;
}

/** Findings in the folders of these agents (all, when none is named), and in the fleet's files, which all depend on. */
function onlyAgents({ diagnostics, source }: RepositoryCheck, names: readonly string[]): readonly Diagnostic[] {
  if (names.length === 0) return diagnostics;
  const folders = new Map(source?.agents.map(({ agent, folder }) => [agent.metadata.name, folder]));
  for (const { file } of diagnostics) {
    // An agent whose file is broken is known by its folder only.
    const folder = /^([^/]+)\/agent\.yaml$/.exec(file)?.[1];
    if (folder !== undefined) folders.set(folder, folder);
  }
  const wanted = new Set(names.map((name) => folderOf(name, folders)));
  const others = [...folders.values()].filter((folder) => !wanted.has(folder));
  return diagnostics.filter(({ file }) => !others.some((folder) => file.startsWith(`${folder}/`)));
}

function folderOf(name: string, folders: ReadonlyMap<string, string>): string {
  const folder = folders.get(name);
  if (folder !== undefined) return folder;
  throw unknownAgent(name, [...folders.keys()]);
}
