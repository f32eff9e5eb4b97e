import { complaints, isPerfect } from "./liveness.ts";
import { BEGIN, Cluster, deployPlainly, HOUR, MINUTE, SECOND } from "./cluster.ts";
import { Controllers } from "./controllers.ts";
import type { Brain, Engine, Fate } from "./engine.ts";
import { CLUSTER_FAULTS, ENGINE_FAULTS } from "./faults.ts";
import { Invariants, Violation, type Invariant } from "./invariants.ts";
import { nextDue, passTime, returnNode } from "./kubelet.ts";
import { GIT, HANDS, type Scene } from "./people.ts";

/** A whole run, as numbers: how the fleet begins, and what happens to it. 0 is the simplest of everything, so that a failure shrinks. */
export interface Scenario {
  readonly start: number;
  readonly script: readonly number[];
}

/** What came of a run. */
export interface Outcome {
  readonly steps: number;
  readonly violation?: { readonly invariant: Invariant; readonly message: string };
  /** In words; only where asked for. */
  readonly trace: readonly string[];
}

const DURATIONS = [SECOND, 5 * SECOND, SECOND / 10, 10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 3 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * SECOND, 15 * SECOND] as const;
const FATES: readonly Fate[] = [...Array.from({ length: 28 }, (): Fate => "done"), "lost", "conflict", "too many requests", "answer lost"];
/** The settling of a healed fleet may take so many looks and so much time. */
const MOST_ROUNDS = 1500;
const MOST_TIME = 72 * HOUR;
/** Without a deed of the engine for so long, a fleet in which something crashes again and again counts as settled. */
const LONG_ENOUGH = 20 * MINUTE;

/** One run: the script, then calm, in which the fleet must settle. */
class Simulation {
  readonly cluster: Cluster;
  readonly invariants: Invariants;
  readonly controllers: Controllers;
  steps = 0;

  constructor(brain: Brain, start: number, log?: string[]) {
    this.cluster = new Cluster(start, 1 + (start % 6), brain.without);
    this.cluster.log = log;
    this.invariants = new Invariants(this.cluster);
    this.cluster.watcher = this.invariants;
    for (let agent = 0; agent < this.cluster.agents.length; agent += 1) {
      if (((start >> (4 + agent)) & 1) === 1) deployPlainly(this.cluster, agent);
    }
    this.cluster.tell(() => {
      const { maxDisrupted, bakeTime, failureBudget, canaries, quietWait, coalesceWindow } = this.cluster.own.fleet;
      const plain = this.cluster.names.filter((_, agent) => this.cluster.at(agent).deployment !== undefined);
      return `${this.cluster.names.length} agents, deployed plainly: ${plain.join(", ") || "none"}; maxDisrupted ${maxDisrupted}, canaries ${canaries.length}, `
        + `bakeTime ${bakeTime / MINUTE} min, failureBudget ${failureBudget}, quietWait ${quietWait / MINUTE} min, coalesceWindow ${coalesceWindow / SECOND} s`;
    });
    this.controllers = new Controllers(this.cluster, this.invariants, brain);
  }

  /** One step of the script. The low ten bits say what, the rest where and how. */
  play(number: number): void {
    const what = number & 1023;
    const amount = number >>> 13;
    const agent = ((number >>> 10) & 7) % this.cluster.agents.length;
    if (what < 420) this.#stepEngine(amount % (this.cluster.agents.length + 1), number);
    else if (what < 540) this.#stepEngine(this.cluster.agents.length, number);
    else if (what < 800) this.controllers.pass(DURATIONS[amount % DURATIONS.length] ?? SECOND);
    else if (what < 860) this.controllers.leader(amount)?.hear((amount >> 1) % (this.cluster.agents.length + 1), (amount >> 5) % 7 - 1);
    else if (what < 900) this.#engineFault(what, amount);
    else this.#happen(what - 900, agent, amount);
    this.#afterStep();
  }

