import { once } from "node:events";
import type { CliContext } from "../context.ts";

/** What a person types after `question`; nothing when they end the input (Ctrl-D). Rejects on Ctrl-C. Asked on stderr: stdout is for data. */
export async function typedAnswer({ process, signal }: CliContext, question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const prompt = createInterface({ input: process.stdin });
  process.stderr.write(question);
  const ended = once(prompt, "close").then(() => "");
  try {
    return (await Promise.race([prompt.question("", { signal }), ended])).trim();
  } finally {
    prompt.close();
  }
}
