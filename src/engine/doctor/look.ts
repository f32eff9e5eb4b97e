import type { Observed } from "../../plan/secret-observations.ts";
import { FrotaError } from "../../spec/error.ts";
import { unknownFor } from "../secrets/observe-objects.ts";

/** Milliseconds that one look at an outside system may take. */
const LIMIT = 10_000;

/** How to look. */
export interface LookOptions {
  /** Milliseconds; 10 s when absent. */
  readonly limit?: number;
}

/**
 * Looks at something outside, for a bounded time; what may not be looked at, fails or takes longer is unknown, with the reason. `signal`
 * aborts when the time is over.
 */
export async function look<Value>(read: (signal: AbortSignal) => Promise<Value | undefined>, { limit = LIMIT }: LookOptions = {}): Promise<Observed<Value>> {
  const abort = new AbortController();
  const late = Promise.withResolvers<Observed<Value>>();
  const timer = setTimeout(() => {
    late.resolve({ state: "unknown", reason: `no answer within ${limit / 1000} s` });
    abort.abort();
  }, limit);
  try {
    return await Promise.race([looked(read, abort.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function looked<Value>(read: (signal: AbortSignal) => Promise<Value | undefined>, signal: AbortSignal): Promise<Observed<Value>> {
  try {
    const value = await read(signal);
    return value === undefined ? { state: "absent" } : { state: "found", value };
  } catch (error) {
    return error instanceof FrotaError ? unknownFor(error) : unknown(String(error));
  }
}

/** What was found, read as something else. */
export function found<Value, Result>(observed: Observed<Value>, read: (value: Value) => Result): Observed<Result> {
  return observed.state === "found" ? { state: "found", value: read(observed.value) } : observed;
}

/** What cannot be looked at, with the reason. */
export function unknown(reason: string): Extract<Observed<never>, { state: "unknown" }> {
  return { state: "unknown", reason };
}
