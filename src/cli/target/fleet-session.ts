import { connect, type Cluster } from "../../cluster/cluster.ts";
import { namesAndSelector } from "../../engine/status/fleet-report.ts";
import { selectAgents } from "../../engine/repository/select-agents.ts";
import { agentLabels } from "../../render/labels.ts";
import { FrotaError } from "../../spec/error.ts";
import { matchesLabels, type LabelSelector } from "../../spec/label-selector.ts";
import type { AgentSource, FleetSource } from "../../spec/repository.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { chooseNamespace } from "./namespace-target.ts";
import { readFleet, type FleetRepository } from "./read-fleet.ts";
import { resolveTarget, type Target } from "./target.ts";

/** A fleet repository together with the cluster that it runs in. */
export interface FleetSession {
  readonly target: Target;
  readonly cluster: Cluster;
  /** As its files are. */
  readonly repository: FleetRepository;
  /** As this target runs it. */
  readonly source: FleetSource;
  /** Those of `source` that the command is about. */
  readonly agents: readonly AgentSource[];
  readonly namespace: string;
}

/**
 * Reads the repository, chooses the cluster, and runs `work` with both; closes the connection after it. The API server is
 * first contacted by the first call, unless `-n` names another namespace than the repository's (NAMESPACE_UNKNOWN). `names` are
 * the agents that the command is about: none means all, and a name that is not in the repository is told (AGENT_UNKNOWN) before
 * a missing cluster is. With a selector it is about those with such labels.
 */
export async function withFleet<Result>(
  context: CliContext,
  flags: ClusterFlags & { readonly selector?: LabelSelector },
  names: readonly string[],
  work: (session: FleetSession) => Promise<Result>,
): Promise<Result> {
  const repository = await readFleet(context.cwd, flags.repo);
  selectAgents(repository.source.agents, names);
  if (flags.selector !== undefined && names.length > 0) throw namesAndSelector();
  const target = await resolveTarget(flags, context.process.env);
  const source = target.overlay(repository.source);
  const agents = withLabels(selectAgents(source.agents, names), source, flags.selector);
  const cluster = await connect(target.kubeconfig);
  const namespace = await chooseNamespace(cluster, flags, source.fleet.metadata.namespace);
  try {
    return await work({ target, cluster, repository, namespace, source, agents });
  } finally {
    cluster.close();
  }
}

/** Throws AGENT_UNKNOWN (usage) where nobody has them: no agents must never come to mean all of them. */
function withLabels(agents: readonly AgentSource[], { fleet }: FleetSource, selector: LabelSelector | undefined): readonly AgentSource[] {
  if (selector === undefined) return agents;
  const found = agents.filter(({ agent }) => matchesLabels(selector, agentLabels(fleet, agent)));
  if (found.length > 0) return found;
  throw new FrotaError({
    code: "AGENT_UNKNOWN",
    message: `no agent of the fleet repository has labels ${selector.text}`,
    next: "labels are in agent.yaml: metadata.labels",
    outcome: "usage",
  });
}
