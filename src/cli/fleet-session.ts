import { connect, type Cluster } from "../cluster/cluster.ts";
import { FrotaError } from "../spec/error.ts";
import type { AgentSource, FleetSource } from "../spec/repository.ts";
import { suggestName } from "../spec/suggestion.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "./context.ts";
import { readFleet } from "./read-fleet.ts";
import { resolveTarget, type Target } from "./target.ts";

/** A fleet repository together with the cluster that it runs in. */
export interface FleetSession {
  readonly target: Target;
  readonly cluster: Cluster;
  /** As this target runs it. */
  readonly source: FleetSource;
  readonly namespace: string;
}

/**
 * Reads the repository, chooses the cluster, and runs `work` with both; closes the connection after it.
 * The API server is first contacted by the first call.
 */
export async function withFleet<Result>(
  context: CliContext,
  flags: ClusterFlags,
  work: (session: FleetSession) => Promise<Result>,
): Promise<Result> {
  const { source } = await readFleet(context.cwd, flags.repo);
  const target = await resolveTarget(flags, context.process.env);
  const cluster = await connect(target.kubeconfig);
  const namespace = flags.namespace ?? source.fleet.metadata.namespace;
  try {
    return await work({ target, cluster, namespace, source: target.overlay(source) });
  } finally {
    cluster.close();
  }
}

/** The agents of these names, in their order; all of them when none is named. Throws AGENT_UNKNOWN. */
export function selectAgents(source: FleetSource, names: readonly string[]): readonly AgentSource[] {
  if (names.length === 0) return source.agents;
  return [...new Set(names)].map((name) => {
    const found = source.agents.find(({ agent }) => agent.metadata.name === name);
    if (found) return found;
    throw new FrotaError({
      code: "AGENT_UNKNOWN",
      message: `the fleet has no agent ${name}`,
      next: suggestName(name, source.agents.map(({ agent }) => agent.metadata.name)),
      outcome: "usage",
    });
  });
}
