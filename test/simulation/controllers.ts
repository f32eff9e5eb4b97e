import { LATE } from "./act.ts";
import { SECOND, type Cluster } from "./cluster.ts";
import { Engine, type Brain } from "./engine.ts";
import type { Invariants } from "./invariants.ts";
import { passTime } from "./kubelet.ts";

/** Without a renewal for so long an engine stops acting; after `LEASE_DURATION` another takes over. */
const RENEW_DEADLINE = 10 * SECOND;
const LEASE_DURATION = 15 * SECOND;
/** So often a leader renews. */
const RENEW_PERIOD = 2 * SECOND;

/** Two replicas of the controller and their Lease. Times are judged by what is observed locally: clocks may jump. */
export class Controllers {
  readonly engines: readonly Engine[];
  /** When the Lease was renewed last; 0: it is free. */
  #renewedAt = 0;
  /** An engine that still believes to lead although the Lease is somebody else's. */
  #usurped: { readonly engine: Engine; readonly since: number } | undefined;
  /** Requests that are under way although their sender has stopped. */
  #late: { readonly due: number; readonly send: () => void }[] = [];
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, invariants: Invariants, brain: Brain) {
    this.#cluster = cluster;
    this.engines = ["engine A", "engine B"].map((name) => new Engine(name, cluster, invariants, brain));
    this.elect();
  }

  /** One that leads; with two of them, the one that `pick` says. */
  leader(pick: number): Engine | undefined {
    const leading = this.engines.filter((engine) => engine.isLeading);
    return leading[pick % Math.max(1, leading.length)];
  }

  /** True time passes, and with it Leases, late requests and watches. */
  pass(duration: number): void {
    const until = this.#cluster.now + duration;
    this.#late.sort((left, right) => left.due - right.due);
    for (let late = this.#late[0]; late !== undefined && late.due <= until; late = this.#late[0]) {
      passTime(this.#cluster, Math.max(this.#cluster.now, late.due));
      this.#late.shift();
      late.send();
    }
    passTime(this.#cluster, until);
    this.elect();
    for (const engine of this.engines) if (engine.isLeading) engine.hearAll();
  }

  /** Renewals, resignations and take-overs that are due. */
  // oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
  elect(): void {
    const { now } = this.#cluster;
    if (this.#usurped !== undefined && now - this.#usurped.since >= RENEW_PERIOD) {
      this.#resign(this.#usurped.engine, this.#usurped.since + RENEW_PERIOD);
      this.#usurped = undefined;
    }
    for (const engine of this.engines) {
      if (!engine.isLeading || this.#usurped?.engine === engine) continue;
      if (engine.cutOffSince === 0) this.#renewedAt = now;
      else if (now - engine.cutOffSince >= RENEW_DEADLINE) {
        this.#renewedAt = engine.cutOffSince;
        this.#resign(engine, engine.cutOffSince + RENEW_DEADLINE);
      }
    }
    if (this.engines.some((engine) => engine.isLeading && engine !== this.#usurped?.engine)) return;
    const next = this.engines.find((engine) => engine.isAlive && engine.cutOffSince === 0 && !engine.isLeading);
    if (next !== undefined && now - this.#renewedAt >= LEASE_DURATION) this.#lead(next);
  }

  #lead(engine: Engine): void {
    this.#cluster.tell(() => `${engine.name} takes the Lease`);
    engine.forget();
    engine.isLeading = true;
    this.#renewedAt = this.#cluster.now;
  }

  /** It stops at that time; one request of it may still be under way. */
  #resign(engine: Engine, at: number): void {
    this.#cluster.tell(() => `${engine.name} stops`);
    const slot = this.#cluster.random.below(engine.fleetSlot + 1);
    const send = engine.takePending(slot);
    engine.stop();
    if (send === undefined || this.#cluster.random.below(2) === 0) return;
    const due = at + this.#cluster.random.between(0, LATE - SECOND);
    if (due <= this.#cluster.now) send();
    else this.#late.push({ due, send });
  }

  /** The process dies; a graceful end hands the Lease over. */
  kill(engine: Engine, isGraceful: boolean): void {
    if (!engine.isAlive) return;
    engine.isAlive = false;
    if (this.#usurped?.engine === engine) this.#usurped = undefined;
    if (!engine.isLeading) return;
    if (!isGraceful) return this.#resign(engine, this.#cluster.now);
    engine.stop();
    this.#renewedAt = 0;
    this.elect();
  }

  /** Somebody deletes the Lease: the other engine takes it at once, while this one has not noticed. */
  deleteLease(): void {
    const old = this.engines.find((engine) => engine.isLeading);
    const other = this.engines.find((engine) => engine !== old && engine.isAlive && engine.cutOffSince === 0 && !engine.isLeading);
    if (old === undefined || other === undefined || this.#usurped !== undefined) return;
    this.#usurped = { engine: old, since: this.#cluster.now };
    this.#lead(other);
  }

  /** Nothing disturbs the engines any more; one of them leads. */
  heal(): void {
    for (const engine of this.engines) {
      engine.isAlive = true;
      engine.cutOffSince = 0;
      engine.deafUntil.fill(0);
    }
    this.pass(LEASE_DURATION + LATE);
  }
}
