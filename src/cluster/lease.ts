import type { Manifest } from "../render/manifest.ts";
import { FrotaError } from "../spec/error.ts";
import { numberAt, textAt } from "../spec/plain-field.ts";
import type { Cluster, ObjectReference } from "./cluster.ts";
import { delay } from "./transport.ts";

/** A Lease to hold, and how. Times in milliseconds. */
export interface LeaseOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  /** Of this process: unique. */
  readonly identity: string;
  /** Others may take it after so long without a renewal. */
  readonly duration?: number;
  readonly renewEvery?: number;
  /** The holder gives up after so long without a renewal: before others may take it. */
  readonly renewDeadline?: number;
  /** For the Lease's own times, which nobody decides by. */
  readonly now: () => Date;
  /** Hears who holds it meanwhile: of each holder once. */
  readonly onHeldBy?: (holder: string) => void;
}

/** A Lease that is held. */
export interface HeldLease {
  /** Aborts when it may be held by somebody else: whoever acts by it must stop. */
  readonly lost: AbortSignal;
  /** Gives it up, so that another takes it at once. */
  release(): Promise<void>;
}

const DURATION = 30_000;
const RENEW_EVERY = 10_000;
const RENEW_DEADLINE = 20_000;
/** Between attempts while the API server does not answer. */
const RETRY = 2_000;
const KIND = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" } as const;

/**
 * Waits until the Lease is this process's. Who waits follows it by a watch; its expiry is judged by this machine's own time since it was
 * last seen to change, never by the times written in it. Ends with the signal's reason when that aborts; throws what waiting cannot
 * mend (FORBIDDEN). One write every `renewEvery` for the holder, none for who waits.
 */
export async function acquireLease(options: LeaseOptions, signal: AbortSignal): Promise<HeldLease> {
  for (;;) {
    const free = await untilFree(options, signal);
    const held = await take(options, free);
    if (held) return new Holder(options, held);
    await delay(RETRY / 2 + (Math.random() * RETRY) / 2, signal);
  }
}

/** Ends when nobody holds the Lease, with what was seen of it: absent (undefined), given up, or not renewed for its whole duration. */
async function untilFree(options: LeaseOptions, signal: AbortSignal): Promise<Manifest | undefined> {
  const { cluster, namespace, name, identity, onHeldBy } = options;
  const end = new AbortController();
  let expiry: NodeJS.Timeout | undefined;
  let seen: Manifest | undefined;
  let told: string | undefined;
  const look = (lease: Manifest | undefined) => {
    const before = seen && versionOf(seen);
    seen = lease;
    const holder = textAt(lease, "spec", "holderIdentity");
    if (!holder || holder === identity) return end.abort();
    if (holder !== told) onHeldBy?.(holder);
    told = holder;
    // A list that brings what was seen already is no renewal.
    if (versionOf(lease) === before) return undefined;
    clearTimeout(expiry);
    const duration = (numberAt(lease, "spec", "leaseDurationSeconds") ?? DURATION / 1000) * 1000;
    expiry = setTimeout(() => end.abort(), duration);
    return undefined;
  };
  try {
    const selection = { namespace, fieldSelector: `metadata.name=${name}` };
    for await (const event of cluster.watch(KIND, selection, AbortSignal.any([signal, end.signal]))) {
      if (event.type === "synced") look(event.objects[0]);
      else if (event.type === "changed") look(event.object);
      else if (event.type === "removed") look(undefined);
    }
  } finally {
    clearTimeout(expiry);
  }
  signal.throwIfAborted();
  return seen;
}

/**
 * The Lease as written; undefined when somebody was faster or the API server did not answer. It replaces only what was seen to be free:
 * read anew, it might be somebody's by now.
 */
