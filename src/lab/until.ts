import { setTimeout as delay } from "node:timers/promises";
import { FrotaError } from "../spec/error.ts";

/** How long to wait, and what for: the words end up in the error. */
export interface Patience {
  readonly signal: AbortSignal;
  readonly seconds: number;
  /** What is waited for, as the object of "waited for". */
  readonly what: string;
}

/**
 * Asks again and again until the answer is not undefined, and returns it. For the start of processes that give no
 * event. Throws LAB_TIMEOUT, with the last error as its cause, when the time is over.
 */
export async function until<T>(ask: () => Promise<T | undefined>, patience: Patience): Promise<T> {
  const end = performance.now() + patience.seconds * 1000;
  let cause: unknown;
  while (performance.now() < end) {
    patience.signal.throwIfAborted();
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      cause = undefined;
    } catch (error) {
      if (error instanceof FrotaError) throw error;
      cause = error;
    }
    await delay(100, undefined, { signal: patience.signal });
  }
  throw new FrotaError(
    {
      code: "LAB_TIMEOUT",
      message: `waited ${patience.seconds} s for ${patience.what}`,
      next: "read the log, then run the same command again: it goes on where it stopped",
      outcome: "timeout",
    },
    { cause },
  );
}
