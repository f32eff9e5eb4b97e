/** One finding of a check, at an exact place. `error` makes `frota check` fail; `warning` does not. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Stable, UPPER_SNAKE_CASE. */
  readonly code: string;
  /** One sentence: what is wrong. Never holds a secret value. */
  readonly message: string;
  /** Path relative to the repository's root. */
  readonly file: string;
  /** One-based. */
  readonly line: number;
  /** One-based. */
  readonly column: number;
  /** One sentence: how to mend it. */
  readonly fix?: string;
}
