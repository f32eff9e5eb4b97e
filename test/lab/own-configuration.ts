import { connect } from "../../src/cluster/cluster.ts";
import { configGet, configPatch } from "../../src/gateway/administration.ts";
import { GatewayClient } from "../../src/gateway/client.ts";
import type { GatewayObject } from "../../src/gateway/exchange.ts";
import { layoutOf, NAMESPACE, object, podOf } from "./lab.ts";

/** Talks to an agent's gateway, as the agent itself would. */
export async function withOwnGateway<Result>(agent: string, work: (gateway: GatewayClient) => Promise<Result>): Promise<Result> {
  const cluster = await connect({ path: layoutOf().kubeconfig });
  const { metadata } = await podOf(agent);
  const { data } = await object<{ data: Record<string, string> }>("secret", `${agent}-env`);
  const token = Buffer.from(data["OPENCLAW_GATEWAY_TOKEN"] ?? "", "base64").toString("utf8");
  const forward = await cluster.portForward(NAMESPACE, metadata.name, 18_789);
  try {
    return await work(new GatewayClient({ address: forward.address, token, agent }));
  } finally {
    await forward.close();
    cluster.close();
  }
}

/** The agent changes its own configuration: a JSON merge patch. Lists that it shortens or removes are named by their dotted paths. */
export async function agentEdits(agent: string, patch: GatewayObject, replacePaths: readonly string[] = []): Promise<void> {
  await withOwnGateway(agent, async (gateway) => {
    const { hash } = await configGet(gateway);
    await configPatch(gateway, { patch, replacePaths, ...(hash === undefined ? {} : { baseHash: hash }) });
  });
}

/** The agent's configuration as it is written on its volume. */
export async function agentHas(agent: string): Promise<GatewayObject> {
  return (await withOwnGateway(agent, configGet)).parsed;
}
