import { currentPods, type PodFacts } from "../../engine/observe/agent-facts.ts";
import { agentObjects, readNamespace } from "../../engine/observe/fleet-watch.ts";
import { unknownAgents } from "../../engine/apply/restart-agents.ts";
import { unknownAgent } from "../../engine/repository/select-agents.ts";
import type { NamespaceTarget } from "./namespace-target.ts";

/** The pods of an agent's present template, the one that counts first. Throws AGENT_UNKNOWN. */
export async function podsOfAgent({ cluster, namespace, declared }: NamespaceTarget, agent: string): Promise<readonly PodFacts[]> {
  const objects = agentObjects(await readNamespace(cluster, namespace), agent);
  if (objects.deployment) return currentPods(objects);
  if (declared.length === 0 || declared.includes(agent)) throw unknownAgents([agent], namespace);
  throw unknownAgent(agent, declared);
}

/** Why an agent's pod is not as it should be, in words. */
export function podTrouble(pod: PodFacts | undefined): string {
  if (!pod) return "it has no pod";
  if (pod.isTerminating) return `its pod ${pod.name} is stopping`;
  return pod.waiting?.message ?? pod.waiting?.reason ?? pod.unschedulable ?? `its pod ${pod.name} is ${pod.phase}, not Ready yet`;
}
