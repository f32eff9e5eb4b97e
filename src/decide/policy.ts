/** Milliseconds since the epoch, as every time in `decide/` is; durations are milliseconds. */
export type Instant = number;

/** A time in which no running agent is restarted on purpose. */
export interface FreezeWindow {
  readonly from: Instant;
  readonly to: Instant;
  readonly reason: string;
}

/** What a Fleet says about disruptions, resolved: percentages to numbers, durations to milliseconds, windows to instants. */
export interface FleetPolicy {
  /** At most so many agents may be down or at risk at once; at least 1. */
  readonly maxDisrupted: number;
  /** Agents that get a new image first, in one wave of their own. */
  readonly canaries: readonly string[];
  /** How long an agent must stay healthy on a new image before the next wave. */
  readonly bakeTime: number;
  /** So many agents may fail on a new image before its rollout halts; 0 halts at the first. */
  readonly failureBudget: number;
  /** Longest wait for a moment in which an agent is not busy; after it the drain waits for running turns. */
  readonly quietWait: number;
  /** Changes of a secret within this time are one restart. */
  readonly coalesceWindow: number;
  /** Those that `now` is in or before, soonest first; those of `frota freeze` included. */
  readonly freezes: readonly FreezeWindow[];
  /** Nothing of the fleet is written while it is set. */
  readonly suspended?: string;
}
