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

/** Which gateways. */
export interface ActivityRequest {
  readonly cluster: Pick<Cluster, "get" | "portForward">;
  readonly namespace: string;
  readonly pods: readonly AskedPod[];
}

/** Gateways that are being asked, while their answers are not needed yet. */
export interface AskedActivities {
  /**
   * Every agent's answer, once all have come, or after so many milliseconds: what has come counts, however long ago it was asked for; who has not
   * answered then is `unknown`, and is asked no more.
   */
  within(limit: number): Promise<ReadonlyMap<string, Activity>>;
  /** Nobody needs the answers any more. */
  end(): void;
}

/** Gateways that are asked at once: each has a tunnel through the API server. */
const AT_ONCE = 32;

const LATE: Activity = { state: "unknown", message: "its gateway did not answer in time" };

/** Begins to ask gateways whether their agents work now. One that cannot be asked is `unknown`, with the reason. */
export function askActivities(request: ActivityRequest): AskedActivities {
  const found = new Map<string, Activity>();
  const end = new AbortController();
  const isLate = Promise.withResolvers<undefined>();
  end.signal.addEventListener("abort", () => isLate.resolve(undefined));
  const asking = concurrently(request.pods, AT_ONCE, async (pod) => {
    if (!end.signal.aborted) found.set(pod.agent, await ask(request, pod, isLate.promise));
  });
  // Told by who waits for the answers; whoever ends before that has another reason.
  asking.catch(() => undefined);
  return {
    async within(limit) {
      const timer = setTimeout(() => end.abort(), limit);
      await Promise.race([asking, isLate.promise]).finally(() => clearTimeout(timer));
      return new Map(request.pods.map(({ agent }) => [agent, found.get(agent) ?? LATE]));
    },
    end: () => end.abort(),
  };
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
