import type { AgentAction, AgentDecision, FleetAction, FleetDecision } from "../../src/decide/action.ts";
import type { Channel, FleetWorld } from "../../src/decide/fleet-world.ts";
import type { AgentStatus, Condition, FleetStatus } from "../../src/decide/status.ts";
import type { AgentWorld, ImageTarget } from "../../src/decide/world.ts";
import { actOnAgent, actOnFleet, askGateway, CHANNEL_AGE, wordsFor, type Answer } from "./act.ts";
import { CHANNELS, SECOND, type Cluster, type Safeguard } from "./cluster.ts";
import { imageOf, targetOf } from "./images.ts";
import { Violation, type Invariants } from "./invariants.ts";
import type { AgentObjects, FleetObjects } from "./model.ts";
import { observeAgent, observeFleet, policyAt, type AgentMemory, type FleetSight } from "./observe.ts";

/** What is simulated: the real functions, or altered ones that must be caught. */
export interface Brain {
  readonly decide: (world: AgentWorld, now: number) => AgentDecision;
  readonly admit: (world: FleetWorld, now: number) => FleetDecision;
  readonly without?: readonly Safeguard[];
}

/** What becomes of a request on its way. */
export type Fate = "done" | "lost" | "conflict" | "too many requests" | "answer lost";

/** One agent's or the fleet's pass: from a decision to the last write. */
interface Turn {
  readonly actions: readonly (AgentAction | FleetAction)[];
  next: number;
  readonly status: AgentStatus | FleetStatus | undefined;
  /** What it was decided on. */
  readonly seen: AgentObjects | FleetObjects;
  readonly fleetWorld?: FleetWorld;
}

/** Kinds of objects, each with a watch of its own. */
const KINDS = ["resource", "deployment", "pods", "claim", "secret", "objects"] as const;
const FLEET_KINDS = ["fleet", "ledger", "revisions", "nodes", "prePulls"] as const;

/** One process of the controller: a cache, a queue and nothing else. */
export class Engine {
  readonly name: string;
  /** Its clock is so much ahead of the true time. */
  clockSkew = 0;
  isAlive = true;
  isLeading = false;
  /** True time until which it cannot reach the API server; 0: it can. */
  cutOffSince = 0;
  /** By agent, then the fleet itself: true time until which the watches of it bring nothing. */
  readonly deafUntil: number[];
  /** By agent, then the fleet: something changed since its last pass. */
  readonly dirty: boolean[];
  /** By agent, then the fleet: true time of the next pass though nothing changes. */
  readonly wakeAt: number[];
  /** Writes that went through; for the no-op check. */
  writes = 0;
  /** True time of the last write that was more than a status. */
  lastDeedAt = 0;
  readonly #cluster: Cluster;
  readonly #invariants: Invariants;
  readonly #brain: Brain;
  #agents: AgentObjects[] = [];
  #own: FleetObjects;
  #memory: AgentMemory[] = [];
  #turns: (Turn | undefined)[] = [];
  #channels: readonly Channel[] = CHANNELS.map((tag) => ({ tag }));
  #channelsAskedAt = -Infinity;
  #targets: ReadonlyMap<string, ImageTarget> = new Map();

  constructor(name: string, cluster: Cluster, invariants: Invariants, brain: Brain) {
    this.name = name;
    this.#cluster = cluster;
    this.#invariants = invariants;
    this.#brain = brain;
    const slots = cluster.agents.length + 1;
    this.deafUntil = Array.from({ length: slots }, () => 0);
    this.dirty = Array.from({ length: slots }, () => true);
    this.wakeAt = Array.from({ length: slots }, () => Infinity);
    this.#own = { ...cluster.own };
    this.forget();
  }

  /** The fleet's own slot. */
  get fleetSlot(): number {
    return this.#cluster.agents.length;
  }

  get now(): number {
    return this.#cluster.now + this.clockSkew;
  }

  /** A new process: everything in memory is gone, everything is read afresh. */
  forget(): void {
    this.#agents = this.#cluster.agents.map((agent) => ({ ...agent }));
    this.#own = { ...this.#cluster.own };
    this.#memory = this.#cluster.agents.map(() => ({ gateway: undefined, failure: undefined }));
    this.#turns = [];
    this.#channels = CHANNELS.map((tag) => ({ tag }));
    this.#channelsAskedAt = -Infinity;
    this.#targets = new Map();
    this.deafUntil.fill(0);
    this.dirty.fill(true);
    this.wakeAt.fill(Infinity);
  }

