import type { Cluster, PortForward } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { AGENT_LABEL, podFacts } from "../observe/agent-facts.ts";
import type { AgentsWatch } from "../logs/pod-log.ts";
import { containerRestartWords, replacementWords } from "../logs/restart-words.ts";
import { ObjectsWatch } from "../observe/objects-watch.ts";

/** A port of an agent to forward, whichever pod it has. */
export interface AgentForwardRequest {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agent: string;
  /** The pod that is there now. */
  readonly pod: string;
  readonly port: number;
  /** A free one when absent. Throws PORT_IN_USE. */
  readonly localPort?: number;
  /** The agent is ready again after a restart; why it was, where it is known. */
  readonly onRestart: (why: string | undefined) => void;
  readonly onDisconnected: (reason: string) => void;
}

/** Milliseconds that a connection waits for a pod that is ready: a browser waits no longer. */
const PATIENCE = 60_000;

/** Forwards a local port to an agent's pod, and to the next one when it restarts: connections meanwhile wait for it. */
export async function forwardAgent(request: AgentForwardRequest): Promise<PortForward> {
  const { cluster, namespace, agent, onDisconnected } = request;
  const selection = { namespace, labelSelector: `${AGENT_LABEL}=${agent}` };
  const watch: AgentsWatch = ObjectsWatch.start(cluster, {
    followed: [
      { name: "pods", kind: { apiVersion: "v1", kind: "Pod" }, selection },
      { name: "deployments", kind: { apiVersion: "apps/v1", kind: "Deployment" }, selection },
    ],
    objects: { pods: new Map(), deployments: new Map() },
    onDisconnected,
  });
  const ended = new AbortController();
  try {
    const podNow = async () => (await watch.until(({ pods }) => readyPod(pods), AbortSignal.any([ended.signal, AbortSignal.timeout(PATIENCE)]))).metadata.name;
    const { localPort } = request;
    const forward = await cluster.portForward(namespace, request.pod, request.port, { podNow, ...(localPort === undefined ? {} : { localPort }) });
    void tellRestarts(request, watch, ended.signal);
    return {
      address: forward.address,
      async close() {
        ended.abort();
        watch.stop();
        await forward.close();
      },
    };
  } catch (error) {
    watch.stop();
    throw error;
  }
}

async function tellRestarts({ agent, onRestart }: AgentForwardRequest, watch: AgentsWatch, signal: AbortSignal): Promise<void> {
  try {
    let before = await watch.until(({ pods }) => readyPod(pods), signal);
    for (;;) {
      const last = before;
      const [now, deployment] = await watch.until(({ pods, deployments }) => {
        const pod = readyPod(pods);
        return pod && instanceOf(pod) !== instanceOf(last) ? ([pod, deployments.get(agent)] as const) : undefined;
      }, signal);
      onRestart(now.metadata["uid"] === last.metadata["uid"] ? containerRestartWords(now) : replacementWords(last, now, deployment));
      before = now;
    }
  } catch {
    // The forward itself says what is wrong, to who uses it.
  }
}

function readyPod(pods: ReadonlyMap<string, Manifest>): Manifest | undefined {
  return [...pods.values()].find((pod) => podFacts(pod).isReady && !podFacts(pod).isTerminating);
}

function instanceOf(pod: Manifest): string {
  return `${String(pod.metadata["uid"])}/${podFacts(pod).restarts}`;
}

/** Whether the local port was taken already. */
export function isPortInUse(error: unknown): boolean {
  return error instanceof FrotaError && error.code === "PORT_IN_USE";
}
