import { currentPods, type PodFacts } from "../../engine/observe/agent-facts.ts";
import { agentObjects, readNamespace } from "../../engine/observe/fleet-watch.ts";
import { unknownAgents } from "../../engine/apply/restart-agents.ts";
import { agentNamesOf } from "../../engine/status/agent-status.ts";
import type { NamespaceTarget } from "./namespace-target.ts";

/** The pods of an agent's present template, the one that counts first. Throws AGENT_UNKNOWN. */
export async function podsOfAgent({ cluster, namespace, declared }: NamespaceTarget, agent: string): Promise<readonly PodFacts[]> {
  const present = await readNamespace(cluster, namespace);
  const objects = agentObjects(present, agent);
  if (objects.deployment) return currentPods(objects);
  throw unknownAgents([agent], namespace, agentNamesOf(present, declared));
}

/** Why an agent's pod is not as it should be, in words. */
export function podTrouble(pod: PodFacts | undefined): string {
  if (!pod) return "it has no pod";
  if (pod.isTerminating) return `its pod ${pod.name} is stopping`;
  return pod.waiting?.message ?? pod.waiting?.reason ?? pod.unschedulable ?? `its pod ${pod.name} is ${pod.phase}, not Ready yet`;
}