  #afterStep(): void {
    this.steps += 1;
    this.invariants.check();
  }

  #stepEngine(slot: number, number: number): void {
    const engine = this.controllers.leader(number >>> 20);
    if (engine === undefined) return;
    const busy = (number & 4096) === 0 && !engine.isBusy(slot) ? this.#busySlot(engine) : slot;
    engine.step(busy, engine.cutOffSince > 0 ? "lost" : (FATES[(number >>> 24) % FATES.length] ?? "done"));
  }

  #busySlot(engine: Engine): number {
    for (let slot = 0; slot <= engine.fleetSlot; slot += 1) if (engine.isBusy(slot)) return slot;
    return engine.fleetSlot;
  }

  #engineFault(what: number, amount: number): void {
    const fault = ENGINE_FAULTS[what % ENGINE_FAULTS.length];
    if (fault === undefined) return;
    this.cluster.tell(() => `! ${fault.words}`);
    fault.happen(this.controllers, this.cluster, amount);
  }

  #happen(which: number, agent: number, amount: number): void {
    const tables = which < 50 ? GIT : which < 90 ? HANDS : CLUSTER_FAULTS;
    const happening = tables[which % tables.length];
    if (happening === undefined) return;
    const scene: Scene = { cluster: this.cluster, invariants: this.invariants, agent, name: this.cluster.names[agent] ?? "", amount };
    this.cluster.tell(() => `! ${happening.words(scene)}`);
    happening.happen(scene);
    this.cluster.version += 1;
  }

  /** Faults and people stop. The fleet must settle in bounded time and steps, and then nothing may be written any more. */
  settle(): void {
    const { cluster, controllers } = this;
    cluster.tell(() => "--- from here on nothing is disturbed any more");
    for (const key of ["registry", "vault", "externalSecrets", "slowPulls", "gateways"] as const) cluster.away[key] = 0;
    cluster.own.nodes.forEach((node, index) => !node.isUp && returnNode(cluster, index));
    controllers.heal();
    const engine = controllers.leader(0);
    if (engine === undefined) throw new Violation("settles", "no engine leads");
    const deadline = cluster.now + MOST_TIME;
    for (let round = 0; round < MOST_ROUNDS && cluster.now < deadline; round += 1) {
      this.#runAll(engine);
      if (round % 4 === 3 && complaints(cluster).length === 0 && this.#isCalm(engine)) return;
      this.controllers.pass(0);
      const next = this.#nextMoment(engine);
      if (next === Infinity) break;
      this.controllers.pass(Math.max(SECOND / 10, next - cluster.now));
    }
    const found = complaints(cluster);
    if (found.length > 0) throw new Violation("settles", found.join("\n"));
  }

  #nextMoment(engine: Engine): number {
    const secrets = this.#isSyncDue();
    const sync = this.cluster.nextSecretSync;
    if (!secrets) this.cluster.nextSecretSync = Infinity;
    const due = Math.min(nextDue(this.cluster), ...engine.wakeAt, engine.channelsDueAt);
    this.cluster.nextSecretSync = sync;
    return due;
  }

  /** External Secrets will change something by itself. */
  #isSyncDue(): boolean {
    return this.cluster.agents.some(({ secret, objects }, agent) => objects.externalSecret !== undefined && (!secret.isSynced || secret.version !== this.cluster.vault[agent]?.version));
  }

  /** Every slot that has reason to, until none has. */
  // oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
  #runAll(engine: Engine): void {
    for (let guard = 0; ; guard += 1) {
      if (guard > 400) throw new Violation("no spin", `passes without end at ${new Date(this.cluster.now).toISOString()}`);
      engine.hearAll();
      let busy = false;
      for (let slot = 0; slot <= engine.fleetSlot; slot += 1) {
        const isDue = engine.dirty[slot] === true || (engine.wakeAt[slot] ?? Infinity) <= this.cluster.now || (slot === engine.fleetSlot && engine.channelsDueAt <= this.cluster.now);
        if (!isDue && !engine.isBusy(slot)) continue;
        busy = true;
        do {
          engine.step(slot, "done");
          this.#afterStep();
        } while (engine.isBusy(slot));
      }
      if (!busy) return;
    }
  }

  #snapshot(): Record<string, string> {
    const { own, agents } = this.cluster;
    const ofAgents = agents.flatMap(({ resource, deployment, objects, claim }, agent) =>
      Object.entries({ deployment, objects, claim, ...resource?.status }).map(([key, value]): [string, string] => [`${this.cluster.names[agent]} ${key}`, JSON.stringify(value)]));
    const ofFleet = Object.entries({ ledger: own.ledger.resourceVersion, revisions: own.revisions, prePulls: own.prePulls, ...own.fleet.status });
    return Object.fromEntries([...ofAgents, ...ofFleet.map(([key, value]): [string, string] => [`fleet ${key}`, JSON.stringify(value)])]);
  }

  /** Looks at everything again, at several times: nothing may be written for a fleet that has settled and of which nothing crashes. */
  #isCalm(engine: Engine): boolean {
    const { cluster } = this;
    this.#mustRest(engine);
    const isRestless = cluster.agents.some(({ pods }) => pods.some((pod) => pod.due !== Infinity || pod.busyUntil > cluster.now));
    if (isRestless || !isPerfect(cluster)) return cluster.now - engine.lastDeedAt > LONG_ENOUGH;
    if (this.#isSyncDue() || engine.channelsDueAt < Infinity || cluster.own.fleet.freezes.some(({ to }) => to + 2 * HOUR > cluster.now)) return false;
    const { writes } = engine;
    for (const wait of [SECOND, MINUTE, MINUTE, MINUTE, 2 * HOUR]) {
      const before = this.#snapshot();
      passTime(cluster, cluster.now + wait);
      this.controllers.elect();
      engine.dirty.fill(true);
      this.#runAll(engine);
      if (engine.writes === writes) continue;
      if (!isPerfect(cluster)) return false;
      throw new Violation("nothing to do", `${engine.writes - writes} writes for a settled fleet within ${wait / SECOND} s\n${this.#changesSince(before)}`);
    }
    return true;
  }

  /** A second look at everything at the same moment finds nothing to write. */
  #mustRest(engine: Engine): void {
    this.#runAll(engine);
    const { writes } = engine;
    const before = this.#snapshot();
    engine.dirty.fill(true);
    this.#runAll(engine);
    if (engine.writes > writes) throw new Violation("nothing to do", `${engine.writes - writes} writes by looking once more\n${this.#changesSince(before)}`);
  }

  #changesSince(before: Record<string, string>): string {
    const after = this.#snapshot();
    return Object.keys(after).filter((key) => after[key] !== before[key]).map((key) => `${key}\n  before ${before[key]}\n  after  ${after[key]}`).join("\n");
  }
}

/** Plays a scenario. It never throws for what the engines do: that is a violation. */
export function simulate(brain: Brain, { start, script }: Scenario, withTrace = false): Outcome {
  const trace: string[] = [];
  const simulation = new Simulation(brain, start, withTrace ? trace : undefined);
  try {
    for (const number of script) simulation.play(number);
    simulation.settle();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    trace.push(`${((simulation.cluster.now - BEGIN) / SECOND).toFixed(1).padStart(9)} s  VIOLATED: ${error.message}`);
    return { steps: simulation.steps, violation: { invariant: error.invariant, message: error.message }, trace };
  }
  return { steps: simulation.steps, trace };
}
