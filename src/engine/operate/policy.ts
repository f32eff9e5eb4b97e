import { freezeWindows } from "../../decide/freeze-windows.ts";
import type { FleetPolicy, FreezeWindow, Instant } from "../../decide/policy.ts";
import { durationMilliseconds } from "../../spec/duration.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { textAt } from "../../spec/plain-field.ts";
import { OPERATED } from "./annotations.ts";
import { parsePlainMap, timeAt } from "./parse.ts";
import { suspensionReason, withReason } from "./suspension.ts";

const DAY = 86_400_000;

type Annotations = Readonly<Record<string, string>>;

/**
 * What a Fleet says about disruptions, for so many agents; with its annotations `frota.dev/freeze` and `frota.dev/suspended`. It holds until
 * the first of its windows has ended. What nobody can read counts as the careful reading of it.
 */
export function resolvePolicy(fleet: Fleet, agentCount: number, now: Instant): FleetPolicy {
  const { disruption, rollout, suspend } = fleet.spec;
  const annotations = fleet.metadata.annotations ?? {};
  const windows = declaredFreezes(fleet, now);
  const freezes = [...requestedFreeze(annotations, now), ...(windows ?? [])].toSorted((one, other) => one.from - other.from);
  const suspended = suspensionReason(suspend, annotations) ?? (windows === undefined ? "a freeze window has an unknown time zone" : undefined);
  return {
    maxDisrupted: maxDisrupted(disruption.maxDisrupted, agentCount),
    canaries: rollout.canaries,
    bakeTime: durationMilliseconds(rollout.bakeTime),
    failureBudget: rollout.failureBudget,
    quietWait: durationMilliseconds(disruption.quietWait),
    coalesceWindow: durationMilliseconds(disruption.coalesceWindow),
    freezes,
    ...(suspended !== undefined && { suspended }),
  };
}

/** The policy where there is no Fleet, or one that says nothing sound: nothing is written. */
export function noPolicy(suspended: string): FleetPolicy {
  return { maxDisrupted: 1, canaries: [], bakeTime: 0, failureBudget: 0, quietWait: 0, coalesceWindow: 0, freezes: [], suspended };
}

function maxDisrupted(declared: string | number, agentCount: number): number {
  if (typeof declared === "number") return declared;
  return Math.max(1, Math.floor((agentCount * Number.parseInt(declared, 10)) / 100));
}

/** The windows of `spec.disruption.freezes` that are not over, in order; undefined where one is in a time zone that nobody knows. */
export function declaredFreezes(fleet: Fleet, now: Instant): FreezeWindow[] | undefined {
  try {
    return freezeWindows(fleet.spec.disruption.freezes, now);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The window of annotation `frota.dev/freeze`, unless it is over. One that nobody can read lasts. */
export function requestedFreeze(annotations: Annotations, now: Instant): FreezeWindow[] {
  const text = annotations[OPERATED.freeze];
  if (text === undefined) return [];
  const request = parsePlainMap(text);
  const until = timeAt(request, "until");
  const by = textAt(request, "by") ?? "somebody";
  if (until === undefined) return [{ from: 0, to: now + DAY, reason: `frozen by ${by}, until a time that nobody can read: annotation ${OPERATED.freeze}` }];
  return until > now ? [{ from: 0, to: until, reason: withReason(`frozen by ${by}`, textAt(request, "reason")) }] : [];
}
