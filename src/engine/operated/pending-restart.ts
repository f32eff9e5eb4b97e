import type { PendingRestart } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { enumerate } from "../../decide/words.ts";
import { conditionOf, fleetResourceStatus } from "./resource-status.ts";
import { freezesIn, suspensionIn, type Freeze, type Suspension } from "./standstill.ts";

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
  return heldBySuspension(agent, fleet) ?? heldByFreeze(fleet, now) ?? turnOf(agent, fleet);
}

function heldBySuspension(agent: Manifest, fleet: Manifest): PendingRestart | undefined {
  const [own, whole] = [suspensionIn(agent), suspensionIn(fleet)];
  if (whole) return suspended("the fleet is", whole, "--all");
  return own && suspended("it is", own, agent.metadata.name);
}

function suspended(who: string, { from, by, reason }: Suspension, resume: string): PendingRestart {
  if (from === "declaration") return waits(`${who} suspended by Git (spec.suspend: true)`, "take spec.suspend out of Git");
  return waits(`${who} suspended by ${by ?? "somebody"}: ${reason ?? "no reason given"}`, `frota resume ${resume}`);
}

function heldByFreeze(fleet: Manifest, now: Date): PendingRestart | undefined {
  const [freeze] = freezesIn(fleet, now);
  return freeze && waits(frozenWords(freeze), freeze.from === "request" ? "wait, or frota freeze --end" : "wait, or take the window out of fleet.yaml");
}

/** `the fleet is frozen until 2026-11-23 14:05 UTC by ana@laptop: release day` */
function frozenWords({ until, from, by, reason }: Freeze): string {
  const whose = from === "request" ? (by ?? "somebody") : "fleet.yaml";
  return `the fleet is frozen until ${until.slice(0, 16).replace("T", " ")} UTC by ${whose}: ${reason}`;
}

function turnOf(agent: Manifest, fleet: Manifest): PendingRestart {
  const { name } = agent.metadata;
  const next = `frota status ${name}`;
  const stalled = conditionOf(agent, "Stalled");
  if (stalled?.status === "True") return { isAutomatic: false, why: `the controller does not get further: ${stalled.message}`, next };
  const reconciling = conditionOf(agent, "Reconciling");
  const isNext = reconciling?.status !== "True" || reconciling.reason === "RestartPending";
  if (!isNext) return waits(reconciling.message, next);
  const others = (fleetResourceStatus(fleet)?.disruptions ?? []).map((disruption) => disruption.agent).filter((other) => other !== name);
  return waits(others.length === 0 ? "it is next" : `its turn comes after ${enumerate(others)}`, next);
}

function waits(why: string, next: string): PendingRestart {
  return { isAutomatic: true, why, next };
}
