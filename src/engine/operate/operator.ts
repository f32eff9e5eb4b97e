import type { Cluster } from "../../cluster/cluster.ts";
import { delay } from "../../cluster/transport.ts";
import { admit } from "../../decide/admit.ts";
import { decide } from "../../decide/decide.ts";
import type { AgentAction } from "../../decide/action.ts";
import type { AgentStatus, FleetStatus } from "../../decide/status.ts";
import type { AgentWorld, ImageTarget } from "../../decide/world.ts";
import type { RegistryOptions } from "../../registry/client.ts";
import { actForAgent, actForFleet } from "./act/act.ts";
import { Announcer } from "./act/announce.ts";
import { GatewayReader } from "./act/check-gateway.ts";
import type { ActContext } from "./act/context.ts";
import { failureOf, isStale } from "./act/failure.ts";
import { GatewayAccess, type GatewayAccessMode } from "./act/gateway-access.ts";
import { withPullSecrets } from "./act/registry-options.ts";
import { ChannelPolls } from "./channel-polls.ts";
import { desiredFleet } from "./desired.ts";
import type { OnOperatorEvent } from "./event.ts";
import { FleetCache, type ChangedSubject } from "./fleet-cache.ts";
import { GatewayPolls } from "./gateway-polls.ts";
import { emptyMemory, type Memory } from "./memory.ts";
import { observeAgent, observeFleet } from "./observe.ts";
import { ProgressBudget } from "./progress-budget.ts";
import { WorkQueue, type Handled } from "./queue.ts";
import { secretKey } from "./secret-key.ts";
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
/** Milliseconds. What an agent's own writes bring back through the watches is taken together. */
const SETTLE = 150;
/** Milliseconds after acting until it is checked, should no watch tell of it. */
const VERIFY = 2_000;
/** Milliseconds between two turns of the fleet; more where one takes long. */
const FLEET_INTERVAL = 250;
/** Milliseconds between two writes of the Fleet's status: while hundreds of agents move, its counts change all the time. */
const FLEET_STATUS_INTERVAL = 2_000;
/** Milliseconds until a status that had to wait is looked at again. */
const TELL_LATER = 2_000;
/** Milliseconds that the first turn waits for the registry. */
const FIRST_CHECK = 5_000;
/** Milliseconds until what only a change mends is tried again nevertheless. */
const TERMINAL_RETRY = 300_000;

/** Observes, decides and acts for one fleet, until its signal aborts or it is stopped. */
export class Operator {
  readonly cache: FleetCache;
  readonly #options: OperatorOptions;
  readonly #memory: Memory = emptyMemory();
  readonly #context: ActContext;
  readonly #access: GatewayAccess;
  readonly #queue: WorkQueue;
  readonly #statuses: StatusWriter;
  readonly #progress = new ProgressBudget(() => performance.now());
  readonly #gatewayPolls: GatewayPolls;
  readonly #channelPolls: ChannelPolls;
  readonly #end = new AbortController();
  /** By agent: until then its own last writes may not have come back. */
  readonly #holds = new Map<string, number>();
  /** Whose status was told of. */
  readonly #seen = new Set<string>();
  #isSynced = false;
  #permits = new Map<string, string>();
  #targets: ReadonlyMap<string, ImageTarget> = new Map();
  #fleetGeneration: unknown;
  #fleetTurnAt = -Infinity;
  #fleetTurnTook = 0;
  #fleetToldAt = -Infinity;

