import type { Cluster, PortForward } from "../../../cluster/cluster.ts";
import { GATEWAY_PORT } from "../../../render/names.ts";

/** How the engine reaches gateways: never through the API server's proxy, which gateways refuse. */
export type GatewayAccessMode =
  | { readonly type: "pod-ip" }
  | { readonly type: "port-forward" }
  /** Every agent's gateway is there: benches. */
  | { readonly type: "address"; readonly address: string };

/** `pod-ip`, `port-forward`, or `HOST:PORT`; throws RangeError. */
export function parseGatewayAccess(text: string): GatewayAccessMode {
  if (text === "pod-ip" || text === "port-forward") return { type: text };
  if (/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i.test(text)) return { type: "address", address: text };
  throw new RangeError(`not a way to reach gateways: ${text} (write pod-ip, port-forward or HOST:PORT)`);
}

/** A pod that runs a gateway. */
export interface GatewayPod {
  readonly agent: string;
  readonly uid: string;
  readonly name: string;
  readonly ip?: string;
}

/** Port-forwards that are kept open at once: for fleets of a few agents. */
const OPEN = 16;

/** Finds where gateways listen. Port-forwards stay open for the next question to the same pod. */
export class GatewayAccess {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #mode: GatewayAccessMode;
  readonly #forwards = new Map<string, Promise<PortForward>>();

  constructor(cluster: Cluster, namespace: string, mode: GatewayAccessMode) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#mode = mode;
  }

  /** `host:port` of the pod's gateway; undefined while the pod has no address. */
  async addressOf(pod: GatewayPod): Promise<string | undefined> {
    if (this.#mode.type === "address") return this.#mode.address;
    if (this.#mode.type === "port-forward") return (await this.#forward(pod)).address;
    if (pod.ip === undefined) return undefined;
    return `${pod.ip.includes(":") ? `[${pod.ip}]` : pod.ip}:${GATEWAY_PORT.number}`;
  }

  async close(): Promise<void> {
    const forwards = [...this.#forwards.values()];
    this.#forwards.clear();
    await Promise.allSettled(forwards.map(closeForward));
  }

  #forward(pod: GatewayPod): Promise<PortForward> {
    const known = this.#forwards.get(pod.uid);
    if (known) return known;
    if (this.#forwards.size >= OPEN) this.#closeOldest();
    const forward = this.#cluster.portForward(this.#namespace, pod.name, GATEWAY_PORT.number);
    this.#forwards.set(pod.uid, forward);
    forward.catch(() => this.#forwards.delete(pod.uid));
    return forward;
  }

  #closeOldest(): void {
    for (const [uid, forward] of this.#forwards) {
      this.#forwards.delete(uid);
      closeForward(forward).catch(() => undefined);
      return;
    }
  }
}

async function closeForward(forward: Promise<PortForward>): Promise<void> {
  await (await forward).close();
}
