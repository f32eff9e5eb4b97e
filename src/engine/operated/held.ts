import { activeFreeze, freezeWords } from "../../decide/obstacle.ts";
import type { FleetPolicy } from "../../decide/policy.ts";
import type { Manifest } from "../../render/manifest.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";
import { suspensionOf } from "../operate/policy.ts";
import { conditionOf, isAnswered } from "./resource-status.ts";

/** Reasons of condition Reconciling with which an agent waits for leave to restart, and for nothing else. */
const WAITS_FOR_LEAVE: ReadonlySet<string | undefined> = new Set(["RestartPending", "Frozen"]);

/**
 * What keeps the controller from acting for an agent until a person or the clock says so: what waits, for whom or until when, in words. Undefined
 * while it may act, or has nothing to do. Declaration and status must
 * agree: a freeze that has just ended is none, though the status still waits. With `isRequested` somebody waits for a restart, whatever
 * is declared. `now` in milliseconds since the epoch. Pure.
 */
export function holdOf(agent: Manifest, policy: FleetPolicy, now: number, isRequested = false): string | undefined {
  if (!isAnswered(agent)) return undefined;
  return suspensionHold(agent, policy, isRequested) ?? freezeHold(agent, policy, now);
}

function suspensionHold(agent: Manifest, policy: FleetPolicy, isRequested: boolean): string | undefined {
  const message = policy.suspended ?? suspensionOf(valueAt(agent, ["spec", "suspend"]) === true, agent.metadata.annotations ?? {});
  if (message === undefined || textAt(agent, "status", "phase") !== "Suspended") return undefined;
  const isAsDeclared = (["Ready", "ConfigCurrent"] as const).every((type) => conditionOf(agent, type)?.status === "True");
  return isAsDeclared && !isRequested ? undefined : message;
}

function freezeHold(agent: Manifest, policy: FleetPolicy, now: number): string | undefined {
  const reconciling = conditionOf(agent, "Reconciling");
  const freeze = activeFreeze(policy, now);
  const waits = reconciling?.status === "True" && WAITS_FOR_LEAVE.has(reconciling.reason);
  if (!waits || !freeze) return undefined;
  const words = reconciling.reason === "Frozen" ? [] : [reconciling.message];
  return [...words, freezeWords(freeze)].join("; ");
}
