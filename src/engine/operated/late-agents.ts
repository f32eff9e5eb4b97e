import type { Cluster } from "../../cluster/cluster.ts";
import { FrotaError } from "../../spec/error.ts";
import type { ApplyEvent } from "../apply/apply-event.ts";
import type { AgentStatus } from "../status/agent-status.ts";
import { isOnItsWay } from "./describe-agents.ts";
import { fleetReport, readFleetWorld } from "../status/fleet-report.ts";

/** Agents that are told of by name: of a large fleet hundreds may wait for one. */
const TOLD = 10;

/** What the controller told last of each agent that is followed and not there yet. */
export class WaitingAgents {
  readonly #messages = new Map<string, string>();

  /** Hears what is told while agents are followed. */
  take(event: ApplyEvent): void {
    if (event.type === "agent-waiting" || event.type === "agent-failed") this.#messages.set(event.agent, event.problems[0]?.message ?? "it starts");
    if (event.type === "agent-ready") this.#messages.delete(event.agent);
  }

  get messages(): ReadonlyMap<string, string> {
    return this.#messages;
  }
}

/** Who was waited for, and for what. */
export interface LateRequest {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly waiting: WaitingAgents;
  /** What did not come in time: a clause. */
  readonly what: string;
  /** What helps beside looking. */
  readonly hint?: string;
}

/**
 * The failure of waiting for too long: APPLY_TIMEOUT, outcome `timeout`, with who is not there yet and why. Those of whom more is known than that they
 * start come first, and last those that are Ready: most of them only wait for their turn.
 */
export async function lateAgents({ cluster, namespace, waiting, what, hint }: LateRequest): Promise<FrotaError> {
  const states = await readStates(cluster, namespace, [...waiting.messages.keys()]);
  const late = Array.from(waiting.messages, ([name, told]) => ({ name, rank: 0, reason: told, ...states.get(name) })).toSorted((one, other) => one.rank - other.rank);
  const told = late.slice(0, TOLD).map(({ name, reason }) => `${name}: ${reason}`);
  const lines = late.length > TOLD ? [...told, `and ${late.length - TOLD} more`] : told;
  const [first] = late;
  return new FrotaError({
    code: "APPLY_TIMEOUT",
    message: `${what}; the controller goes on${lines.length === 0 ? "" : `:\n  ${lines.join("\n  ")}`}`,
    next: [...(first ? [`\`frota doctor --agent ${first.name}\` finds the cause`] : []), "`frota status` shows where it stands", ...(hint === undefined ? [] : [hint])].join("; "),
    outcome: "timeout",
  });
}

/** How a late agent is: who comes first has the lowest rank, and no reason where what the controller told last says more. */
interface LateState {
  readonly rank: number;
  readonly reason?: string;
}

/** None where the cluster cannot be asked now: what was told before stands. */
async function readStates(cluster: Cluster, namespace: string, names: readonly string[]): Promise<ReadonlyMap<string, LateState>> {
  try {
    const now = new Date();
    const world = await readFleetWorld(cluster, { namespace, declared: names }, now);
    return new Map(fleetReport(world, { names }, now).agents.map((agent) => [agent.name, stateOf(agent)]));
  } catch (error) {
    if (error instanceof FrotaError) return new Map();
    throw error;
  }
}

/** As `frota status` says it. */
function stateOf({ isReady, problems: [said] }: AgentStatus): LateState {
  if (isReady) return { rank: 2 };
  return said ? { rank: isOnItsWay(said) ? 1 : 0, reason: said.message } : { rank: 1 };
}
