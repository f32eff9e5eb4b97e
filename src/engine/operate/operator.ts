import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../cluster/cluster.ts";
import type { AgentStatus, FleetStatus } from "../../decide/status.ts";
import type { ImageTarget } from "../../decide/world.ts";
import type { RegistryOptions } from "../../registry/client.ts";
import { Announcer } from "./act/announce.ts";
import { GatewayReader } from "./act/check-gateway.ts";
import type { ActContext } from "./act/context.ts";
import { failureOf } from "./act/failure.ts";
import { GatewayAccess, type GatewayAccessMode } from "./act/gateway-access.ts";
import { withPullSecrets } from "./act/registry-options.ts";
import { AgentTurns } from "./agent-turn.ts";
import { ChannelPolls } from "./channel-polls.ts";
import { validFleet } from "./desired.ts";
import type { OnOperatorEvent } from "./event.ts";
import { FleetCache, type ChangedSubject } from "./fleet-cache.ts";
import { FleetTurn } from "./fleet-turn.ts";
import { GatewayPolls } from "./gateway-polls.ts";
import { emptyMemory, type Memory } from "./memory.ts";
import { ON_THE_WAY } from "./progress-budget.ts";
import { WorkQueue, type Handled } from "./queue.ts";
import { agentStatusOf, fleetStatusOf } from "./read-status.ts";
import { secretKey } from "./secret-key.ts";
import { SETTLE } from "./turn.ts";
import { StatusWriter } from "./written-status.ts";

/** What an operator needs. */
export interface OperatorOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly gatewayAccess: GatewayAccessMode;
  readonly registry: RegistryOptions;
  /** Agents that are acted for at once. */
  readonly concurrency: number;
  /** Names this process in Events. */
  readonly identity: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onEvent: OnOperatorEvent;
  /** May abort at any time: whoever acts then must stop at once (the Lease is lost). */
  readonly signal: AbortSignal;
}

/** Key of the fleet's own turn; no agent can be called so. */
const FLEET = "/fleet";
/** Milliseconds between two turns of the fleet, and how many times longer than one of them takes: hundreds of agents change all the time. */
const FLEET_INTERVAL = 250;
const FLEET_PAUSE = 25;
/** Milliseconds that the first turn waits for the registry. */
const FIRST_CHECK = 5_000;

/** Observes, decides and acts for one fleet, until its signal aborts or it is stopped. */
export class Operator {
  readonly cache: FleetCache;
  readonly #options: OperatorOptions;
  readonly #memory: Memory = emptyMemory();
  readonly #context: ActContext;
  readonly #access: GatewayAccess;
  readonly #queue: WorkQueue;
  readonly #statuses: StatusWriter;
  readonly #gatewayPolls: GatewayPolls;
  readonly #channelPolls: ChannelPolls;
  readonly #end = new AbortController();
  readonly #agentTurns: AgentTurns;
  readonly #fleetTurns: FleetTurn;
  #isSynced = false;
  #permits = new Map<string, string>();
  #targets: ReadonlyMap<string, ImageTarget> = new Map();
  #fleetGeneration: unknown;
  #fleetTurnAt = -Infinity;
  #fleetTurnTook = 0;

