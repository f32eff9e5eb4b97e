import type { Manifest } from "../../render/manifest.ts";
import { textAt } from "../../spec/plain-field.ts";
import { readFleet } from "../operate/desired.ts";
import { resolvePolicy } from "../operate/policy.ts";
import { freezeHold, suspensionHold, type Hold } from "./hold.ts";
import { conditionOf, isAnswered } from "./resource-status.ts";

/** Reasons of condition Reconciling with which an agent waits for leave to restart, and for nothing else. */
const WAITS_FOR_LEAVE: ReadonlySet<string | undefined> = new Set(["RestartPending", "Frozen"]);

/** What holds a whole fleet. */
export interface FleetHolds {
  readonly suspension?: Hold | undefined;
  readonly freeze?: Hold | undefined;
}

/** What holds the agents of a Fleet now. Pure. */
export function fleetHolds(fleet: Manifest | undefined, now: Date): FleetHolds {
  return fleet ? { suspension: suspensionHold(fleet) ?? unreadableHold(fleet, now), freeze: freezeHold(fleet, now) } : {};
}

/** A window that nobody can read suspends the fleet. */
function unreadableHold(resource: Manifest, now: Date): Hold | undefined {
  const fleet = readFleet(resource);
  const words = "invalid" in fleet ? undefined : resolvePolicy(fleet, 1, now.getTime()).suspended;
  return words === undefined ? undefined : { words, next: "mend spec.disruption.freezes in fleet.yaml, and apply that" };
}

/**
 * What keeps the controller from acting for an agent until a person or the clock says so: what waits, for whom or until when. Undefined
 * while it may act, or has nothing to do. Declaration and status must
 * agree: a freeze that has just ended is none, though the status still waits. With the id of a `request` somebody waits for a restart, whatever
 * is declared: it may wait for a secret as well. Pure.
 */
export function holdOf(agent: Manifest, holds: FleetHolds, request?: string): Hold | undefined {
  if (!isAnswered(agent)) return undefined;
  return heldBySuspension(agent, holds, request !== undefined) ?? heldBySecret(agent, request) ?? heldByFreeze(agent, holds);
}

/** What the agent's Secret lacks to start with, as the controller tells it; undefined where it has all. Pure. */
export function secretLack(agent: Manifest): string | undefined {
  const secrets = conditionOf(agent, "SecretsCurrent");
  return secrets?.status === "False" && LACKS.has(secrets.reason) ? secrets.message : undefined;
}

const LACKS: ReadonlySet<string> = new Set(["MissingKeys", "SecretNotSynced"]);

/** No resource says what the Secret lacks but the status, and until that knows of the request it may be of before: the key may have come since. */
function heldBySecret(agent: Manifest, request: string | undefined): Hold | undefined {
  const words = secretLack(agent);
  const isSeen = request !== undefined && textAt(agent, "status", "pendingOperation") === request;
  return words === undefined || !isSeen ? undefined : { words, next: `\`frota secrets status ${agent.metadata.name}\` shows where it is lost, and what to do` };
}

/** Nothing suspends the agent any more, and its controller has not looked at it since: what the status says is of before. Pure. */
export function isResumed(agent: Manifest, { suspension }: FleetHolds): boolean {
  return textAt(agent, "status", "phase") === "Suspended" && !suspension && !suspensionHold(agent);
}

function heldBySuspension(agent: Manifest, holds: FleetHolds, isRequested: boolean): Hold | undefined {
  const hold = holds.suspension ?? suspensionHold(agent);
  if (hold === undefined || textAt(agent, "status", "phase") !== "Suspended") return undefined;
  const isAsDeclared = (["Ready", "ConfigCurrent"] as const).every((type) => conditionOf(agent, type)?.status === "True");
  return isAsDeclared && !isRequested ? undefined : hold;
}

function heldByFreeze(agent: Manifest, { freeze }: FleetHolds): Hold | undefined {
  const reconciling = conditionOf(agent, "Reconciling");
  const waits = reconciling?.status === "True" && WAITS_FOR_LEAVE.has(reconciling.reason);
  if (!waits || !freeze) return undefined;
  const words = reconciling.reason === "Frozen" ? [] : [reconciling.message];
  return { words: [...words, freeze.words].join("; "), next: freeze.next };
}
