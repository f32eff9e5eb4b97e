import type { Manifest } from "../../render/manifest.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";
import { OPERATED } from "../operate/annotations.ts";
import { readFleet } from "../operate/desired.ts";
import { parsePlainMap, timeAt } from "../operate/parse.ts";
import { declaredFreezes, requestedFreeze } from "../operate/policy.ts";
import { present } from "../operate/present.ts";
import { suspensionFrom, withReason, type Suspension } from "../operate/suspension.ts";

/** A time in which no running agent is restarted on purpose, and that is now. */
export interface Freeze {
  /** ISO 8601. */
  readonly until: string;
  /** As of {@link Suspension}: `frota freeze`, or `spec.disruption.freezes`. */
  readonly from: "request" | "declaration";
  readonly by?: string;
  readonly reason?: string;
}

/** What a Fleet or an Agent says about its own suspension; undefined where it is not suspended. Pure. */
export function suspensionIn(resource: Manifest | undefined): Suspension | undefined {
  return suspensionFrom(valueAt(resource, ["spec", "suspend"]) === true, resource?.metadata.annotations);
}

/** The freezes of a Fleet that `now` is in, the one that lasts longest first; none of one that nobody can read. Pure. */
export function freezesIn(resource: Manifest, now: Date): Freeze[] {
  const fleet = readFleet(resource);
  if ("invalid" in fleet) return [];
  const at = now.getTime();
  const annotations = fleet.metadata.annotations ?? {};
  const request = parsePlainMap(annotations[OPERATED.freeze]);
  const [by, why] = [textAt(request, "by"), textAt(request, "reason")];
  const isReadable = timeAt(request, "until") !== undefined;
  return [
    ...requestedFreeze(annotations, at).map(({ to, reason }): Freeze => Object.assign({ until: isoOf(to), from: "request" as const }, present({ by, reason: isReadable ? why : reason }))),
    ...(declaredFreezes(fleet, at) ?? []).filter(({ from }) => from <= at).map(({ to, reason }): Freeze => ({ until: isoOf(to), from: "declaration", reason })),
  ].toSorted((one, other) => other.until.localeCompare(one.until));
}

function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}

/** `by ana@desk since 2026-11-23 09:04 UTC: debugging` (without a reason, if none was given), or `by Git (spec.suspend: true)`. */
export function suspensionWords({ from, by, at, reason }: Suspension): string {
  if (from === "declaration") return "by Git (spec.suspend: true)";
  const since = at === undefined || Number.isNaN(Date.parse(at)) ? "" : ` since ${minuteWords(at)}`;
  return withReason(`by ${by ?? "somebody"}${since}`, reason);
}

/** `2026-11-23 09:04 UTC` */
export function minuteWords(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
