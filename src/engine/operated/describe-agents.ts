import type { Manifest } from "../../render/manifest.ts";
import type { AgentStatus } from "../status/agent-status.ts";
import type { Problem } from "../observe/readiness.ts";
import { agentStatusOf } from "../operate/read-status.ts";
import type { OperatedFleet } from "./read-operated.ts";
import { conditionOf, standingOf } from "./resource-status.ts";

/** Conditions that tell, beside Ready, why an agent is not all that it should be. */
const FURTHER = ["ImageCurrent", "ConfigCurrent", "SecretsCurrent"] as const;

/** Reasons of Ready with which the controller says no more than that it waits for a pod: what keeps that from starting is in the cluster's own words. */
const ON_ITS_WAY: ReadonlySet<string> = new Set(["Creating", "NoPod", "Starting"]);

/** Whether this says no more than that an agent is about to start. Pure. */
export function isOnItsWay({ reason }: Pick<Problem, "reason">): boolean {
  return ON_ITS_WAY.has(reason);
}

/**
 * What the cluster's objects say of agents, with what the controller says of them: its phase and its words, which know the reason
 * behind. Agents without a resource stay as they are, and so do all where no controller is live: what the last one wrote is old.
 */
export function describeAgents(agents: readonly AgentStatus[], operated: Pick<OperatedFleet, "agents" | "isLive"> | undefined): readonly AgentStatus[] {
  if (!operated?.isLive) return agents;
  return agents.map((agent) => {
    const resource = operated.agents.get(agent.name);
    const status = agentStatusOf(resource);
    return resource && status ? described(agent, resource, status.phase) : agent;
  });
}

function described(agent: AgentStatus, resource: Manifest, phase: string): AgentStatus {
  const isReady = agent.isReady && conditionOf(resource, "Ready")?.status === "True";
  const problems = problemsOf(resource, agent.problems);
  const isSettled = isReady && standingOf(resource) === "ready";
  return { ...agent, isReady, state: phase, problems: isSettled && problems.length === 0 ? agent.problems : problems };
}

function problemsOf(resource: Manifest, inCluster: readonly Problem[]): readonly Problem[] {
  const stalled = conditionOf(resource, "Stalled");
  const ready = conditionOf(resource, "Ready");
  const first = stalled?.status === "True" ? stalled : ready?.status === "True" ? undefined : ready;
  const further = FURTHER.map((type) => conditionOf(resource, type)).filter((condition) => condition?.status === "False");
  const told = new Map([first, ...further].filter((condition) => condition !== undefined).map((condition) => [condition.message, condition]));
  const problems = Array.from(told.values(), ({ reason, message }) => ({ reason, message, fatal: stalled?.status === "True" }));
  const isExplained = first !== undefined && isOnItsWay(first) && inCluster.length > 0;
  // Not fatal before the controller gives it up.
  return isExplained ? [...inCluster.map((problem) => ({ ...problem, fatal: false })), ...problems.slice(1)] : problems;
}