  /** Takes the action that was next of a slot out of this engine, for a request that is still under way when it stops. */
  takePending(slot: number): (() => void) | undefined {
    const turn = this.#turns[slot];
    const action = turn?.actions[turn.next];
    if (turn === undefined || action === undefined || !this.#isPermitted(slot, action)) return undefined;
    return () => {
      this.#cluster.tell(() => `a late request of ${this.name} arrives: ${wordsFor(action)}`);
      this.#send(slot, turn, action);
    };
  }

  /** The process stops acting: what it was about to do is dropped. */
  stop(): void {
    this.isLeading = false;
    this.#turns = [];
  }

  isBusy(slot: number): boolean {
    return this.#turns[slot] !== undefined;
  }

  /** Brings the cache of a slot up to date, or only one kind of its objects. */
  // oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
  hear(slot: number, kind = -1): void {
    if (this.deafUntil[slot] !== undefined && this.deafUntil[slot] > this.#cluster.now) return;
    if (slot === this.fleetSlot) return this.#hearFleet(kind);
    const cached = this.#agents[slot];
    const actual = this.#cluster.at(slot);
    if (cached === undefined) return;
    let changed = false;
    for (const [index, key] of KINDS.entries()) {
      if ((kind >= 0 && kind !== index) || cached[key] === actual[key]) continue;
      changed = true;
      Object.assign(cached, { [key]: actual[key] });
    }
    if (changed) this.#mark(slot);
  }

  #hearFleet(kind: number): void {
    for (const [index, key] of FLEET_KINDS.entries()) {
      if ((kind >= 0 && kind !== index) || this.#own[key] === this.#cluster.own[key]) continue;
      Object.assign(this.#own, { [key]: this.#cluster.own[key] });
      if (key === "fleet" || key === "ledger") this.dirty.fill(true);
      this.dirty[this.fleetSlot] = true;
    }
  }

  hearAll(): void {
    for (let slot = 0; slot <= this.fleetSlot; slot += 1) this.hear(slot);
  }

  #mark(slot: number): void {
    this.dirty[slot] = true;
    this.dirty[this.fleetSlot] = true;
  }

  /** One step: the next action of the slot's turn, or the beginning of a turn. */
  step(slot: number, fate: Fate): void {
    const turn = this.#turns[slot];
    if (turn === undefined) this.#begin(slot);
    else if (turn.next < turn.actions.length) this.#act(slot, turn, fate);
    else this.#finish(slot, turn, fate);
  }

  #sight(): FleetSight {
    return { own: this.#own, channels: this.#channels, targets: this.#targets };
  }

  #begin(slot: number): void {
    this.dirty[slot] = false;
    this.wakeAt[slot] = Infinity;
    if (slot === this.fleetSlot) return this.#beginFleet();
    const cached = this.#agents[slot];
    const memory = this.#memory[slot];
    if (cached === undefined || memory === undefined || (cached.resource === undefined && cached.deployment === undefined)) return;
    const name = this.#cluster.names[slot] ?? "";
    const { now } = this;
    const world = observeAgent({ name, objects: cached, memory }, this.#sight(), policyAt(this.#own.fleet, now));
    const decision = total(() => this.#brain.decide(world, now), world);
    this.#invariants.decided(world, decision, now);
    this.#sleep(slot, decision.wakeAt);
    this.#turns[slot] = { actions: decision.actions, next: 0, status: decision.status, seen: { ...cached } };
    this.#tell(name, decision.actions, decision.status);
    this.#endIfIdle(slot);
  }

  #beginFleet(): void {
    const { now } = this;
    if (this.#cluster.now - this.#channelsAskedAt >= CHANNEL_AGE) this.#resolveChannels();
    const sights = this.#agents.map((objects, slot) => ({
      name: this.#cluster.names[slot] ?? "", objects, memory: this.#memory[slot] ?? { gateway: undefined, failure: undefined },
    }));
    const world = observeFleet(sights, this.#sight(), policyAt(this.#own.fleet, now));
    const decision = total(() => this.#brain.admit(world, now), world);
    this.#invariants.admitted(world, decision, now);
    this.#sleep(this.fleetSlot, decision.wakeAt);
    if (!sameTargets(this.#targets, decision.targets)) {
      this.#targets = decision.targets;
      this.dirty.fill(true);
    }
    this.#turns[this.fleetSlot] = { actions: decision.actions, next: 0, status: decision.status, seen: { ...this.#own }, fleetWorld: world };
    this.#tell("the fleet", decision.actions, decision.status);
    this.#endIfIdle(this.fleetSlot);
  }

  #tell(what: string, actions: readonly (AgentAction | FleetAction)[], status: AgentStatus | FleetStatus | undefined): void {
    this.#cluster.tell(() => {
      const phase = status !== undefined && "phase" in status ? ` (${status.phase})` : "";
      return `${this.name} looks at ${what}${phase}: ${actions.length === 0 ? "nothing to do" : actions.map(wordsFor).join("; ")}`;
    });
  }

