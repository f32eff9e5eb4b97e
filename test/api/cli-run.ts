import { Readable } from "node:stream";
import { runFrota } from "../../src/cli/app.ts";
import type { CliContext } from "../../src/cli/context.ts";

/** What a command is run with. */
export interface CliRun {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Standard input, as from a pipe. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** What it did. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, as a user's terminal without a screen would. */
export async function runCli(argv: readonly string[], run: CliRun): Promise<CliResult> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const context: CliContext = {
    process: {
      stdout: output("stdout"),
      stderr: output("stderr"),
      stdin: Readable.from(run.input === undefined ? [] : [run.input]),
      env: run.env,
      exitCode: null,
    },
    cwd: run.cwd,
    signal: run.signal ?? new AbortController().signal,
  };
  const code = await runFrota(argv, context);
  return { code, ...written };
}
