import type { CommandContext } from "@stricli/core";

/** A stream that a command writes to. */
export interface Output {
  write(text: string): void;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Lines of the terminal. */
  readonly rows?: number;
}

/**
 * All that a command may touch of its process, so that tests call commands in-process.
 * Data goes to `stdout`, everything else to `stderr`.
 */
export interface CliContext extends CommandContext {
  readonly process: {
    readonly stdout: Output;
    readonly stderr: Output;
    readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
    readonly env: Readonly<Record<string, string | undefined>>;
    /** One of `EXIT`; any other only where another program's is passed on. */
    exitCode: number | null;
  };
  /** The folder that relative paths start at. */
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
