import type { PendingRestart } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { enumerate } from "../../decide/words.ts";
import { fleetStatusOf } from "../operate/read-status.ts";
import { freezeHold, suspensionHold } from "./hold.ts";
import { conditionOf } from "./resource-status.ts";

/** What is known of a fleet with a controller. */
export interface PendingContext {
  readonly fleet: Manifest;
  readonly isLive: boolean;
  readonly now: Date;
}

/**
 * How an agent whose process has older values of its secret gets the present ones: by its controller, and what that waits for; or not by itself,
 * and why. Pure.
 */
export function pendingRestart(agent: Manifest, { fleet, isLive, now }: PendingContext): PendingRestart {
  const { name } = agent.metadata;
  if (conditionOf(agent, "SecretsCurrent")?.reason === "RestartDue") {
    return { isAutomatic: false, why: "its spec.secrets.onChange is notify, so that only people restart it", next: `frota restart ${name}` };
  }
  if (!isLive) return { isAutomatic: false, why: "the controller that would restart it is not live", next: "frota controller status" };
  const hold = suspensionHold(fleet) ?? suspensionHold(agent) ?? freezeHold(fleet, now);
  return hold ? waits(hold.words, hold.next) : turnOf(agent, fleet);
}

function turnOf(agent: Manifest, fleet: Manifest): PendingRestart {
  const { name } = agent.metadata;
  const next = `frota status ${name}`;
  const stalled = conditionOf(agent, "Stalled");
  if (stalled?.status === "True") return { isAutomatic: false, why: `the controller does not get further: ${stalled.message}`, next };
  const reconciling = conditionOf(agent, "Reconciling");
  const isNext = reconciling?.status !== "True" || reconciling.reason === "RestartPending";
  if (!isNext) return waits(reconciling.message, next);
  const others = (fleetStatusOf(fleet)?.disruptions ?? []).map((disruption) => disruption.agent).filter((other) => other !== name);
  return waits(others.length === 0 ? "it is next" : `its turn comes after ${enumerate(others)}`, next);
}

function waits(why: string, next: string): PendingRestart {
  return { isAutomatic: true, why, next };
}
