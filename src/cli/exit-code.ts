import type { FrotaError } from "../spec/error.ts";

/** Exit codes of every command. They are part of the interface: scripts may rely on them. */
export const EXIT = {
  /** Done, or the answer is yes. */
  ok: 0,
  /** The answer is no: differences found, check has errors, a fleet that is not healthy. */
  no: 1,
  /** Wrong usage: unknown command, flag or argument. */
  usage: 2,
  /** Failed; what had been done before it says so itself. */
  failed: 3,
  /** Refused before anything was written. */
  refused: 4,
  /** Some agents are done, others are not. */
  partial: 5,
  /** Waited as long as was allowed. */
  timeout: 6,
  /** The cluster has Frota's resource definitions, but no controller reconciles them. */
  noController: 7,
  /** What could be written is, and the rest may not be done now: a freeze, something is suspended, or a Secret lacks a key. Waiting longer is of no help. */
  held: 8,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code that tells a failure's outcome. */
export function exitCodeOf(error: FrotaError): ExitCode {
  return EXIT[error.outcome];
}
