import { gatewayToken } from "../../engine/gateway/gateway-token.ts";
import { GatewayClient } from "../../gateway/client.ts";
import { GATEWAY_PORT } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import { podsOfAgent, podTrouble } from "./agent-pods.ts";
import type { NamespaceTarget } from "./namespace-target.ts";

/** Where an agent's gateway is, and what opens it. */
export interface GatewayAccess {
  readonly pod: string;
  readonly token: string;
}

/** Finds the pod that serves the agent now, and the token of its gateway. Throws AGENT_UNKNOWN, AGENT_NOT_READY, GATEWAY_TOKEN_MISSING. */
export async function findGateway(world: NamespaceTarget, agent: string): Promise<GatewayAccess> {
  const pod = await readyPod(world, agent);
  return { pod, token: await gatewayToken(world.cluster, world.namespace, agent) };
}

/** Runs `work` with the agent's gateway, through a port-forward that ends with it. */
export async function withGateway<Result>(
  { cluster, namespace }: NamespaceTarget,
  agent: string,
  { pod, token }: GatewayAccess,
  work: (gateway: GatewayClient) => Promise<Result>,
): Promise<Result> {
  const forward = await cluster.portForward(namespace, pod, GATEWAY_PORT.number);
  try {
    return await work(new GatewayClient({ address: forward.address, token, agent }));
  } finally {
    await forward.close();
  }
}

/** The pod that serves the agent now. Throws AGENT_UNKNOWN, AGENT_NOT_READY. */
export async function readyPod(world: NamespaceTarget, agent: string): Promise<string> {
  const pods = await podsOfAgent(world, agent);
  const ready = pods.find((pod) => pod.isReady && !pod.isTerminating);
  if (ready) return ready.name;
  throw new FrotaError({
    code: "AGENT_NOT_READY",
    message: `${agent} is not ready to talk: ${podTrouble(pods[0])}`,
    where: { kind: "Deployment", namespace: world.namespace, name: agent },
    next: `frota status ${agent}`,
  });
}
