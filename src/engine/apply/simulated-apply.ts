import { FIELD_MANAGER } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { isPlainMap, valueAt, type PlainMap } from "../../spec/plain-data.ts";
import { mapsAt } from "../../spec/plain-field.ts";
import { itemKey, missingFields } from "../operate/compare.ts";
import { isLastApplied } from "./as-applied.ts";

/**
 * What a server-side apply by Frota would make of a live object, without asking the API server: declared fields as declared, fields that are
 * declared no more gone unless somebody else owns them, everything else as it is. Defaults and quantities in another notation
 * count as they are. What admission would change or refuse only the API server knows. Pure.
 */
export function simulateApply(desired: Manifest, live: Manifest): Manifest {
  const entries = mapsAt(live, "metadata", "managedFields");
  const own = entries.find(({ manager, operation }) => manager === FIELD_MANAGER && operation === "Apply");
  if (!own) return withoutOwners(overlay(desired, live, ""), live);
  // There is nothing to take away.
  if (isLastApplied(desired, live)) return asManifest(overlay(desired, live, ""), live);
  const others = entries.filter((entry) => entry !== own).map(({ fieldsV1 }) => fieldsV1);
  const kept = new Release(others).kept(live, own["fieldsV1"], desired);
  return asManifest(overlay(desired, kept, ""), live);
}

/** Applying would make Frota the owner of fields that it does not own yet. */
function withoutOwners(value: unknown, live: Manifest): Manifest {
  const { metadata, ...rest } = asManifest(value, live);
  const { managedFields: _managedFields, ...others } = metadata;
  return { ...rest, metadata: others };
}

function asManifest(value: unknown, live: Manifest): Manifest {
  if (value === live) return live;
  return isPlainMap(value) ? { ...live, ...value, metadata: { ...live.metadata, ...metadataOf(value) } } : live;
}

function metadataOf(value: PlainMap): PlainMap {
  return isPlainMap(value["metadata"]) ? value["metadata"] : {};
}

/** The declared value on top of the live one, which stays where it says the same. */
function overlay(declared: unknown, live: unknown, path: string): unknown {
  if (declared === live) return live;
  if (isPlainMap(declared) && isPlainMap(live)) return overlayMap(declared, live, path);
  if (Array.isArray(declared) && Array.isArray(live)) return overlayList(declared, live, path);
  return missingFields(declared, live, path).length === 0 ? live : declared;
}

function overlayMap(declared: PlainMap, live: PlainMap, path: string): PlainMap {
  let merged: Record<string, unknown> | undefined;
  for (const key of Object.keys(declared)) {
    const value = overlay(declared[key], live[key], path === "" ? key : `${path}.${key}`);
    if (value === live[key]) continue;
    merged ??= { ...live };
    merged[key] = value;
  }
  return merged ?? live;
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

/** Looks for what Frota owns and declares no more. At each place: the live value, our fields of it, and what is declared of it. */
class Release {
  readonly #others: readonly unknown[];
  /** Where this is at, as owners name it. */
  readonly #path: string[] = [];

  constructor(others: readonly unknown[]) {
    this.#others = others;
  }

  /** The live value without what is released; the same one where nothing is. */
  kept(live: unknown, owned: unknown, desired: unknown): unknown {
    if (!isPlainMap(owned)) return live;
    if (Array.isArray(live)) return this.#keptItems(live, owned, desired);
    return isPlainMap(live) ? this.#keptFields(live, owned, desired) : live;
  }

  #keptFields(live: PlainMap, owned: PlainMap, desired: unknown): PlainMap {
    const declared = isPlainMap(desired) ? desired : {};
    let kept: Record<string, unknown> | undefined;
    for (const key in owned) {
      const name = key.slice("f:".length);
      const before = live[name];
      if (before === undefined || !key.startsWith("f:")) continue;
      const after = this.#keptBelow(key, before, owned[key], declared[name]);
      if (after === before) continue;
      kept ??= { ...live };
      if (after === undefined) delete kept[name];
      else kept[name] = after;
    }
    return kept ?? live;
  }

  /** Items of lists that several writers may add to: their owners name them as `k:{"name":"openclaw"}`. */
  #keptItems(live: readonly unknown[], owned: PlainMap, desired: unknown): readonly unknown[] {
    const declared: readonly unknown[] = Array.isArray(desired) ? desired : [];
    let kept = live;
    for (const key in owned) {
      const wanted = itemFields(key);
      const before = wanted && kept.find((item) => isItem(item, wanted));
      if (wanted === undefined || before === undefined) continue;
      const after = this.#keptBelow(key, before, owned[key], declared.find((item) => isItem(item, wanted)));
      if (after !== before) kept = kept.flatMap((item) => (item !== before ? [item] : after === undefined ? [] : [after]));
    }
    return kept;
  }

  /** Undefined for what is released as a whole. */
  #keptBelow(key: string, live: unknown, owned: unknown, desired: unknown): unknown {
    this.#path.push(key);
    const isReleased = desired === undefined && this.#others.every((other) => valueAt(other, this.#path) === undefined);
    const kept = isReleased ? undefined : this.kept(live, owned, desired);
    this.#path.pop();
    return kept;
  }
}

const parsedKeys = new Map<string, PlainMap | undefined>();

/** What tells an item by its owners' name for it; undefined for another name. */
function itemFields(key: string): PlainMap | undefined {
  if (!key.startsWith("k:")) return undefined;
  if (!parsedKeys.has(key)) {
    const fields: unknown = JSON.parse(key.slice("k:".length));
    parsedKeys.set(key, isPlainMap(fields) ? fields : undefined);
  }
  return parsedKeys.get(key);
}

/** A key may have a field that defaults, as a port's protocol: what the item does not say is no contradiction. */
function isItem(item: unknown, wanted: PlainMap): boolean {
  if (!isPlainMap(item)) return false;
  for (const name in wanted) if (item[name] !== undefined && item[name] !== wanted[name]) return false;
  return true;
}
