/** One thing that must be there (or had better be), found or not. */
export interface Prerequisite {
  /** Stable, for scripts: `cluster.storage-class`. */
  readonly id: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** `missing`: needed and not there; `warn`: works without, or comes later by itself; `unknown`: could not be looked at. */
  readonly status: "ok" | "warn" | "missing" | "unknown";
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly next?: string;
}
