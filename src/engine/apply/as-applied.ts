import { FIELD_MANAGER } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { isPlainMap, valueAt } from "../../spec/plain-data.ts";
import { mapsAt } from "../../spec/plain-field.ts";
import { OPERATED } from "../operate/annotations.ts";

/** Whether it says by `frota.dev/applied` what it was rendered from: what a controller applies does. */
export function isMarked(manifest: Manifest): boolean {
  return markOf(manifest) !== undefined;
}

/** What was applied last is what is declared now: both bear the same mark. */
export function isLastApplied(desired: Manifest, live: Manifest): boolean {
  return isMarked(desired) && markOf(desired) === markOf(live);
}

function markOf({ metadata }: Manifest): string | undefined {
  return metadata.annotations?.[OPERATED.applied];
}

/**
 * A live ConfigMap of which only the metadata was read, with the declared data, where that is certain to be the live one: what was applied is
 * what is declared (`frota.dev/applied` is the same), and since then nobody changed the data, for then it would be another field manager's, nor
 * took any of it away, for then it would be Frota's no more. Undefined where it is not certain. Pure.
 */
export function asApplied(desired: Manifest, live: Manifest): Manifest | undefined {
  if (!isLastApplied(desired, live)) return undefined;
  const owners = mapsAt(live, "metadata", "managedFields").filter(({ fieldsV1 }) => CONTENT.some((field) => valueAt(fieldsV1, [`f:${field}`]) !== undefined));
  const [owner, ...others] = owners;
  if (owner?.["manager"] !== FIELD_MANAGER || owner["operation"] !== "Apply" || others.length > 0) return undefined;
  const isWhole = CONTENT.every((field) => hasSameKeys(valueAt(owner["fieldsV1"], [`f:${field}`]), desired[field]));
  return isWhole ? { ...desired, metadata: live.metadata } : undefined;
}

/** Where a ConfigMap has what is not metadata. */
const CONTENT = ["data", "binaryData", "immutable"] as const;

/** Whether exactly these fields are owned; an owned map has a `.` beside its keys where somebody set it as a whole. */
function hasSameKeys(owned: unknown, declared: unknown): boolean {
  if (!isPlainMap(owned) || !isPlainMap(declared)) return owned === undefined && declared === undefined;
  const keys = Object.keys(owned).filter((key) => key !== ".");
  return keys.length === Object.keys(declared).length && keys.every((key) => key.startsWith("f:") && declared[key.slice("f:".length)] !== undefined);
}
