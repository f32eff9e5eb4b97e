import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { mergeDefaults } from "../../spec/merge.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { textsAt } from "../../spec/plain-field.ts";
import { FLEET_KIND } from "../operate/resource-kinds.ts";
import type { RestartedAgent } from "../secrets/require-secrets.ts";
import { requireAgents } from "./require-agents.ts";

/**
 * These agents with the keys that they are declared to require: their controller restarts them as they are declared, whatever they run as until
 * then. Throws AGENT_UNKNOWN.
 */
export async function declaredAgents(cluster: Cluster, namespace: string, names: readonly string[]): Promise<readonly RestartedAgent[]> {
  const [agents, [fleet]] = await Promise.all([requireAgents(cluster, namespace, names), cluster.list(FLEET_KIND, { namespace })]);
  return agents.map((agent) => ({ name: agent.metadata.name, required: requiredKeys(fleet, agent) }));
}

function requiredKeys(fleet: Manifest | undefined, agent: Manifest): readonly string[] {
  return textsAt(mergeDefaults(valueAt(fleet, ["spec", "defaults"]), agent["spec"]), "secrets", "required");
}
