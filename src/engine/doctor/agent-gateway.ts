import type { Cluster } from "../../cluster/cluster.ts";
import { GatewayClient } from "../../gateway/client.ts";
import { channelStates, gatewayHealth } from "../../gateway/health.ts";
import type { GatewayObservation } from "../../plan/diagnosis/observation.ts";
import type { Observed } from "../../plan/secret-observations.ts";
import { GATEWAY_PORT } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import { look, unknown } from "./look.ts";

/** Milliseconds: a gateway's first answers after its start were measured to take up to 11 s. */
const LIMIT = 20_000;

/** A gateway to ask. */
export interface AskedGateway {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly pod: string;
  readonly agent: string;
  /** Its token, or why there is none. */
  readonly token: Observed<string>;
}

/** Asks the gateway in a pod how it is, through a port-forward that ends with it. */
export async function observeGateway(asked: AskedGateway): Promise<Observed<GatewayObservation>> {
  const { cluster, namespace, pod } = asked;
  const forward = await look(() => cluster.portForward(namespace, pod, GATEWAY_PORT.number));
  if (forward.state !== "found") return forward;
  try {
    return await look(() => ask(asked, forward.value.address), { limit: LIMIT });
  } finally {
    await forward.value.close();
  }
}

async function ask({ agent, token }: AskedGateway, address: string): Promise<GatewayObservation> {
  const gateway = new GatewayClient({ address, agent, ...(token.state === "found" && { token: token.value }) });
  const startup = await gateway.startup();
  const ready = await gateway.ready();
  const common = { startup: startup.state, failing: ready.ok ? [] : ready.failing };
  if (!startup.ok) return { ...common, rpc: unknown(`its gateway is ${startup.state}`) };
  if (token.state !== "found") return { ...common, rpc: unknown(token.state === "unknown" ? token.reason : "the Secret has no OPENCLAW_GATEWAY_TOKEN") };
  try {
    return { ...common, rpc: { state: "found", value: await askRpc(gateway) } };
  } catch (error) {
    if (!(error instanceof FrotaError)) throw error;
    const refusal = REFUSALS.find((code) => code === error.code);
    return { ...common, ...(refusal && { refusal }), rpc: unknown(error.message) };
  }
}

const REFUSALS = ["GATEWAY_UNAUTHORIZED", "GATEWAY_RPC_DISABLED"] as const;

const STARTED = { ok: true, state: "started", failing: [] } as const;

async function askRpc(gateway: GatewayClient) {
  // The first alone: when the token is wrong, one refusal is enough.
  const health = await gateway.rpc("health");
  const [modelAuth, models, channels] = await Promise.all([gateway.rpc("models.authStatus"), gateway.rpc("models.list"), gateway.rpc("channels.status")]);
  const { modelProblems } = gatewayHealth({ startup: STARTED, modelAuth, models });
  const { problems } = gatewayHealth({ startup: STARTED, health });
  return { modelProblems, problems, channels: channelStates(channels) };
}
