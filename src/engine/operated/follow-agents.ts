import type { Cluster } from "../../cluster/cluster.ts";
import type { AgentStatus, FleetStatus, RolloutStatus } from "../../decide/status.ts";
import { shortDigest } from "../../decide/words.ts";
import type { Manifest } from "../../render/manifest.ts";
import { disconnectedWarning, type OnApplyEvent } from "../apply/apply-event.ts";
import { ObjectsWatch } from "../observe/objects-watch.ts";
import { agentStatusOf, fleetStatusOf } from "../operate/read-status.ts";
import { fleetHolds, holdOf, isResumed, secretLack, type FleetHolds } from "./held.ts";
import type { Hold } from "./hold.ts";
import { AGENT_KIND, FLEET_KIND } from "../operate/resource-kinds.ts";
import { conditionOf, standingOf } from "./resource-status.ts";

/** What to wait for. */
export interface FollowAgents {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agents: readonly string[];
  /** `metadata.generation` of the Fleet that the agents' statuses must answer; 0 for any. */
  readonly fleetGeneration: number;
  /** Requests, by agent, that the controller must have carried out: their ids. */
  readonly requests?: ReadonlyMap<string, string>;
  /** Agents that nothing was asked of: whoever of them moves to another image meanwhile is not waited for. */
  readonly bystanders?: ReadonlySet<string>;
  /** What those without a status are at; else they start for the first time. */
  readonly beginnings?: ReadonlyMap<string, "return" | "wait">;
  readonly signal: AbortSignal;
  readonly onEvent: OnApplyEvent;
}

/** The agents' resources when waiting ended, and which of them need somebody's hand, or wait for leave that nobody gives now. */
export interface FollowedAgents {
  readonly resources: ReadonlyMap<string, Manifest>;
  readonly stalled: readonly string[];
  /** By agent. */
  readonly held: ReadonlyMap<string, Hold>;
  /** Of the fleet's rollouts: what stands still until somebody goes on with it, in words. */
  readonly restingRollouts: readonly string[];
  /** Those under way, in words. */
  readonly movingRollouts: readonly string[];
}

/** Phases in which a running agent is being restarted on purpose. */
const RESTART_PHASES: ReadonlySet<string | undefined> = new Set(["WaitingForQuiet", "Draining"]);

/**
 * Follows agents until each is as declared, stalled, or held by a freeze, a suspension or what its Secret lacks, and tells what happens meanwhile. Rejects with
 * the signal's reason.
 */
export async function followAgents(request: FollowAgents): Promise<FollowedAgents> {
  const { cluster, namespace, agents, signal, onEvent } = request;
  const watch = ObjectsWatch.start(cluster, {
    followed: [
      { name: "agents", kind: AGENT_KIND, selection: { namespace } },
      { name: "fleets", kind: FLEET_KIND, selection: { namespace } },
    ],
    objects: { agents: new Map<string, Manifest>(), fleets: new Map<string, Manifest>() },
    onDisconnected: (reason) => onEvent(disconnectedWarning(reason)),
  });
  const telling = new Telling(onEvent, request.beginnings);
  try {
    return await watch.until((objects) => {
      const [fleet] = objects.fleets.values();
      const holds = fleetHolds(fleet, new Date());
      const moving = movingIn(fleetNow(fleet, request), request);
      const found = agents.map((name) => Object.assign(standingNow(name, objects.agents.get(name), request, holds), { isMoving: moving.has(name) }));
      for (const one of found) telling.tell(one);
      return ending(found, fleetNow(fleet, request));
    }, signal);
  } finally {
    watch.stop();
  }
}

/** Who is restarted for another image, and nothing was asked of. */
function movingIn(fleet: FleetStatus | undefined, { bystanders }: FollowAgents): ReadonlySet<string> {
  const moving = (fleet?.disruptions ?? []).filter(({ agent, cause }) => bystanders?.has(agent) && cause.startsWith("Image"));
  return new Set(moving.map(({ agent }) => agent));
}

interface Followed extends Found {
  readonly isMoving: boolean;
}

interface Found {
  readonly name: string;
  readonly resource: Manifest | undefined;
  readonly standing: ReturnType<typeof standingOf>;
  readonly hold: Hold | undefined;
}

/** What the Fleet says, if that answers its present generation. */
function fleetNow(resource: Manifest | undefined, { fleetGeneration }: FollowAgents): FleetStatus | undefined {
  const status = fleetStatusOf(resource);
  return status && status.observedGeneration >= fleetGeneration ? status : undefined;
}

