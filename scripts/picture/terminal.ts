import { execa } from "execa";

/** Where a command line is run. */
export interface TerminalPlace {
  readonly cwd: string;
  readonly columns: number;
  /** In front of the caller's own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a shell line in a terminal of its own (by `script` of util-linux) and resolves to what was written there, colors
 * included, whatever the exit code. Its prompt stands in front of it.
 */
export async function typed(line: string, { cwd, columns, env }: TerminalPlace): Promise<string> {
  const { stdout } = await execa("script", ["--quiet", "--return", "--command", `stty cols ${columns} rows 50; ${line}`, "/dev/null"], {
    cwd,
    env: { ...env, TERM: "xterm-256color", NO_COLOR: "" },
    stdin: "ignore",
    reject: false,
    stripFinalNewline: false,
  });
  return `\u001B[2m$\u001B[22m \u001B[1m${line}\u001B[22m\r\n${stdout}`;
}
