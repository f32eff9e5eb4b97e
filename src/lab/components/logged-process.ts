import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { FrotaError } from "../../spec/error.ts";
import { componentsFolder } from "./cache.ts";
import type { AcquireContext, ComponentName } from "./component.ts";
import { searchPath } from "./programs.ts";

/** A program to run to its end, its whole output in a log file. */
export interface LoggedProcess {
  readonly component: ComponentName;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Receives each line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Where the output of getting a component goes; each run appends. */
function acquisitionLog(env: AcquireContext["env"], component: ComponentName): string {
  return join(componentsFolder(env), "logs", `${component}.log`);
}

/**
 * Runs a program and resolves to its standard output. Throws COMPONENT_FAILED, which names the log and the last line, when
 * it fails or cannot be started.
 */
export async function runLogged(process: LoggedProcess, context: AcquireContext): Promise<string> {
  const path = acquisitionLog(context.env, process.component);
  await mkdir(dirname(path), { recursive: true });
  const log = createWriteStream(path, { flags: "a" });
  log.write(`$ ${[process.command, ...process.arguments].join(" ")}\n`);
  const run = execa(process.command, process.arguments, {
    ...(process.cwd === undefined ? {} : { cwd: process.cwd }),
    // apt's dpkg refuses to work without the administrators' folders.
    env: { ...context.env, PATH: searchPath(context.env), ...process.env },
    extendEnv: false,
    all: true,
    reject: false,
    cancelSignal: context.signal,
    stdin: "ignore",
  });
  run.all.pipe(log);
  const { onLine } = process;
  if (onLine) for await (const line of run.iterable({ from: "all" })) onLine(line);
  const result = await run;
  if (!result.failed) return result.stdout;
  context.signal.throwIfAborted();
  throw failure(process, path, result.all || result.shortMessage || "");
}

function failure(process: LoggedProcess, log: string, output: string): FrotaError {
  const last = output.trim().split("\n").at(-1) ?? "";
  return new FrotaError({
    code: "COMPONENT_FAILED",
    message: `getting ${process.component} failed: ${process.command}: ${last}`,
    where: { file: log },
    next: "read the log, then run the same command again: what was finished is kept",
  });
}
