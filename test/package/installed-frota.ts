import { dirname, join } from "node:path";
import { execa } from "execa";
import { inject } from "vitest";

/** Where a shell of a user who installed the package finds its programs. */
export const BIN = join(inject("installed"), "node_modules", ".bin");

/** The installed package. */
export const PACKAGE = join(inject("installed"), "node_modules", "frota");

/** Folders of programs that a user's shell knows, the tests' own Node among them. */
export const PATH = [BIN, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");

/** How a program is run. */
export interface Run {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program with an environment that knows nothing of the checkout. */
export async function run(program: string, words: readonly string[], { cwd, env = {} }: Run) {
  const { exitCode, stdout, stderr } = await execa(program, words, { cwd, env: { PATH, HOME: cwd, ...env }, extendEnv: false, reject: false, stdin: "ignore" });
  return { code: exitCode, stdout, stderr };
}

/** Runs the installed `frota`. */
export function frota(words: readonly string[], options: Run) {
  return run(join(BIN, "frota"), words, options);
}
