import { FIELD_MANAGER } from "../cluster/cluster.ts";
import type { Manifest } from "../render/manifest.ts";
import { isPlainMap, valueAt, type PlainMap } from "../spec/plain-data.ts";
import { mapsAt } from "../spec/plain-field.ts";
import { itemKey, missingFields } from "./operate/compare.ts";

/**
 * What a server-side apply by Frota would make of a live object, without asking the API server: declared fields as declared, fields that are
 * declared no more gone unless somebody else owns them, everything else as it is. Defaults and quantities in another notation
 * count as they are. What admission would change or refuse only the API server knows. Pure.
 */
export function simulateApply(desired: Manifest, live: Manifest): Manifest {
  const entries = mapsAt(live, "metadata", "managedFields");
  const own = entries.find(({ manager, operation }) => manager === FIELD_MANAGER && operation === "Apply");
  if (!own) return withoutOwners(overlay(desired, live, ""), live);
  const others = entries.filter((entry) => entry !== own).map(({ fieldsV1 }) => fieldsV1);
  const kept = withoutReleased(live, { owned: own["fieldsV1"], others, desired });
  return asManifest(overlay(desired, kept, ""), live);
}

/** Applying would make Frota the owner of fields that it does not own yet. */
function withoutOwners(value: unknown, live: Manifest): Manifest {
  const { metadata, ...rest } = asManifest(value, live);
  const { managedFields: _managedFields, ...others } = metadata;
  return { ...rest, metadata: others };
}

function asManifest(value: unknown, live: Manifest): Manifest {
  return isPlainMap(value) ? { ...live, ...value, metadata: { ...live.metadata, ...metadataOf(value) } } : live;
}

function metadataOf(value: PlainMap): PlainMap {
  return isPlainMap(value["metadata"]) ? value["metadata"] : {};
}

/** The declared value on top of the live one, which stays where it says the same. */
function overlay(declared: unknown, live: unknown, path: string): unknown {
  if (isPlainMap(declared) && isPlainMap(live)) return overlayMap(declared, live, path);
  if (Array.isArray(declared) && Array.isArray(live)) return overlayList(declared, live, path);
  return missingFields(declared, live, path).length === 0 ? live : declared;
}

function overlayMap(declared: PlainMap, live: PlainMap, path: string): PlainMap {
  const entries = Object.entries(declared).map(([key, value]): [string, unknown] => [key, overlay(value, live[key], path === "" ? key : `${path}.${key}`)]);
  const changed = entries.filter(([key, value]) => value !== live[key]);
  return changed.length === 0 ? live : { ...live, ...Object.fromEntries(changed) };
}

function overlayList(declared: readonly unknown[], live: readonly unknown[], path: string): readonly unknown[] {
  const key = itemKey(declared, path);
  if (key === undefined) return missingFields(declared, live, path).length === 0 ? live : declared;
  const names = declared.map((item) => valueAt(item, [key]));
  const merged = live.map((item) => {
    const index = names.indexOf(valueAt(item, [key]));
    return index === -1 ? item : overlay(declared[index], item, `${path}[]`);
  });
  const present = new Set(live.map((item) => valueAt(item, [key])));
  const added = declared.filter((_item, index) => !present.has(names[index]));
  return added.length === 0 && merged.every((item, index) => item === live[index]) ? live : [...merged, ...added];
}

/** What Frota owns of a value, who else owns what of it, and what is declared of it now. */
interface Ownership {
  readonly owned: unknown;
  readonly others: readonly unknown[];
  readonly desired: unknown;
}

function withoutReleased<Value>(live: Value, ownership: Ownership): Value;
function withoutReleased(live: unknown, ownership: Ownership): unknown {
  if (!isPlainMap(ownership.owned)) return live;
  if (Array.isArray(live)) return keptItems(live, ownership);
  return isPlainMap(live) ? keptFields(live, ownership) : live;
}

function keptFields(live: PlainMap, { owned, others, desired }: Ownership): PlainMap {
  const entries = Object.entries(live).flatMap(([key, value]): [string, unknown][] => {
    const below = ownershipBelow({ owned, others, desired: valueAt(desired, [key]) }, `f:${key}`);
    return isReleased(below) ? [] : [[key, withoutReleased(value, below)]];
  });
  return entries.length === Object.keys(live).length && entries.every(([key, value]) => value === live[key]) ? live : Object.fromEntries(entries);
}

/** Items of lists that several writers may add to: their owners name them as `k:{"name":"openclaw"}`. */
function keptItems(live: readonly unknown[], { owned, others, desired }: Ownership): readonly unknown[] {
  const keys = Object.keys(isPlainMap(owned) ? owned : {}).filter((key) => key.startsWith("k:"));
  if (keys.length === 0) return live;
  const kept = live.flatMap((item) => {
    const key = keys.find((candidate) => isItem(item, candidate));
    if (key === undefined) return [item];
    const declared = (Array.isArray(desired) ? desired : []).find((candidate) => isItem(candidate, key));
    const below = ownershipBelow({ owned, others, desired: declared }, key);
    return isReleased(below) ? [] : [withoutReleased(item, below)];
  });
  return kept.length === live.length && kept.every((item, index) => item === live[index]) ? live : kept;
}

function ownershipBelow({ owned, others, desired }: Ownership, key: string): Ownership {
  return { owned: valueAt(owned, [key]), others: others.map((other) => valueAt(other, [key])), desired };
}

function isReleased({ owned, others, desired }: Ownership): boolean {
  return owned !== undefined && desired === undefined && others.every((other) => other === undefined);
}

/** A key may have a field that defaults, as a port's protocol: what the item does not say is no contradiction. */
function isItem(item: unknown, key: string): boolean {
  const wanted: unknown = JSON.parse(key.slice("k:".length));
  if (!isPlainMap(wanted) || !isPlainMap(item)) return false;
  return Object.entries(wanted).every(([name, value]) => item[name] === undefined || item[name] === value);
}
