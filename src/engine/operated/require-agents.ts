import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { unknownAgents } from "../apply/restart-agents.ts";
import { AGENT_KIND } from "../operate/resource-kinds.ts";

/** The agents' resources. Throws AGENT_UNKNOWN (usage), as the plain way does, before anything is asked of agents that the namespace does not have. */
export async function requireAgents(cluster: Cluster, namespace: string, names: readonly string[]): Promise<readonly Manifest[]> {
  const known = new Map((await cluster.list(AGENT_KIND, { namespace })).map((agent) => [agent.metadata.name, agent]));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) throw unknownAgents(missing, namespace, [...known.keys()]);
  return names.flatMap((name) => known.get(name) ?? []);
}
