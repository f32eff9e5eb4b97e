import type { ActionFailure } from "../../../decide/world.ts";
import { FrotaError } from "../../../spec/error.ts";

/** Only a change of the files, of the cluster's rights or of what is installed mends these. */
const TERMINAL: ReadonlySet<string> = new Set([
  "FORBIDDEN",
  "UNAUTHENTICATED",
  "KIND_UNKNOWN",
  "INVALID_OBJECT",
  "FIELD_CONFLICT",
  "NAME_TAKEN",
  "IMAGE_REFERENCE_INVALID",
  "WORKSPACE_TOO_LARGE",
  "GATEWAY_REFUSED",
  "GATEWAY_RPC_DISABLED",
]);

/** Somebody was faster: what was decided is stale, and is decided again on what is there now. No failure to tell of. */
export function isStale(error: unknown): boolean {
  return error instanceof FrotaError && (error.code === "CONFLICT" || error.code === "GATEWAY_CONFIG_CHANGED");
}

/** What a failed action means for its agent. `at` in milliseconds since the epoch. */
export function failureOf(error: unknown, at: number): ActionFailure {
  if (!(error instanceof FrotaError)) {
    return { code: "UNEXPECTED", message: error instanceof Error ? error.message : String(error), at, kind: "retryable" };
  }
  return { code: error.code, message: error.message, at, kind: TERMINAL.has(error.code) ? "terminal" : "retryable" };
}
