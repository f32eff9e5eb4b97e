import type { AgentDecision, FleetAction, FleetDecision, RestartAction } from "../../src/decide/action.ts";
import type { FleetWorld, ImageRevision } from "../../src/decide/fleet-world.ts";
import type { AgentStatus } from "../../src/decide/status.ts";
import type { AgentWorld, ImageTarget, Permit } from "../../src/decide/world.ts";
import type { Cluster, Watcher } from "./cluster.ts";
import { imageOf, shortDigest } from "./images.ts";
import { holdsVolume } from "./kubelet.ts";
import type { AgentObjects, Ledger, Pod } from "./model.ts";

/** A broken invariant. */
export class Violation extends Error {
  readonly invariant: Invariant;
  constructor(invariant: Invariant, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

/** What must hold after every step. */
export type Invariant =
  | "permit" | "budget" | "one gateway" | "state kept" | "no older OpenClaw" | "frozen" | "suspended" | "missing keys" | "one cause"
  | "rejected digest" | "nothing to do" | "settles" | "total" | "no spin" | "operation once";

/** Watches over the true cluster and over what the engines decide. */
export class Invariants implements Watcher {
  /** By agent: our restart took it down, and it has not been ready since. */
  readonly downByUs: boolean[] = [];
  #highestLimit = 0;
  readonly #usedIds = new Set<string>();
  readonly #grantedIds = new Set<string>();
  readonly #requests = new Map<string, number>();
  readonly #mayStillLand = new Map<string, Set<string>>();
  readonly #operations = new Map<string, string>();
  #checkedVersion = -1;
  readonly #hadClaim: boolean[] = [];
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  podReady(agent: number, pod: Pod): void {
    if (pod.revision === this.#cluster.at(agent).deployment?.revision) this.downByUs[agent] = false;
  }

  podStarts(): void {
    this.#checkedVersion = -1;
  }

  /** Somebody else interfered: from now on it is not our doing. */
  touchedByOthers(agent: number): void {
    this.downByUs[agent] = false;
  }

  /** After every step. */
  check(): void {
    const cluster = this.#cluster;
    this.#highestLimit = Math.max(this.#highestLimit, cluster.own.fleet.maxDisrupted);
    if (this.#checkedVersion === cluster.version) return;
    this.#checkedVersion = cluster.version;
    for (let agent = 0; agent < cluster.agents.length; agent += 1) {
      const { pods, claim } = cluster.at(agent);
      let holders = 0;
      for (const pod of pods) if (holdsVolume(pod)) holders += 1;
      if (holders > 1) throw new Violation("one gateway", `${cluster.names[agent]} has ${holders} processes on its volume`);
      if (claim === undefined && this.#hadClaim[agent] === true) throw new Violation("state kept", `the claim of ${cluster.names[agent]} is gone`);
      this.#hadClaim[agent] = claim !== undefined;
    }
  }

  /** What `decide` answered, by what the engine knew. */
  // oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
  decided(world: AgentWorld, decision: AgentDecision, now: number): void {
    const { name, policy, declared } = world;
    const writes = decision.actions.filter(({ type }) => type !== "announce" && type !== "check-gateway");
    const suspended = policy.suspended ?? declared?.suspended;
    if (suspended !== undefined && writes.length > 0) throw new Violation("suspended", `${name} gets ${writes.map(({ type }) => type).join(", ")}`);
    for (const action of decision.actions) {
      if (action.type !== "restart" && action.type !== "create") continue;
      checkImage(world, action.image);
      const lacks = world.secret.missingKeys.length > 0 || (action.type === "restart" && !world.secret.exists);
      if (lacks) throw new Violation("missing keys", `${name}: ${action.type} though its Secret lacks ${world.secret.missingKeys.join(", ")}`);
      if (action.type === "restart") checkFrozen(world, action, now);
    }
    if (decision.wakeAt !== undefined && decision.wakeAt <= now && decision.actions.length === 0) {
      throw new Violation("no spin", `${name} wants to be looked at again ${now - decision.wakeAt} ms ago`);
    }
  }

  /** What `admit` answered. */
  admitted(world: FleetWorld, decision: FleetDecision, now: number): void {
    for (const [channel, target] of decision.targets) {
      const revision = world.revisions.find((candidate) => candidate.channel === channel && candidate.digest === target.digest);
      if (revision?.rejected !== undefined) throw new Violation("rejected digest", `channel ${channel} still means ${shortDigest(target.digest)}, which is ${revision.rejected}`);
    }
    const writes = decision.actions.filter(({ type }) => type !== "announce" && type !== "resolve-channels");
    if (world.policy.suspended !== undefined && writes.some(({ type }) => type === "write-ledger" || type === "pre-pull") && grants(world, writes)) {
      throw new Violation("suspended", "a suspended fleet is about to be disrupted");
    }
    if (decision.wakeAt !== undefined && decision.wakeAt <= now && decision.actions.length === 0) {
      throw new Violation("no spin", `the fleet wants to be looked at again ${now - decision.wakeAt} ms ago`);
    }
  }

  /** A restart reached the true cluster. `wasUp` is from just before, `seen` is what it was decided on. */
  // oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
  restartLanded(agent: number, action: RestartAction, { wasUp, seen }: { readonly wasUp: boolean; readonly seen: AgentObjects }): void {
    const cluster = this.#cluster;
    const name = cluster.names[agent] ?? "";
    const entry = cluster.own.ledger.permits.get(name);
    if (entry === undefined) throw new Violation("permit", `${name} is restarted (${action.cause}) without an entry in the ledger`);
    if (entry.id !== action.id && action.cause !== "Rollback") throw new Violation("permit", `${name} is restarted by ${action.id}, but the ledger says ${entry.id}`);
    const key = `${name}/${action.id}/${action.cause === "Rollback" ? "back" : "on"}`;
    if (this.#usedIds.has(key)) throw new Violation("one cause", `${name} is restarted twice by ${action.id} (${action.cause})`);
    this.#usedIds.add(key);
    this.#checkRequest(agent, action);
    this.#checkRejected(agent, action);
    this.#checkVersion(agent, action, seen);
    // Who was down before, and goes back from what did not mend it, takes nothing from anybody.
    if (wasUp && !(action.cause === "Rollback" && entry.isExtra === true)) this.downByUs[agent] = true;
    const down = this.downByUs.filter((isDown, other) => isDown && cluster.at(other).resource !== undefined).length;
    if (down > this.#highestLimit) throw new Violation("budget", `${down} agents are down by our doing, allowed are ${this.#highestLimit}`);
  }

  #checkRequest(agent: number, action: RestartAction): void {
    if (action.cause !== "Requested") return;
    const request = action.id.slice(0, action.id.lastIndexOf("."));
    const times = (this.#requests.get(request) ?? 0) + 1;
    this.#requests.set(request, times);
    if (times > 1) throw new Violation("operation once", `${request} restarts ${this.#cluster.names[agent]} for the second time`);
  }

  #checkRejected(agent: number, action: RestartAction): void {
    const { resource } = this.#cluster.at(agent);
    if (action.cause === "Rollback" || resource?.pinned !== undefined) return;
    const revision = this.#cluster.own.revisions.find(({ channel, digest }) => channel === resource?.channel && digest === action.image.digest);
    if (revision?.rejected === undefined || this.#mayStillLand.get(revision.name)?.has(action.id) === true) return;
    throw new Violation("rejected digest", `${this.#cluster.names[agent]} is put on ${shortDigest(action.image.digest)}, which is ${revision.rejected}`);
  }

  #checkVersion(agent: number, action: RestartAction, seen: AgentObjects): void {
    const image = imageOf(action.image.digest);
    // Somebody's `kubectl set image`, which this restart leaves as it is.
    if (seen.deployment?.template.digest === action.image.digest) return;
    const ran = newestRun(seen);
    if (image.isLabelled && image.version < ran) {
      throw new Violation("no older OpenClaw", `${this.#cluster.names[agent]} has run version ${ran}; ${action.cause} puts it on ${image.version}`);
    }
  }

  /** The ledger was replaced; `world` is what the engine knew. */
  ledgerLanded(before: Ledger, world: FleetWorld): void {
    const { permits } = this.#cluster.own.ledger;
    const added = [...permits].filter(([name, permit]) => before.permits.get(name)?.id !== permit.id);
    for (const [name, permit] of added) this.#checkGrant(name, permit, world);
    for (const [name, { id }] of before.permits) {
      // Another permit in its place: a fix for an agent that failed after its restart. One that nobody acted on: such a fix, taken back; that
      // the agent is down can be seen by its pods.
      if (permits.has(name) || !this.#usedIds.has(`${name}/${id}/on`)) continue;
      const agent = this.#cluster.names.indexOf(name);
      const { resource } = this.#cluster.at(agent);
      if (this.downByUs[agent] === true && resource !== undefined) throw new Violation("permit", `${name} loses its permit while it is down by our doing`);
    }
  }

  // oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
  #checkGrant(name: string, permit: Permit, world: FleetWorld): void {
    if (this.#grantedIds.has(`${name}/${permit.id}`)) throw new Violation("one cause", `permit ${permit.id} is granted to ${name} a second time`);
    this.#grantedIds.add(`${name}/${permit.id}`);
    const agent = world.agents.find((candidate) => candidate.name === name);
    const revision = world.revisions.find(({ channel, digest }) => channel === agent?.declared?.channel && digest === permit.image.digest);
    const isNew = agent?.deployment?.pinnedDigest !== permit.image.digest && agent?.pods.some(({ digest }) => digest === permit.image.digest) !== true;
    if (revision?.rejected !== undefined && isNew && agent?.declared?.pinned === undefined) {
      throw new Violation("rejected digest", `${name} gets a permit for ${shortDigest(permit.image.digest)}, which is ${revision.rejected}`);
    }
    this.#allowStale(permit);
    if (agent === undefined || !isUpIn(agent)) return;
    const { permits } = this.#cluster.own.ledger;
    const others = world.agents.filter((other) => !permits.has(other.name) && isDownIn(other));
    // Who never served loses nothing.
    const idle = world.agents.filter((other) => permits.get(other.name)?.isExtra === true && !isUpIn(other) && !isDownIn(other));
    if (permits.size - idle.length + others.length > world.policy.maxDisrupted) {
      const down = others.length === 0 ? "" : `, and ${others.map((other) => other.name).join(", ")} known to be down`;
      throw new Violation("budget", `${name} gets a permit: ${permits.size} in the ledger${down}; allowed are ${world.policy.maxDisrupted}`);
    }
  }

  /** Granted by somebody who could not know yet. */
  #allowStale(permit: Permit): void {
    for (const revision of this.#cluster.own.revisions) {
      if (revision.digest === permit.image.digest) this.#mayStillLand.get(revision.name)?.add(permit.id);
    }
  }

  /** A revision was changed. */
  revisionLanded(before: ImageRevision | undefined, after: ImageRevision): void {
    if (after.rejected !== undefined && before?.rejected === undefined) {
      this.#mayStillLand.set(after.name, new Set([...this.#cluster.own.ledger.permits.values()].map(({ id }) => id)));
    }
    if (before === undefined || after.attempt <= before.attempt || after.operation === undefined) return;
    if (this.#operations.get(after.operation) === after.name) throw new Violation("operation once", `${after.operation} starts ${after.name} again`);
    this.#operations.set(after.operation, after.name);
  }

  /** An agent's status was written. */
  statusWritten(name: string, status: AgentStatus): void {
    if (status.restarts.length > 10) throw new Violation("one cause", `${name} has ${status.restarts.length} restarts in its status`);
    const seen = new Set<string>();
    for (const { at, cause } of status.restarts) {
      if (seen.has(`${at}/${cause}`)) throw new Violation("one cause", `${name} has two records of one start at ${at} (${cause})`);
      seen.add(`${at}/${cause}`);
    }
  }
}

function grants(world: FleetWorld, actions: readonly FleetAction[]): boolean {
  return actions.some((action) => action.type === "write-ledger" && [...action.permits].some(([name, { id }]) => world.ledger.permits.get(name)?.id !== id));
}

/**
 * What truly ran on the state, as far as an engine can know: the claim's record, and the processes of the pods that it saw. An
 * image that exits before it touches the state never ran on it, and must not lock out the one before it (start-guard/version.mjs).
 */
function newestRun({ claim, pods }: AgentObjects): number {
  const began = pods.filter(({ phase, startedAt, ended }) => (startedAt !== undefined && phase !== "lost") || ended !== undefined);
  const images = began.flatMap(({ digest }) => (digest === undefined ? [] : [imageOf(digest)]));
  const versions = images.filter(({ isLabelled, behavior }) => isLabelled && behavior !== "exits").map(({ version }) => version);
  return Math.max(claim?.recorded ?? 0, ...versions);
}

function checkImage({ name, state }: AgentWorld, image: ImageTarget): void {
  if (state.openclawVersion === undefined || image.openclawVersion === undefined) return;
  if (image.openclawVersion < state.openclawVersion) {
    throw new Violation("no older OpenClaw", `${name}: state of ${state.openclawVersion}, but it is put on ${image.openclawVersion}`);
  }
}

function checkFrozen(world: AgentWorld, action: RestartAction, now: number): void {
  if (action.cause === "Rollback" || !isUpIn(world)) return;
  const window = world.policy.freezes.find(({ from, to }) => from <= now && now < to);
  if (window !== undefined) throw new Violation("frozen", `${world.name} is restarted (${action.cause}) in the freeze "${window.reason}"`);
}

/** By that view, it serves. */
function isUpIn({ pods }: AgentWorld): boolean {
  return pods.some((pod) => pod.isReady && !pod.isTerminating);
}

/** By that view, it served once and does not now: its first start is no disruption. */
function isDownIn(world: AgentWorld): boolean {
  const { declared, deployment, state, policy } = world;
  if (declared === undefined || deployment === undefined || isUpIn(world)) return false;
  const isKeptStopped = deployment.replicas === 0 && (declared.suspended ?? policy.suspended) !== undefined;
  return !isKeptStopped && (state.openclawVersion !== undefined || deployment.pinnedDigest === undefined);
}
