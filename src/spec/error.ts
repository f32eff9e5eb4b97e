/** Where something is wrong: a place in a file, or an object in a cluster. */
export type Location =
  | { readonly file: string; readonly line?: number; readonly column?: number }
  | { readonly kind: string; readonly namespace?: string; readonly name: string };

/** What a {@link FrotaError} is made of, apart from its cause. */
export interface ErrorDetail {
  /** Stable, UPPER_SNAKE_CASE; scripts may rely on it. */
  readonly code: string;
  /** One sentence: what was wrong. Never holds a secret value. */
  readonly message: string;
  readonly where?: Location;
  /** One sentence or command: what to do next. */
  readonly next?: string;
  /** What the failure means for the caller; `failed` when absent. */
  readonly outcome?: Outcome;
}

/**
 * How far a failed command got: `refused` before any write, `partial` with some agents done, `timeout` while waiting,
 * `failed` otherwise, `usage` when it was called wrongly; `noController` where only a controller could go on, and none runs; `held` where what
 * could be written is, and the rest may not be done now, because of a freeze, a suspension or what a Secret lacks.
 */
export type Outcome = "usage" | "failed" | "refused" | "partial" | "timeout" | "noController" | "held" | "interrupted";

/** An expected failure, told to the user without a stack: code, what, where, and what to do next. */
export class FrotaError extends Error {
  override readonly name = "FrotaError";
  readonly code: string;
  readonly where: Location | undefined;
  readonly next: string | undefined;
  readonly outcome: Outcome;

  constructor(detail: ErrorDetail, options?: { cause?: unknown }) {
    super(detail.message, options);
    this.code = detail.code;
    this.where = detail.where;
    this.next = detail.next;
    this.outcome = detail.outcome ?? "failed";
  }
}

/** Writes a location as `file:line:column` or `kind/namespace/name`. */
export function formatLocation(where: Location): string {
  if ("file" in where) {
    return [where.file, where.line, where.column].filter((part) => part !== undefined).join(":");
  }
  return [where.kind, where.namespace, where.name].filter((part) => part !== undefined).join("/");
}
