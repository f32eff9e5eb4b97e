import { Readable } from "node:stream";
import { runFrota } from "../../src/cli/app.ts";
import type { CliContext } from "../../src/cli/context.ts";

/** What a command line printed, and its exit code. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `frota` in this process. */
export async function frota(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string>; readonly signal?: AbortSignal },
): Promise<CommandResult> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => void (written[name] += text) });
  const context: CliContext = {
    process: {
      stdout: output("stdout"),
      stderr: output("stderr"),
      stdin: Readable.from([]),
      env: { PATH: process.env["PATH"], HOME: "/nowhere", ...options.env },
      exitCode: null,
    },
    cwd: options.cwd,
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await runFrota(args, context);
  return { code, ...written };
}
