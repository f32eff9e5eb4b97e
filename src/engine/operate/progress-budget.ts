import type { AgentStatus } from "../../decide/status.ts";

/** Phases that an agent passes through by itself. */
export const ON_THE_WAY: ReadonlySet<AgentStatus["phase"]> = new Set(["Pending", "Starting", "Draining", "Checking"]);

/** So many at once, then so many a second. */
const BURST = 20;
const PER_SECOND = 1;

/**
 * Keeps a fleet of hundreds that starts together from writing every step of every agent: where an agent is on its way is told at once
 * for a few agents, and now and then for many. That an agent set out, where it arrived (Ready, Failed, Baking, ...), and what a person asked for is
 * always told.
 */
export class ProgressBudget {
  readonly #now: () => number;
  #left = BURST;
  #countedAt: number;

  /** @param now a clock in milliseconds that never goes back */
  constructor(now: () => number) {
    this.#now = now;
    this.#countedAt = now();
  }

  /** Whether a changed status may be written now; if not, ask again later with the newest one. */
  mayTell(before: AgentStatus | undefined, after: AgentStatus): boolean {
    const isUnderWay = ON_THE_WAY.has(after.phase) && (before === undefined || ON_THE_WAY.has(before.phase));
    const isAnswer = before?.acknowledgedOperation !== after.acknowledgedOperation || before?.pendingOperation !== after.pendingOperation;
    if (!isUnderWay || isAnswer) return true;
    const now = this.#now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#countedAt) / 1000) * PER_SECOND);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
