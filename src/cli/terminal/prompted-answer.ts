import type { Key } from "node:readline";
import { FrotaError } from "../../spec/error.ts";
import type { CliContext } from "../context.ts";

/** A question on a terminal. */
export interface Question {
  readonly message: string;
  /** What Enter alone means; without it something must be typed. */
  readonly fallback?: string;
  /** Shown where nothing is typed yet, when there is no `fallback`. */
  readonly example?: string;
  /** Returns what an answer means; an Error's message is shown, and the question stays. */
  readonly parse: (text: string) => string;
}

/** Asks on stderr: stdout is for data. Ctrl-C and Ctrl-D are no answer: throws INTERRUPTED. */
export async function promptedAnswer({ signal }: CliContext, { message, fallback, example, parse }: Question): Promise<string> {
  const { isCancel, text } = await import("@clack/prompts");
  const ended = new AbortController();
  const endOnControlD = (_text: string | undefined, key: Key): void => {
    if (key.ctrl === true && key.name === "d") ended.abort();
  };
  process.stdin.on("keypress", endOnControlD);
  try {
    const answer = await text({
      message,
      output: process.stderr,
      signal: AbortSignal.any([signal, ended.signal]),
      placeholder: fallback ?? example ?? "",
      ...(fallback !== undefined && { defaultValue: fallback }),
      validate: (typed = "") => (typed.trim() === "" && fallback !== undefined ? undefined : complaint(typed, parse)),
    });
    if (!isCancel(answer)) return answer.trim() === "" ? (fallback ?? "") : parse(answer.trim());
  } finally {
    process.stdin.off("keypress", endOnControlD);
  }
  throw new FrotaError({ code: "INTERRUPTED", message: "interrupted; nothing was written", next: "run the same command again", outcome: "interrupted" });
}

function complaint(text: string, parse: Question["parse"]): string | undefined {
  try {
    parse(text.trim());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
