import type { AgentChange } from "../../plan/change-set.ts";
import type { Readiness } from "../observe/readiness.ts";

/** An agent whose turn comes, and what for. `return`: it is created on the volume that it had before; `wait`: nothing is written, it only has to become ready. */
export interface ScheduledAgent {
  readonly name: string;
  readonly action: "create" | "return" | "restart" | "update" | "wait";
}

/** Who is changed when. */
export interface Schedule {
  /** At the same time, first: nobody runs yet, or an earlier run was cut off while they started. */
  readonly together: readonly ScheduledAgent[];
  /** Each Ready before the next: running agents, those first that are down already. */
  readonly oneByOne: readonly ScheduledAgent[];
  /** Nothing to do. */
  readonly settled: readonly string[];
}

/** Decides the order in which agents change: never more than one running agent is taken down at a time. */
export function scheduleAgents(changes: readonly AgentChange[], stateOf: (name: string) => Readiness["state"]): Schedule {
  const together: ScheduledAgent[] = [];
  const oneByOne: ScheduledAgent[] = [];
  const settled: string[] = [];
  for (const { name, action, isReturning } of changes) {
    if (action === "create") together.push({ name, action: isReturning ? "return" : action });
    else if (action !== "none") oneByOne.push({ name, action });
    else if (stateOf(name) === "ready") settled.push(name);
    else together.push({ name, action: "wait" });
  }
  const rank = ({ name }: ScheduledAgent) => Number(stateOf(name) === "ready");
  return { together, oneByOne: oneByOne.toSorted((one, other) => rank(one) - rank(other)), settled };
}
