import type { ImageRevision } from "../../src/decide/fleet-world.ts";
import { IMAGES } from "./images.ts";
import type { AgentObjects, Fleet, FleetObjects, Pod, Resource, Template, VaultEntry } from "./model.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** `terminationGracePeriodSeconds` of an agent. */
export const GRACE = 345 * SECOND;
/** When every simulation begins: 2026-01-01. */
export const BEGIN = 1_767_225_600_000;
/** Names of agents; a fleet has the first few. */
const NAMES = ["clovis", "roberval", "clementina", "dora", "elis", "fred", "gil", "hilda"] as const;
/** Tags that agents may follow; the first is the fleet's own. */
export const CHANNELS = ["latest", "beta"] as const;

/** Small, fast and seeded (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }
  /** Milliseconds between two limits. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }
}

/** What happens to the true cluster, for those who watch over it. */
export interface Watcher {
  podReady(agent: number, pod: Pod): void;
  podStarts(agent: number, pod: Pod): void;
}

/** Safeguards outside of `decide` and `admit` that a run may go without, to prove that the invariants see it. */
export type Safeguard = "ledger check" | "volume lock" | "kept claims";

/** The true cluster. */
export class Cluster {
  readonly without: ReadonlySet<Safeguard>;
  now = BEGIN;
  readonly random: Random;
  readonly names: readonly string[];
  readonly agents: AgentObjects[];
  readonly own: FleetObjects;
  readonly vault: VaultEntry[];
  /** The registry's tags. */
  readonly tags = new Map<string, string>();
  /** True times until which something is away or slow. */
  readonly away = { registry: 0, vault: 0, externalSecrets: 0, slowPulls: 0, gateways: 0 };
  nextSecretSync = BEGIN;
  /** By agent: the highest revision of its Deployment that got a pod. */
  readonly launched: number[] = [];
  /** Raised by every change, so that caches know that there is something to see. */
  version = 0;
  /** What happened, in words, if anybody wants to know. */
  log: string[] | undefined;
  watcher: Watcher | undefined;
  #counter = 0;

  constructor(seed: number, size: number, without: readonly Safeguard[] = []) {
    this.without = new Set(without);
    this.random = new Random(seed);
    this.names = NAMES.slice(0, size);
    this.vault = this.names.map(() => ({ version: 1, keys: 3, changedAt: BEGIN - HOUR }));
    this.agents = this.names.map(() => newAgent());
    this.own = {
      fleet: newFleet(this.random, this.names),
      ledger: { resourceVersion: 0, permits: new Map() },
      revisions: [],
      nodes: [0, 1, 2].map(() => ({ isUp: true, images: new Set<string>() })),
      prePulls: [],
    };
    for (const channel of CHANNELS) this.tags.set(channel, IMAGES[0]?.digest ?? "");
  }

  /** A new number, for resource versions and names. */
  next(): number {
    this.#counter += 1;
    return this.#counter;
  }

  tell(words: () => string): void {
    this.log?.push(`${((this.now - BEGIN) / SECOND).toFixed(1).padStart(9)} s  ${words()}`);
  }

  at(agent: number): AgentObjects {
    const found = this.agents[agent];
    if (found === undefined) throw new Error(`no agent ${agent}`);
    return found;
  }

  /** Replaces one pod, or takes it away. */
  setPod(agent: number, uid: string, pod: Pod | undefined): void {
    const objects = this.at(agent);
    objects.pods = pod === undefined ? objects.pods.filter((other) => other.uid !== uid) : objects.pods.map((other) => (other.uid === uid ? pod : other));
    this.version += 1;
    if (pod === undefined) this.#wakeLocked(agent);
  }