/** An answer from before the request, or from before the Fleet changed, is none; nor is what is said of an agent that was resumed since. */
function standingNow(name: string, resource: Manifest | undefined, { requests, fleetGeneration }: FollowAgents, holds: FleetHolds): Found {
  const status = agentStatusOf(resource);
  const isCurrent = (status?.observedFleetGeneration ?? 0) >= fleetGeneration;
  if (!resource || !isCurrent) return { name, resource, standing: "waiting", hold: undefined };
  const open = openRequest(requests?.get(name), status);
  const standing = open === undefined ? standingSince(resource, holds) : "waiting";
  return { name, resource, standing, hold: standing === "stalled" ? undefined : holdOf(resource, holds, open) };
}

function openRequest(id: string | undefined, status: AgentStatus | undefined): string | undefined {
  return status?.acknowledgedOperation === id ? undefined : id;
}

function standingSince(resource: Manifest, holds: FleetHolds): Found["standing"] {
  return isResumed(resource, holds) ? "waiting" : standingOf(resource);
}

function ending(found: readonly Followed[], fleet: FleetStatus | undefined): FollowedAgents | undefined {
  if (found.some(({ standing, hold, isMoving }) => standing === "waiting" && !hold && !isMoving)) return undefined;
  return {
    resources: new Map(found.flatMap(({ name, resource }) => (resource ? [[name, resource] as const] : []))),
    stalled: found.filter(({ standing }) => standing === "stalled").map(({ name }) => name),
    held: new Map(found.flatMap(({ name, hold }) => (hold ? [[name, hold] as const] : []))),
    restingRollouts: (fleet?.rollouts ?? []).filter(({ phase }) => RESTING.has(phase)).map(({ channel, message }) => `image ${channel} does not roll out further: ${message}`),
    movingRollouts: (fleet?.rollouts ?? []).filter(({ phase }) => MOVING.has(phase)).map(movingWords),
  };
}

const MOVING: ReadonlySet<RolloutStatus["phase"]> = new Set<RolloutStatus["phase"]>(["Progressing", "RollingBack"]);

/** `image latest is rolling out, sha256:ab12…, 1 of 3 agents, wave 2: clovis` */
function movingWords({ channel, digest, phase, done, total, message }: RolloutStatus): string {
  const verb = phase === "RollingBack" ? "is rolling back" : "is rolling out";
  return `image ${channel} ${verb}, ${shortDigest(digest)} on ${done} of ${total} agents, ${message}`;
}

const RESTING: ReadonlySet<RolloutStatus["phase"]> = new Set<RolloutStatus["phase"]>(["Paused", "Frozen", "Held", "Halted"]);

/** Turns what statuses say into events, each said once. */
class Telling {
  readonly #onEvent: OnApplyEvent;
  readonly #beginnings: FollowAgents["beginnings"];
  readonly #waiting = new Map<string, string>();

  constructor(onEvent: OnApplyEvent, beginnings: FollowAgents["beginnings"]) {
    this.#onEvent = onEvent;
    this.#beginnings = beginnings;
  }

  tell({ name: agent, resource, standing, hold, isMoving }: Followed): void {
    if (!resource || isMoving || (hold && standing === "ready")) return;
    if (standing === "waiting") this.#tellWaiting(agent, resource);
    // Who was never seen waiting has nothing to tell.
    else if (this.#waiting.delete(agent)) {
      const problems = [{ reason: "Stalled", message: messageOf(resource), fatal: true }];
      this.#onEvent(standing === "ready" ? { type: "agent-ready", agent } : { type: "agent-failed", agent, problems });
    }
  }

  #tellWaiting(agent: string, resource: Manifest): void {
    const message = messageOf(resource);
    const reason = conditionOf(resource, "Ready")?.reason ?? "Waiting";
    const said = this.#waiting.get(agent);
    if (said === undefined) this.#onEvent({ type: "agent-started", agent, action: actionOf(resource) ?? this.#beginnings?.get(agent) ?? "create" });
    if (said !== message) this.#onEvent({ type: "agent-waiting", agent, problems: [{ reason, message, fatal: false }] });
    this.#waiting.set(agent, message);
  }
}

function messageOf(resource: Manifest): string {
  const [stalled, reconciling, ready] = [conditionOf(resource, "Stalled"), conditionOf(resource, "Reconciling"), conditionOf(resource, "Ready")];
  const telling = [stalled, reconciling].find((condition) => condition?.status === "True") ?? ready;
  const message = telling?.message ?? "waits for the controller";
  const lack = telling?.reason === "RestartPending" ? secretLack(resource) : undefined;
  return lack === undefined ? message : `${message}; ${lack}`;
}

/** Undefined of one that was not seen to start. */
function actionOf(resource: Manifest): "restart" | "wait" | undefined {
  const status = agentStatusOf(resource);
  if (status === undefined || status.restarts.length === 0) return undefined;
  return RESTART_PHASES.has(status.phase) ? "restart" : "wait";
}