  #sleep(slot: number, wakeAt: number | undefined): void {
    this.wakeAt[slot] = wakeAt === undefined ? Infinity : this.#cluster.now + Math.max(SECOND / 10, wakeAt - this.now);
  }

  /** A turn without actions and with an unchanged status is over at once. */
  #endIfIdle(slot: number): void {
    const turn = this.#turns[slot];
    if (turn !== undefined && turn.actions.length === 0 && !this.#isNews(slot, turn)) this.#close(slot);
  }

  #close(slot: number): void {
    this.#turns[slot] = undefined;
    const memory = this.#memory[slot];
    if (memory?.failure === undefined) return;
    memory.failure = undefined;
    this.#mark(slot);
  }

  #isNews(slot: number, turn: Turn): boolean {
    if (turn.status === undefined) return false;
    const before = slot === this.fleetSlot ? this.#own.fleet.status : this.#agents[slot]?.resource?.status;
    return JSON.stringify(before) !== JSON.stringify(turn.status);
  }

  #act(slot: number, turn: Turn, fate: Fate): void {
    const action = turn.actions[turn.next];
    if (action === undefined) return;
    if (action.type === "announce") turn.next += 1;
    else if (action.type === "check-gateway") {
      this.#checkGateway(slot, action.depth);
      turn.next += 1;
    } else if (action.type === "resolve-channels") {
      this.#resolveChannels();
      turn.next += 1;
    } else this.#request(slot, turn, action, fate);
  }

  #request(slot: number, turn: Turn, action: AgentAction | FleetAction, fate: Fate): void {
    const arrives = fate === "done" || fate === "answer lost";
    const answer = !arrives ? fate : this.#isPermitted(slot, action) ? this.#send(slot, turn, action) : "permit gone";
    if (!arrives || fate === "answer lost") this.#cluster.tell(() => `${this.name}: ${action.type} ${fate}`);
    if (answer === "ok" && fate === "done") {
      turn.next += 1;
      this.hearOwnWrite(slot);
    } else this.#fail(slot, fate === "done" ? answer : fate);
  }

  /** The ledger itself is read right before a restart. */
  #isPermitted(slot: number, action: AgentAction | FleetAction): boolean {
    if (action.type !== "restart" || this.#cluster.without.has("ledger check")) return true;
    const permit = this.#cluster.own.ledger.permits.get(this.#cluster.names[slot] ?? "");
    return permit?.id === action.id && (permit.withdrawnAt === undefined || action.cause === "Rollback");
  }

  /** The answer to a write holds the object as it is now. */
  hearOwnWrite(slot: number): void {
    const deaf = this.deafUntil[slot] ?? 0;
    this.deafUntil[slot] = 0;
    if (slot === this.fleetSlot) {
      this.hear(slot, 1);
      this.hear(slot, 2);
      this.hear(slot, 4);
    } else for (const kind of [1, 3, 5]) this.hear(slot, kind);
    this.deafUntil[slot] = deaf;
  }

  #fail(slot: number, code: string): void {
    this.#turns[slot] = undefined;
    const memory = this.#memory[slot];
    if (memory !== undefined) memory.failure = { code, message: `the API server answered: ${code}`, at: this.now, kind: "retryable" };
    this.wakeAt[slot] = Math.min(this.wakeAt[slot] ?? Infinity, this.#cluster.now + SECOND);
    this.#mark(slot);
    this.dirty[slot] = false;
  }

  /** The request reaches the API server. */
  #send(slot: number, turn: Turn, action: AgentAction | FleetAction): Answer {
    this.writes += 1;
    this.lastDeedAt = this.#cluster.now;
    if (slot === this.fleetSlot) return this.#sendFleet(turn, action as FleetAction);
    const seen = turn.seen as AgentObjects;
    const wasUp = this.#cluster.isUp(slot);
    const answer = actOnAgent(this.#cluster, { agent: slot, action: action as AgentAction, seen });
    if (answer === "ok" && action.type === "restart") this.#invariants.restartLanded(slot, action, { wasUp, seen });
    return answer;
  }

  #sendFleet(turn: Turn, action: FleetAction): Answer {
    const { ledger } = this.#cluster.own;
    const revision = "revision" in action ? this.#cluster.revision(action.revision.name) : undefined;
    const answer = actOnFleet(this.#cluster, action, turn.seen as FleetObjects);
    if (answer !== "ok") return answer;
    if (action.type === "write-ledger" && turn.fleetWorld !== undefined) this.#invariants.ledgerLanded(ledger, turn.fleetWorld);
    if ("revision" in action) this.#invariants.revisionLanded(revision, action.revision);
    return answer;
  }

  #finish(slot: number, turn: Turn, fate: Fate): void {
    if (this.#isNews(slot, turn)) {
      if (fate === "done" || fate === "answer lost") this.#writeStatus(slot, turn);
      if (fate !== "done") return this.#fail(slot, fate);
    }
    this.#close(slot);
  }

  // oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
  #writeStatus(slot: number, turn: Turn): void {
    this.writes += 1;
    this.#cluster.tell(() => `${this.name} writes the status of ${this.#cluster.names[slot] ?? "the fleet"}: ${statusChange(slot === this.fleetSlot ? this.#own.fleet.status : this.#agents[slot]?.resource?.status, turn.status)}`);
    if (slot === this.fleetSlot) {
      this.#cluster.setFleet({ status: turn.status as FleetStatus });
      const { deafUntil } = this;
      if (deafUntil[slot] === 0 || (deafUntil[slot] ?? 0) <= this.#cluster.now) this.#own.fleet = { ...this.#own.fleet, status: turn.status as FleetStatus };
      return;
    }
    const status = turn.status as AgentStatus;
    if (this.#cluster.at(slot).resource === undefined) return;
    this.#invariants.statusWritten(this.#cluster.names[slot] ?? "", status);
    this.#cluster.setResource(slot, { status });
    const cached = this.#agents[slot];
    if (cached?.resource === undefined) return;
    cached.resource = cached.resource.generation === this.#cluster.at(slot).resource?.generation ? this.#cluster.at(slot).resource : { ...cached.resource, status };
    this.#mark(slot);
  }

  #checkGateway(slot: number, depth: "light" | "full"): void {
    const memory = this.#memory[slot];
    if (memory === undefined) return;
    const gateway = askGateway(this.#cluster, slot, depth, this.now);
    if (gateway !== undefined) memory.gateway = gateway;
    this.#cluster.tell(() => `${this.name} asks the gateway of ${this.#cluster.names[slot]} (${depth}): ${gateway?.state ?? "no pod"}, ${gateway?.activity ?? ""}`);
    this.#mark(slot);
  }

  #resolveChannels(): void {
    const before = JSON.stringify(this.#channels);
    const isAway = this.#cluster.away.registry > this.#cluster.now;
    if (!isAway) this.#channelsAskedAt = this.#cluster.now;
    // oxlint-disable-next-line oxc/no-map-spread -- two channels
    this.#channels = CHANNELS.map((tag, index): Channel => {
      const resolved = this.#channels[index]?.resolved;
      if (isAway) return { tag, ...(resolved === undefined ? {} : { resolved }), failure: "the registry does not answer" };
      const digest = this.#cluster.tags.get(tag) ?? "";
      const { problem } = imageOf(digest);
      return { tag, resolved: { ...targetOf(digest), ...(problem === undefined ? {} : { problem }) } };
    });
    if (JSON.stringify(this.#channels) !== before) this.dirty[this.fleetSlot] = true;
  }

  /** When the registry is to be asked again; never when it would say the same. */
  get channelsDueAt(): number {
    const isCurrent = this.#channels.every(({ tag, resolved }) => resolved?.digest === this.#cluster.tags.get(tag));
    return isCurrent ? Infinity : Math.max(this.#cluster.now, this.#channelsAskedAt + CHANNEL_AGE);
  }
}

function total<T>(think: () => T, world: unknown): T {
  try {
    return think();
  } catch (error) {
    throw new Violation("total", `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nfor ${JSON.stringify(world)}`);
  }
}

/** What is new in a status, in words. */
function statusChange(before: object | undefined, after: object | undefined): string {
  const [old, fresh] = [flatten(before), flatten(after)];
  return Object.keys({ ...old, ...fresh }).filter((key) => JSON.stringify(old[key]) !== JSON.stringify(fresh[key])).map((key) => inWords(key, fresh[key])).join("; ");
}

/** Its conditions by type, beside its other fields. */
function flatten(status: object | undefined): Record<string, unknown> {
  const conditions = status !== undefined && "conditions" in status ? (status.conditions as readonly Condition[]) : [];
  return { ...status, conditions: undefined, ...Object.fromEntries(conditions.map((condition) => [condition.type, condition])) };
}

function inWords(key: string, value: unknown): string {
  if (typeof value !== "object" || value === null || !("reason" in value)) return `${key} ${JSON.stringify(value)}`;
  const { type, status, reason, message } = value as Condition;
  return `${type}=${status} ${reason} "${message}"`;
}

function sameTargets(left: ReadonlyMap<string, ImageTarget>, right: ReadonlyMap<string, ImageTarget>): boolean {
  return left.size === right.size && [...left].every(([channel, target]) => right.get(channel)?.digest === target.digest);
}
