import type { GatewayFacts } from "../../../decide/world.ts";
import { GatewayClient } from "../../../gateway/client.ts";
import type { GatewayEndpoint } from "../../../gateway/exchange.ts";
import type { HealthBaseline } from "../../../gateway/health.ts";
import { readGateway } from "../../../gateway/reading.ts";
import type { FleetCache } from "../fleet-cache.ts";
import type { KeptPod } from "../slim-pod.ts";
import type { GatewayAccess } from "./gateway-access.ts";

/** Asks agents' gateways how they are, and remembers how each was when it was well. */
export class GatewayReader {
  readonly #cache: FleetCache;
  readonly #access: GatewayAccess;
  readonly #now: () => number;
  readonly #baselines = new Map<string, HealthBaseline>();

  constructor(cache: FleetCache, access: GatewayAccess, now: () => number) {
    this.#cache = cache;
    this.#access = access;
    this.#now = now;
  }

  /**
   * What the agent's gateway says; undefined while no pod of it is ready. `activity`: see `ReadingOptions`. Never throws for a gateway
   * that does not answer.
   */
  async read(agent: string, depth: "light" | "full", activity = false): Promise<GatewayFacts | undefined> {
    const pod = this.servingPod(agent);
    if (!pod) return undefined;
    const common = { podUid: pod.facts.uid, restarts: pod.facts.restarts, depth };
    const endpoint = await this.#endpoint(agent, pod).catch(() => undefined);
    if (!endpoint) return { ...common, checkedAt: this.#now(), state: "unknown", problems: ["its pod cannot be reached"], activity: "unknown" };
    const before = this.#baselines.get(agent);
    const { baseline, ...reading } = await readGateway(endpoint, depth, { ...(before && { before }), isAboutToStop: activity });
    if (baseline && reading.state === "healthy") this.#baselines.set(agent, baseline);
    return { ...common, checkedAt: this.#now(), state: reading.state, problems: reading.problems, activity: reading.activity };
  }

  /** The agent's running gateway; undefined while no pod of it can be reached. */
  async client(agent: string): Promise<GatewayClient | undefined> {
    const pod = this.servingPod(agent);
    const endpoint = pod && (await this.#endpoint(agent, pod));
    return endpoint && new GatewayClient(endpoint);
  }

  /** The newest pod of the agent that runs and is not on its way out: a ready one before others. */
  servingPod(agent: string): KeptPod | undefined {
    const pods = this.#cache.pods(agent).filter(({ facts }) => facts.isReady && !facts.isTerminating && !facts.isFinished);
    return pods.toSorted((one, other) => other.facts.createdAt - one.facts.createdAt)[0];
  }

  forget(agent: string): void {
    this.#baselines.delete(agent);
  }

  async #endpoint(agent: string, { facts, address }: KeptPod): Promise<GatewayEndpoint | undefined> {
    const pod = { agent, uid: facts.uid, name: facts.name, ...(address === undefined ? {} : { ip: address }) };
    const found = await this.#access.addressOf(pod);
    const token = this.#cache.gatewayToken(agent);
    return found === undefined ? undefined : { agent, address: found, ...(token === undefined ? {} : { token }) };
  }
}
