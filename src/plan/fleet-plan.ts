import type { AgentChange, ChangeSet, ConfigurationChange, ObjectChange, ObjectId, Refusal, RestartReason } from "./change-set.ts";
import { restartDuration, type Pace, type RestartDuration } from "./restart-duration.ts";

/** What a gateway says about its agent's work. `unknown`: OpenClaw counts tasks, not running turns; or it could not be asked. */
export interface Activity {
  readonly state: "busy" | "idle" | "unknown";
  /** In words. */
  readonly message: string;
}

/** How one agent is before an apply. */
export interface AgentNow {
  /** Some pod of it serves. */
  readonly isUp: boolean;
  /** Of agents that are going to restart. */
  readonly activity?: Activity;
  /** Milliseconds that its last restart took, if that is on record. */
  readonly lastRestart?: number;
  /** What the controller is at for it now, whatever is applied; in words. */
  readonly underWay?: string;
}

/** What keeps an apply's restarts back until somebody, or the clock, says so. */
export interface Hold {
  /** CamelCase, stable. */
  readonly reason: "NoController" | "Suspended" | "Frozen" | "RolloutHeld" | "MissingKeys";
  readonly message: string;
  /** Whom it concerns; all of the fleet when absent. */
  readonly agents?: readonly string[];
}

/** A fleet before an apply. */
export interface FleetNow {
  readonly namespace: string;
  readonly pace: Pace;
  readonly agents: ReadonlyMap<string, AgentNow>;
  readonly holds: readonly Hold[];
}

/** What applying would do to one agent. */
export interface PlannedAgent {
  readonly name: string;
  readonly action: Exclude<AgentChange["action"], "none">;
  /** See {@link AgentChange}. */
  readonly isReturning?: boolean;
  readonly reasons: readonly RestartReason[];
  readonly configuration: readonly ConfigurationChange[];
  /** Its objects that are written; those of a new agent are all of them. */
  readonly objects: readonly ObjectChange[];
  readonly isUp: boolean;
  readonly activity?: Activity;
  /** Why its restart waits: reasons of {@link FleetPlan.holds}. */
  readonly heldBy: readonly Hold["reason"][];
}

/** What applying would do to a fleet: to whom, when, for how long, and what would keep it back. */
export interface FleetPlan {
  readonly namespace: string;
  readonly way: Pace["way"];
  /** Only those that something happens to. */
  readonly agents: readonly PlannedAgent[];
  readonly unchanged: number;
  /** Changes of the fleet's own objects. */
  readonly fleet: readonly ObjectChange[];
  /** Absent where nothing starts. */
  readonly duration?: RestartDuration;
  /** Those that concern what is planned. */
  readonly holds: readonly Hold[];
  /** What the controller is at already, whatever is applied. */
  readonly underWay: readonly { readonly agent: string; readonly message: string }[];
  /** Why applying would be refused. */
  readonly refusals: readonly Refusal[];
  /** Declared no more; they stay. */
  readonly leftovers: readonly ObjectId[];
}

/** Puts together what would change and how the fleet is now. Pure. */
export function fleetPlan(changes: ChangeSet, now: FleetNow): FleetPlan {
  const byAgent = Map.groupBy(changes.objects.filter(({ action }) => action !== "unchanged"), ({ agent }) => agent);
  const agents = changes.agents.flatMap((change) => plannedAgent(change, byAgent.get(change.name) ?? [], now));
  const duration = durationOf(agents, now);
  return {
    namespace: now.namespace,
    way: now.pace.way,
    agents,
    unchanged: changes.agents.length - agents.length,
    fleet: byAgent.get(undefined) ?? [],
    ...(duration ? { duration } : {}),
    holds: now.holds.filter((hold) => agents.some((agent) => isHeld(agent, hold))),
    underWay: Array.from(now.agents, ([agent, { underWay }]) => ({ agent, message: underWay ?? "" })).filter(({ message }) => message !== ""),
    refusals: changes.refusals,
    leftovers: changes.leftovers,
  };
}

/** Whether applying would write anything. */
export function isPlanEmpty({ agents, fleet }: FleetPlan): boolean {
  return agents.length === 0 && fleet.length === 0;
}

function plannedAgent({ name, action, isReturning, restartReasons, configuration }: AgentChange, objects: readonly ObjectChange[], { agents, holds }: FleetNow): PlannedAgent[] {
  if (action === "none") return [];
  const { isUp = false, activity } = agents.get(name) ?? {};
  const planned = { name, action, ...(isReturning ? { isReturning } : {}), reasons: restartReasons, configuration, objects, isUp, ...(activity ? { activity } : {}) };
  return [{ ...planned, heldBy: [...new Set(holds.filter((hold) => isHeld(planned, hold)).map(({ reason }) => reason))] }];
}

function isHeld({ name, action, isUp, reasons }: Omit<PlannedAgent, "heldBy">, { reason, agents }: Hold): boolean {
  if (agents && !agents.includes(name)) return false;
  // A freeze lets new agents start, and those that are down come back.
  if (reason === "Frozen") return action === "restart" && isUp;
  if (reason === "RolloutHeld") return reasons.some(isImage);
  return reason === "MissingKeys" ? action === "restart" : true;
}

function durationOf(agents: readonly PlannedAgent[], { pace, agents: present }: FleetNow): RestartDuration | undefined {
  const restarts = agents.filter(({ action }) => action === "restart");
  return restartDuration({
    pace,
    creations: agents.filter(({ action }) => action === "create").length,
    past: [...present.values()].flatMap(({ lastRestart }) => (lastRestart === undefined ? [] : [lastRestart])),
    restarts: restarts.map(({ name, reasons, isUp, activity }) => ({
      name,
      isInWaves: pace.way === "operated" && reasons.some(isRolledOut),
      mayBeBusy: isUp && activity?.state !== "idle",
    })),
  });
}

function isImage({ cause }: RestartReason): boolean {
  return cause === "image";
}

/** A tag rolls out in waves; a digest that one agent declares for itself does not. */
function isRolledOut(reason: RestartReason): boolean {
  return isImage(reason) && !(typeof reason.after === "string" && reason.after.includes("@sha256:"));
}