  private constructor(options: OperatorOptions, digestKey: Uint8Array) {
    this.#options = options;
    const { cluster, namespace, now } = options;
    const signal = AbortSignal.any([options.signal, this.#end.signal]);
    this.#queue = new WorkQueue({
      workers: options.concurrency,
      handle: (key) => this.#handle(key),
      isUrgent: (key) => this.#isUrgent(key),
      onFailure: (key, error, retryIn) => this.#failed(key, error, retryIn),
      onHandled: (_key, waited, took) => options.onEvent({ type: "turn", waited, took }),
    });
    this.cache = FleetCache.start({
      cluster,
      namespace,
      digestKey,
      signal,
      onChange: (subject) => this.#changed(subject),
      onStale: (kind, problem) => options.onEvent({ type: "problem", message: `${kind}: ${problem}` }),
    });
    this.#access = new GatewayAccess(cluster, namespace, options.gatewayAccess);
    const gateways = new GatewayReader(this.cache, this.#access, now);
    const registry = withPullSecrets(options.registry, cluster, namespace, () => validFleet(this.cache)?.spec.image.pullSecrets ?? []);
    const announcer = new Announcer(cluster, options.identity, now);
    this.#context = { cluster, namespace, cache: this.cache, memory: this.#memory, announcer, gateways, registry, now };
    this.#statuses = new StatusWriter(cluster, namespace);
    this.#gatewayPolls = new GatewayPolls(this.#context, (agent) => this.#mark(agent), signal);
    this.#channelPolls = new ChannelPolls(this.#context, () => this.#markAll(), signal);
    const turn = { context: this.#context, statuses: this.#statuses, channels: this.#channelPolls, onEvent: options.onEvent, signal: options.signal };
    this.#agentTurns = new AgentTurns(turn);
    this.#fleetTurns = new FleetTurn(turn);
  }

  /** Reads the fleet as it is, and begins. Throws what the cluster throws for the first reading. */
  static async start(options: OperatorOptions): Promise<Operator> {
    const operator = new Operator(options, await secretKey(options.cluster, options.namespace));
    await operator.cache.synced;
    await operator.#begin();
    return operator;
  }

  /** Agents that wait for their turn. */
  get queueDepth(): number {
    return this.#queue.depth;
  }

  /** Nothing is waiting or under way but what waits for a time. */
  get isIdle(): boolean {
    return this.#queue.depth === 0 && this.#queue.running === 0;
  }

  /** The newest status of each declared agent; absent for one that was not looked at yet. */
  agentStatus(agent: string): AgentStatus | undefined {
    const resource = this.cache.agent(agent);
    return resource && agentStatusOf(this.#statuses.newest(resource));
  }

  /** The newest status of the Fleet. */
  fleetStatus(): FleetStatus | undefined {
    const resource = this.cache.fleet();
    return resource && fleetStatusOf(this.#statuses.newest(resource));
  }

  /** Takes up nothing new, ends the actions in hand, and lets go of the cluster. */
  async stop(): Promise<void> {
    await this.#queue.stop();
    this.#end.abort();
    await this.#access.close();
  }

  async #begin(): Promise<void> {
    // A registry that does not answer must not keep the fleet waiting.
    await Promise.race([this.#channelPolls.check(), sleep(FIRST_CHECK, undefined, { ref: false })]);
    this.#isSynced = true;
    this.#markAll();
    this.#gatewayPolls.start();
    this.#channelPolls.start();
  }

  #changed(subject: ChangedSubject): void {
    // Before everything was read, everything looks as if it were missing.
    if (!this.#isSynced) return;
    if (subject === "fleet") this.#fleetChanged();
    else this.#mark(subject.agent);
  }

  #mark(agent: string): void {
    // What comes in a burst is one turn.
    this.#queue.addAfter(agent, SETTLE / 5);
    this.#markFleet();
  }

  #markFleet(): void {
    const pause = Math.max(FLEET_INTERVAL, this.#fleetTurnTook * FLEET_PAUSE);
    this.#queue.addAfter(FLEET, Math.max(SETTLE / 5, this.#fleetTurnAt + pause - performance.now()));
  }

  #markAll(): void {
    for (const agent of this.cache.agentNames()) this.#queue.add(agent);
    this.#queue.add(FLEET);
  }

  /** Agents look at the Fleet's declaration, their own permit and their channel's target; nothing else that is shared. */
  #fleetChanged(): void {
    const resource = this.cache.fleet();
    const generation = resource && JSON.stringify([resource.metadata["generation"], resource.metadata.annotations ?? {}]);
    if (generation !== this.#fleetGeneration) {
      this.#fleetGeneration = generation;
      this.#channelPolls.soon();
      this.#markAll();
      return;
    }
    const data = this.cache.ledger()?.["data"];
    const permits = new Map(Object.entries(data ?? {}).map(([agent, permit]) => [agent, String(permit)]));
    for (const agent of new Set([...permits.keys(), ...this.#permits.keys()])) {
      if (permits.get(agent) !== this.#permits.get(agent)) this.#queue.add(agent);
    }
    this.#permits = permits;
    this.#markFleet();
  }

  /** What is begun is finished first; and what the fleet shares, which everybody waits for. */
  #isUrgent(key: string): boolean {
    if (key === FLEET || this.#permits.has(key)) return true;
    const isBegun = this.cache.object("PersistentVolumeClaim", key) !== undefined;
    const phase = this.agentStatus(key)?.phase;
    return isBegun && (phase === undefined || ON_THE_WAY.has(phase));
  }

  async #handle(key: string): Promise<Handled> {
    if (this.#options.signal.aborted) return {};
    return key === FLEET ? this.#fleetTurn() : this.#agentTurns.run(key);
  }

  #failed(key: string, error: unknown, retryIn: number): void {
    const { code, message } = failureOf(error, this.#options.now());
    this.#options.onEvent({ type: "failed", ...(key === FLEET ? {} : { agent: key }), code, message, retryIn });
  }

  async #fleetTurn(): Promise<Handled> {
    this.#fleetTurnAt = performance.now();
    const { targets, thought, again } = await this.#fleetTurns.run();
    this.#fleetTurnTook = thought;
    if (targets) this.#takeTargets(targets);
    return again === undefined ? {} : { again };
  }

  #takeTargets(targets: ReadonlyMap<string, ImageTarget>): void {
    const isSame = targets.size === this.#targets.size && [...targets].every(([tag, { digest }]) => this.#targets.get(tag)?.digest === digest);
    this.#targets = targets;
    if (!isSame) for (const agent of this.cache.agentNames()) this.#queue.add(agent);
  }
}
