import type { Cluster } from "../../cluster/cluster.ts";
import { unknownAgents } from "../restart-agents.ts";
import { AGENT_KIND } from "./resource-kinds.ts";

/** Throws AGENT_UNKNOWN (usage), as the plain way does, before anything is asked of agents that the namespace does not have. */
export async function requireAgents(cluster: Cluster, namespace: string, names: readonly string[]): Promise<void> {
  const known = new Set((await cluster.list(AGENT_KIND, { namespace })).map(({ metadata }) => metadata.name));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) throw unknownAgents(missing, namespace);
}
