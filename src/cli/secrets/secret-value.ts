import { FrotaError } from "../../spec/error.ts";
import type { CliContext } from "../context.ts";

/** Vault refuses entries of more than about 1 MiB; a Secret holds 1 MiB. */
const MAXIMUM_BYTES = 1_000_000;

/**
 * The agent and key of `frota secrets set`. A value among the arguments is refused without repeating it: it would stay in the
 * shell's history and in the list of processes. Throws SECRET_VALUE_IN_ARGUMENT, SECRET_ARGUMENTS, SECRET_KEY_INVALID.
 */
export function parseSetArguments(words: readonly string[]): { readonly agent: string; readonly key: string } {
  const [agent, key] = words;
  if (words.length > 2 || words.some((word) => word.includes("="))) {
    throw new FrotaError({
      code: "SECRET_VALUE_IN_ARGUMENT",
      message: "a value does not belong among the arguments: they stay in the shell's history and in the list of processes.",
      next: "give only agent and key; the value is asked for, or read from standard input. Change the value if it was a real one",
      outcome: "usage",
    });
  }
  if (agent === undefined || key === undefined) {
    throw new FrotaError({
      code: "SECRET_ARGUMENTS",
      message: "agent and key are needed.",
      next: "for example: frota secrets set clovis GITHUB_TOKEN",
      outcome: "usage",
    });
  }
  if (/^[A-Z_][A-Z0-9_]*$/.test(key)) return { agent, key };
  throw new FrotaError({
    code: "SECRET_KEY_INVALID",
    // Whoever mixes the order up may have typed a value here.
    message: "the second argument is not a name of an environment variable (capital letters, digits, underscores).",
    next: "for example: frota secrets set clovis GITHUB_TOKEN",
    outcome: "usage",
  });
}

/**
 * Reads a value from a hidden prompt, or, where standard input is no terminal, from there to its end, without its last line end.
 * Throws SECRET_VALUE_EMPTY, SECRET_VALUE_TOO_LARGE, INTERRUPTED.
 */
export async function readSecretValue(context: CliContext, agent: string, key: string): Promise<string> {
  const { stdin } = context.process;
  const value = stdin.isTTY === true ? await promptFor(agent, key) : await readAll(stdin);
  if (value === "") {
    throw new FrotaError({
      code: "SECRET_VALUE_EMPTY",
      message: `no value was given for ${key}; nothing was written.`,
      next: `type it at the prompt, or pipe it in: pass show ${key.toLowerCase()} | frota secrets set ${agent} ${key}`,
      outcome: "usage",
    });
  }
  return value;
}

async function promptFor(agent: string, key: string): Promise<string> {
  const { isCancel, password } = await import("@clack/prompts");
  const answer = await password({ message: `Value of ${key} for ${agent}`, output: process.stderr });
  if (!isCancel(answer)) return answer ?? "";
  throw new FrotaError({ code: "INTERRUPTED", message: "interrupted; nothing was written", next: "run the command again", outcome: "interrupted" });
}

async function readAll(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAXIMUM_BYTES) {
      throw new FrotaError({
        code: "SECRET_VALUE_TOO_LARGE",
        message: "the value is larger than a Secret can hold; nothing was written.",
        next: "keep only the credential itself, below 1 MB",
        outcome: "usage",
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8").replace(/\r?\n$/, "");
}
