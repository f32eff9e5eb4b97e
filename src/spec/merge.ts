import { isPlainMap } from "./plain-data.ts";
import type { PlainMap } from "./plain-data.ts";
import type { ValuePath } from "./yaml-document.ts";

/** Lists of an agent's spec that add to the fleet's defaults; every other list replaces. */
const ADDITIVE: ReadonlySet<string> = new Set(["secrets.required", "network.egress", "network.ingress"]);

/**
 * An agent's `spec` with the fleet's `spec.defaults` beneath it, both as written: maps merge by key, the agent wins,
 * required secrets and network rules add up (the fleet's first), other lists replace.
 */
export function mergeDefaults(defaults: unknown, spec: unknown): PlainMap {
  const merged = mergeAt(defaults ?? {}, spec ?? {}, []);
  return isPlainMap(merged) ? merged : {};
}

function mergeAt(base: unknown, own: unknown, path: ValuePath): unknown {
  if (isPlainMap(base) && isPlainMap(own)) {
    const keys = new Set([...Object.keys(base), ...Object.keys(own)]);
    return Object.fromEntries(Array.from(keys, (key) => [key, mergeKey(base, own, [...path, key])]));
  }
  if (Array.isArray(base) && Array.isArray(own) && ADDITIVE.has(path.join("."))) {
    return [...new Set<unknown>([...base, ...own])];
  }
  return own;
}

function mergeKey(base: PlainMap, own: PlainMap, path: ValuePath): unknown {
  const key = String(path.at(-1));
  if (!Object.hasOwn(own, key)) return base[key];
  return Object.hasOwn(base, key) ? mergeAt(base[key], own[key], path) : own[key];
}