async function take(options: LeaseOptions, lease: Manifest | undefined): Promise<Manifest | undefined> {
  const { cluster } = options;
  try {
    const time = microTime(options.now());
    const transitions = (numberAt(lease, "spec", "leaseTransitions") ?? 0) + (lease ? 1 : 0);
    const spec = { ...holderFields(options, time), acquireTime: time, leaseTransitions: transitions };
    if (!lease) {
      const { namespace, name } = options;
      return await cluster.create({ ...KIND, metadata: { namespace, name }, spec });
    }
    return await cluster.mergePatch(referenceTo(options), { metadata: { resourceVersion: versionOf(lease) }, spec });
  } catch (error) {
    if (error instanceof FrotaError && (error.code === "FORBIDDEN" || error.code === "NOT_FOUND")) throw error;
    return undefined;
  }
}

function holderFields({ identity, duration = DURATION }: LeaseOptions, time: string): Record<string, unknown> {
  return { holderIdentity: identity, leaseDurationSeconds: Math.round(duration / 1000), renewTime: time };
}

function referenceTo({ namespace, name }: LeaseOptions): ObjectReference {
  return { ...KIND, namespace, name };
}

function versionOf(lease: Manifest | undefined): string {
  return textAt(lease, "metadata", "resourceVersion") ?? "";
}

/** As Kubernetes writes `MicroTime`. */
function microTime(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}

class Holder implements HeldLease {
  readonly #options: LeaseOptions;
  readonly #lost = new AbortController();
  readonly #end = new AbortController();
  readonly #renewing: Promise<void>;
  #version: string;

  constructor(options: LeaseOptions, lease: Manifest) {
    this.#options = options;
    this.#version = versionOf(lease);
    this.#renewing = this.#renew();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    this.#end.abort();
    await this.#renewing;
    if (this.#lost.signal.aborted) return;
    this.#lost.abort(new Error("the Lease was given up"));
    const spec = { holderIdentity: "", leaseDurationSeconds: 1, renewTime: microTime(this.#options.now()) };
    // Who cannot give it up lets it expire.
    await this.#write(spec).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const { renewEvery = RENEW_EVERY, renewDeadline = RENEW_DEADLINE } = this.#options;
    let renewed = performance.now();
    let wait = renewEvery;
    // Its own timer, because a renewal that hangs must not keep the deadline from passing.
    let deadline = this.#loseAfter(renewDeadline);
    while (!this.#end.signal.aborted && !this.#lost.signal.aborted) {
      await delay(wait, AbortSignal.any([this.#end.signal, this.#lost.signal])).catch(() => undefined);
      if (this.#end.signal.aborted || this.#lost.signal.aborted) break;
      const began = performance.now();
      const outcome = await this.#tryRenew();
      if (outcome === "renewed") {
        renewed = began;
        clearTimeout(deadline);
        deadline = this.#loseAfter(renewed + renewDeadline - performance.now());
      }
      if (outcome === "taken") this.#lost.abort(new Error("another process holds the Lease"));
      wait = outcome === "renewed" ? renewEvery : Math.min(RETRY, renewEvery);
    }
    clearTimeout(deadline);
  }

  #loseAfter(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#lost.abort(new Error("the Lease could not be renewed in time")), milliseconds);
  }

  async #tryRenew(): Promise<"renewed" | "taken" | "failed"> {
    try {
      await this.#write(holderFields(this.#options, microTime(this.#options.now())));
      return "renewed";
    } catch (error) {
      if (!(error instanceof FrotaError) || error.code !== "CONFLICT") return "failed";
      return this.#afterConflict();
    }
  }

  /** A label, say, may have been written by a person; a renewal of ours may have arrived though its answer was lost. */
  async #afterConflict(): Promise<"taken" | "failed"> {
    const lease = await this.#options.cluster.get(referenceTo(this.#options)).catch(() => undefined);
    if (!lease) return "failed";
    if (textAt(lease, "spec", "holderIdentity") !== this.#options.identity) return "taken";
    this.#version = versionOf(lease);
    return "failed";
  }

  async #write(spec: object): Promise<void> {
    const patch = { metadata: { resourceVersion: this.#version }, spec };
    const written = await this.#options.cluster.mergePatch(referenceTo(this.#options), patch);
    this.#version = versionOf(written);
  }
}