  private constructor(options: OperatorOptions, digestKey: Uint8Array) {
    this.#options = options;
    const { cluster, namespace, now } = options;
    const signal = AbortSignal.any([options.signal, this.#end.signal]);
    this.#queue = new WorkQueue({
      workers: options.concurrency,
      handle: (key) => this.#handle(key),
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
    const registry = withPullSecrets(options.registry, cluster, namespace, () => this.#fleet()?.spec.image.pullSecrets ?? []);
    const announcer = new Announcer(cluster, options.identity, now);
    this.#context = { cluster, namespace, cache: this.cache, memory: this.#memory, announcer, gateways, registry, now };
    this.#statuses = new StatusWriter(cluster, namespace);
    this.#gatewayPolls = new GatewayPolls(this.#context, (agent) => this.#mark(agent), signal);
    this.#channelPolls = new ChannelPolls(this.#context, () => this.#markAll(), signal);
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
    return resource && this.#statuses.newest<AgentStatus>(resource);
  }

  /** The newest status of the Fleet. */
  fleetStatus(): FleetStatus | undefined {
    const resource = this.cache.fleet();
    return resource && this.#statuses.newest<FleetStatus>(resource);
  }

  /** Takes up nothing new, ends the actions in hand, and lets go of the cluster. */
  async stop(): Promise<void> {
    await this.#queue.stop();
    this.#end.abort();
    await this.#access.close();
  }

  async #begin(): Promise<void> {
    // A registry that does not answer must not keep the fleet waiting.
    await Promise.race([this.#channelPolls.check(), delay(FIRST_CHECK)]);
    this.#isSynced = true;
    this.#markAll();
    this.#gatewayPolls.start();
    this.#channelPolls.start();
  }

  #fleet() {
    const fleet = desiredFleet(this.cache);
    return fleet && !("invalid" in fleet) ? fleet : undefined;
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
    const pause = Math.max(FLEET_INTERVAL, this.#fleetTurnTook * 10);
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

  async #handle(key: string): Promise<Handled> {
    if (this.#options.signal.aborted) return {};
    return key === FLEET ? this.#fleetTurn() : this.#agentTurn(key);
  }

  #failed(key: string, error: unknown, retryIn: number): void {
    const { code, message } = failureOf(error, this.#options.now());
    this.#options.onEvent({ type: "failed", ...(key === FLEET ? {} : { agent: key }), code, message, retryIn });
  }

  #world(agent: string): AgentWorld {
    const world = observeAgent(this.cache, this.#memory, agent, this.#options.now());
    const resource = this.cache.agent(agent);
    const newest = resource && this.#statuses.newest<AgentStatus>(resource);
    return newest && newest !== world.previous ? { ...world, previous: newest } : world;
  }

  async #agentTurn(agent: string): Promise<Handled> {
    const { now } = this.#options;
    const hold = (this.#holds.get(agent) ?? 0) - performance.now();
    if (hold > 0) return { again: hold };
    const world = this.#world(agent);
    if (!world.declared && !this.cache.agentNames().includes(agent)) return this.#forget(agent);
    const { actions, status, wakeAt } = decide(world, now());
    const failure = await this.#act(agent, actions);
    if (actions.some(isWrite)) this.#holds.set(agent, performance.now() + SETTLE);
    if (failure !== undefined) return this.#agentFailed(agent, failure);
    this.#memory.failures.delete(agent);
    const isTold = !status || (await this.#writeStatus(agent, status, { isFirst: world.previous === undefined && actions.length > 0 }));
    const again = [wakeAt === undefined ? undefined : wakeAt - now(), actions.some(isWrite) ? VERIFY : undefined, isTold ? undefined : TELL_LATER];
    return soonest(again);
  }

  /** What failed first; undefined when everything was done. */
  async #act(agent: string, actions: readonly AgentAction[]): Promise<{ readonly error: unknown } | undefined> {
    for (const action of actions) {
      // The Lease may be lost between two actions.
      if (this.#options.signal.aborted) return undefined;
      const began = performance.now();
      try {
        await actForAgent(this.#context, agent, action);
      } catch (error) {
        return { error };
      }
      this.#options.onEvent({ type: "acted", agent, action, took: performance.now() - began });
    }
    return undefined;
  }

  /** Somebody was faster: it is decided anew. Anything else is remembered, so that the status can say it. */
  async #agentFailed(agent: string, { error }: { readonly error: unknown }): Promise<Handled> {
    if (isStale(error)) return { again: SETTLE };
    const { now, onEvent } = this.#options;
    const failure = failureOf(error, now());
    this.#memory.failures.set(agent, failure);
    const { status } = decide(this.#world(agent), now());
    if (status) await this.#writeStatus(agent, status, { isFirst: false }).catch(() => undefined);
    if (failure.kind === "retryable") throw error;
    onEvent({ type: "failed", agent, code: failure.code, message: failure.message, retryIn: TERMINAL_RETRY });
    return { again: TERMINAL_RETRY };
  }

  /** An agent's first status is that of its second look: it is made by then. False: it has to be written later. */
  async #writeStatus(agent: string, status: AgentStatus, { isFirst }: { readonly isFirst: boolean }): Promise<boolean> {
    const resource = this.cache.agent(agent);
    if (!resource || isFirst) return true;
    const before = this.#statuses.newest<AgentStatus>(resource);
    if (!this.#statuses.differs(resource, status)) return true;
    if (!this.#progress.mayTell(before, status)) return false;
    const isWritten = await this.#statuses.write(resource, status);
    const isNews = !isWritten && !this.#seen.has(agent);
    this.#seen.add(agent);
    if (isNews) this.#options.onEvent({ type: "seen", agent, status });
    if (isWritten) this.#options.onEvent({ type: "status", agent, ...(before && { before }), status });
    return true;
  }

  #forget(agent: string): Handled {
    this.#holds.delete(agent);
    this.#seen.delete(agent);
    this.#options.onEvent({ type: "gone", agent });
    this.#memory.gateways.delete(agent);
    this.#memory.failures.delete(agent);
    this.#memory.vaultTimes.delete(agent);
    this.#context.gateways.forget(agent);
    this.#statuses.forget("Agent", agent);
    this.#gatewayPolls.forget(agent);
    return {};
  }

  async #fleetTurn(): Promise<Handled> {
    const { now, onEvent } = this.#options;
    const began = performance.now();
    this.#fleetTurnAt = began;
    const resource = this.cache.fleet();
    const observed = observeFleet(this.cache, this.#memory, now());
    if (!observed || !resource) return {};
    const before = this.#statuses.newest<FleetStatus>(resource);
    const decision = admit(before ? { ...observed, previous: before } : observed, now());
    this.#fleetTurnTook = performance.now() - began;
    this.#takeTargets(decision.targets);
    for (const action of decision.actions) {
      if (this.#options.signal.aborted) return {};
      const acted = performance.now();
      try {
        if (action.type === "resolve-channels") await this.#channelPolls.check();
        else await actForFleet(this.#context, action);
      } catch (error) {
        if (!isStale(error)) throw error;
        return { again: SETTLE };
      }
      onEvent({ type: "fleet-acted", action, took: performance.now() - acted });
    }
    const pause = this.#fleetToldAt + FLEET_STATUS_INTERVAL - performance.now();
    const isDue = pause <= 0 || !before || before.acknowledgedOperation !== decision.status.acknowledgedOperation;
    const isWritten = isDue && (await this.#statuses.write(resource, decision.status));
    if (isWritten) this.#fleetToldAt = performance.now();
    if (isWritten) onEvent({ type: "fleet-status", ...(before && { before }), status: decision.status });
    const { wakeAt, actions } = decision;
    return soonest([wakeAt === undefined ? undefined : wakeAt - now(), actions.length > 0 ? VERIFY : undefined, isDue ? undefined : pause]);
  }

  #takeTargets(targets: ReadonlyMap<string, ImageTarget>): void {
    const isSame = targets.size === this.#targets.size && [...targets].every(([tag, { digest }]) => this.#targets.get(tag)?.digest === digest);
    this.#targets = targets;
    if (!isSame) for (const agent of this.cache.agentNames()) this.#queue.add(agent);
  }
}

function isWrite({ type }: AgentAction): boolean {
  return type !== "announce" && type !== "check-gateway";
}

/** The soonest of several times, each absent when there is none; never at once, so that a decision that repeats itself cannot spin. */
function soonest(delays: readonly (number | undefined)[]): Handled {
  const known = delays.filter((delay) => delay !== undefined);
  return known.length === 0 ? {} : { again: Math.max(Math.min(...known), SETTLE) };
}
