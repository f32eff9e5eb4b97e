import type { Cluster } from "../../cluster/cluster.ts";
import { readActivity } from "../../gateway/reading.ts";
import type { Activity } from "../../plan/fleet-plan.ts";
import { GATEWAY_PORT } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import { concurrently } from "../concurrently.ts";
import { gatewayToken } from "./gateway-token.ts";

/** An agent's pod whose gateway is asked. */
interface AskedPod {
  readonly agent: string;
  readonly pod: string;
}

/** Which gateways, and for how long. */
export interface ActivityRequest {
  readonly cluster: Pick<Cluster, "get" | "portForward">;
  readonly namespace: string;
  readonly pods: readonly AskedPod[];
  /** Milliseconds for all of them: who has not answered by then is `unknown`. */
  readonly limit: number;
}

/** Gateways that are asked at once: each has a tunnel through the API server. */
const AT_ONCE = 32;

const LATE: Activity = { state: "unknown", message: "its gateway did not answer in time" };

/** Asks gateways whether their agents work now. Never throws for one that cannot be asked, and never takes longer than the limit. */
export async function readActivities(request: ActivityRequest): Promise<ReadonlyMap<string, Activity>> {
  const found = new Map<string, Activity>();
  const late = AbortSignal.timeout(request.limit);
  const isLate = Promise.withResolvers<undefined>();
  late.addEventListener("abort", () => isLate.resolve(undefined));
  const asking = concurrently(request.pods, AT_ONCE, async (pod) => {
    if (!late.aborted) found.set(pod.agent, await ask(request, pod, isLate.promise));
  });
  await Promise.race([asking, isLate.promise]);
  return new Map(request.pods.map(({ agent }) => [agent, found.get(agent) ?? LATE]));
}

async function ask({ cluster, namespace }: ActivityRequest, { agent, pod }: AskedPod, isLate: Promise<undefined>): Promise<Activity> {
  try {
    const token = await gatewayToken(cluster, namespace, agent);
    const forward = await cluster.portForward(namespace, pod, GATEWAY_PORT.number);
    try {
      // What is still asked then ends with the tunnel.
      const answer = await Promise.race([readActivity({ agent, address: forward.address, token }), isLate]);
      return answer ? { state: answer.activity, message: answer.message } : LATE;
    } finally {
      await forward.close();
    }
  } catch (error) {
    if (!(error instanceof FrotaError)) throw error;
    // Told of many agents at once: their names are not in it.
    return { state: "unknown", message: error.message.replace(`the gateway of ${agent}`, "its gateway").replace(/\.$/, "") };
  }
}
