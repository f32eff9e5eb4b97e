import type { Cluster } from "../../cluster/cluster.ts";
import { FrotaError } from "../../spec/error.ts";
import { matchesLabels, type LabelSelector } from "../../spec/label-selector.ts";
import { AGENT_LABEL, type AgentObjects } from "../observe/agent-facts.ts";
import { agentNamesOf, statusOf, type AgentStatus } from "./agent-status.ts";
import { agentShares, readNamespace, type NamespaceObjects } from "../observe/fleet-watch.ts";
import { describeAgents } from "../operated/describe-agents.ts";
import { readOperated, type OperatedFleet } from "../operated/read-operated.ts";
import type { Suspension } from "../operate/suspension.ts";
import { freezesIn, suspensionIn, type Freeze } from "../operated/standstill.ts";
import { unknownAgents } from "../apply/restart-agents.ts";

/** Which agents somebody asks about: all of them when empty. */
export interface AgentChoice {
  readonly names: readonly string[];
  readonly selector?: LabelSelector | undefined;
}

/** What is known of a namespace at one moment. */
export interface FleetWorld {
  readonly namespace: string;
  readonly objects: NamespaceObjects;
  /** Undefined in the plain way. */
  readonly operated: OperatedFleet | undefined;
  /** Agents of the repository, when there is one. */
  readonly declared: readonly string[];
}

/** How a fleet is: the agents that were asked about, and what concerns all of them. */
export interface FleetReport {
  readonly namespace: string;
  readonly agents: readonly AgentStatus[];
  readonly operated: OperatedFleet | undefined;
  /** Of the whole fleet. */
  readonly suspension?: Suspension;
  readonly freezes: readonly Freeze[];
}

/** Reads a namespace once. */
export async function readFleetWorld(cluster: Cluster, { namespace, declared }: Pick<FleetWorld, "namespace" | "declared">, now: Date): Promise<FleetWorld> {
  const [objects, operated] = await Promise.all([readNamespace(cluster, namespace), readOperated(cluster, namespace, now)]);
  return { namespace, objects, operated, declared };
}

/** Says how agents are. Throws AGENT_UNKNOWN (usage) for a name that nobody knows, AGENTS_NOT_NAMED (usage) for names together with a selector. Pure. */
export function fleetReport(world: FleetWorld, choice: AgentChoice, now: Date): FleetReport {
  const { namespace, operated } = world;
  const shareOf = agentShares(world.objects);
  const agents = chosenAgents(world, choice, shareOf).map((name) => {
    const suspension = suspensionIn(operated?.agents.get(name));
    return Object.assign(statusOf(shareOf(name)), suspension && { suspension });
  });
  const suspension = suspensionIn(operated?.resource);
  return {
    namespace,
    agents: describeAgents(agents, operated),
    operated,
    freezes: operated ? freezesIn(operated.resource, now) : [],
    ...(suspension ? { suspension } : {}),
  };
}

/** Names of the agents that were asked about, sorted unless they were named. Throws as {@link fleetReport}. Pure. */
export function chosenAgents(world: FleetWorld, { names, selector }: AgentChoice, shareOf = agentShares(world.objects)): readonly string[] {
  const { objects, operated, declared, namespace } = world;
  const known = agentNamesOf(objects, [...declared, ...(operated?.agents.keys() ?? [])]);
  if (selector === undefined) {
    const missing = names.filter((name) => !known.includes(name));
    if (missing.length > 0) throw unknownAgents(missing, namespace, known);
    return names.length > 0 ? names : known;
  }
  if (names.length > 0) throw namesAndSelector();
  return known.filter((name) => matchesLabels(selector, labelsOf(shareOf(name), operated)));
}

/** AGENTS_NOT_NAMED (usage) for names together with a selector. */
export function namesAndSelector(): FrotaError {
  return new FrotaError({
    code: "AGENTS_NOT_NAMED",
    message: "agents are either named or selected by their labels",
    next: "leave out the names, or -l",
    outcome: "usage",
  });
}

/** The labels of an agent's objects, which are those of its declaration and Frota's own. */
function labelsOf({ name, deployment, claim }: AgentObjects, operated: OperatedFleet | undefined): Readonly<Record<string, string>> {
  return { [AGENT_LABEL]: name, ...operated?.agents.get(name)?.metadata.labels, ...claim?.metadata.labels, ...deployment?.metadata.labels };
}