  /** Others may wait for the volume that just became free. */
  #wakeLocked(agent: number): void {
    for (const pod of this.at(agent).pods) {
      if (pod.phase === "locked" && pod.due === Infinity) this.setPod(agent, pod.uid, { ...pod, due: this.now + SECOND });
    }
  }

  /** The status of a Deployment changes whenever that of its pods does. */
  touchDeployment(agent: number): void {
    const objects = this.at(agent);
    if (objects.deployment !== undefined) objects.deployment = { ...objects.deployment, resourceVersion: this.next() };
    this.version += 1;
  }

  /** Changes the template of a Deployment, as any `kubectl` or engine does. */
  setTemplate(agent: number, template: Template, more: Partial<AgentObjects["deployment"] & object>): void {
    const objects = this.at(agent);
    const before = objects.deployment;
    if (before === undefined) return;
    const isSame = JSON.stringify(before.template) === JSON.stringify(template);
    objects.deployment = {
      ...before,
      ...more,
      template: isSame ? before.template : template,
      revision: isSame ? before.revision : before.revision + 1,
      cause: isSame ? before.cause : (more.cause ?? before.cause),
      isObserved: false,
      resourceVersion: this.next(),
    };
    this.version += 1;
  }

  setResource(agent: number, change: Partial<Resource>): void {
    const objects = this.at(agent);
    if (objects.resource === undefined) return;
    const isSpec = !("status" in change || "restartRequest" in change || "suspended" in change);
    objects.resource = { ...objects.resource, ...change, generation: objects.resource.generation + (isSpec ? 1 : 0) };
    this.version += 1;
  }

  setFleet(change: Partial<Fleet>): void {
    const isSpec = !("status" in change || "operation" in change || "freezes" in change || "suspended" in change);
    this.own.fleet = { ...this.own.fleet, ...change, generation: this.own.fleet.generation + (isSpec ? 1 : 0) };
    this.version += 1;
  }

  revision(name: string): ImageRevision | undefined {
    return this.own.revisions.find((revision) => revision.name === name);
  }

  /** Runs, is ready, and nobody is stopping it. */
  isUp(agent: number): boolean {
    return this.at(agent).pods.some((pod) => pod.isReady && !pod.isTerminating);
  }
}

function newAgent(): AgentObjects {
  return {
    resource: { generation: 1, channel: CHANNELS[0], template: 1, configuration: 1, hot: 1, keys: 3, onSecretChange: "restart" },
    deployment: undefined,
    pods: [],
    claim: undefined,
    secret: { exists: false, version: 0, keys: 0, isSynced: false },
    objects: {},
  };
}

function newFleet(random: Random, names: readonly string[]): Fleet {
  return {
    generation: 1,
    maxDisrupted: 1 + random.below(Math.min(3, names.length)),
    canaries: names.slice(0, random.below(3)),
    bakeTime: random.between(0, 5) * MINUTE,
    failureBudget: random.below(3),
    quietWait: random.between(0, 10) * MINUTE,
    coalesceWindow: random.between(0, 2) * 30 * SECOND,
    freezes: [],
  };
}

/** An agent as the plain way deploys it: by tag, and running. */
export function deployPlainly(cluster: Cluster, agent: number): void {
  const objects = cluster.at(agent);
  const digest = cluster.tags.get(CHANNELS[0]) ?? "";
  objects.deployment = {
    resourceVersion: cluster.next(), revision: 1, isObserved: true, replicas: 1, cause: "Created",
    template: { version: 1, configuration: 1, drift: 0 },
  };
  cluster.launched[agent] = 1;
  objects.claim = { isBound: true, isRetained: false, recorded: 0, touched: 1, ready: 1 };
  objects.secret = { exists: true, version: 1, keys: 3, changedAt: BEGIN - HOUR, isSynced: true, refreshedAt: BEGIN };
  objects.objects = { service: 1, externalSecret: 1, configuration: { configuration: 1, hot: 1, writtenAt: BEGIN - HOUR } };
  const started = BEGIN - HOUR;
  objects.pods = [{
    uid: `pod-${cluster.next()}`, agent: cluster.names[agent] ?? "", node: agent % 3, revision: 1, template: objects.deployment.template,
    cause: "Created", phase: "running", due: Infinity, isTerminating: false, digest, createdAt: started, isReady: true, readyChangedAt: started,
    startedAt: started, restarts: 0, busyUntil: 0, isHung: false, hot: 1, loaded: 1, secret: 1,
  }];
}
