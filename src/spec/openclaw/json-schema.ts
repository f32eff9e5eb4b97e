import { isPlainMap } from "../plain-data.ts";
import type { PlainMap } from "../plain-data.ts";

/** A JSON Schema (draft 7) as plain data: a map of keywords, or true or false. */
export type JsonSchema = PlainMap | boolean;

/** Keyword that {@link pruneSchema} adds: the names of all properties, also of those left out. No validator reads it. */
export const KNOWN_NAMES = "x-frota-known-names";

const MAXIMUM_DEPTH = 200;

/** Keywords whose value is one schema, or a list of them, for the same value. */
const SAME_VALUE = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else"] as const;

/**
 * The part of a schema that can say anything about these values: properties that none of them has are left out, and
 * references are written out (data is finite, so recursion ends where the data does). Compiling the whole of OpenClaw's
 * schema takes over a second; compiling what a configuration touches takes milliseconds, with the same verdict.
 */
export function pruneSchema(root: PlainMap, values: readonly unknown[]): JsonSchema {
  return prune(root, root, values, 0);
}

function prune(root: PlainMap, schema: unknown, values: readonly unknown[], depth: number): JsonSchema {
  if (typeof schema === "boolean") return schema;
  if (!isPlainMap(schema) || values.length === 0) return true;
  if (depth > MAXIMUM_DEPTH) throw new RangeError("the configuration is nested too deeply");
  const reference = schema["$ref"];
  if (typeof reference === "string") return prune(root, resolvePointer(root, reference), values, depth + 1);
  const { $defs: _definitions, $schema: _dialect, $id: _id, ...kept } = schema;
  const pruned: Record<string, unknown> = { ...kept, ...pruneMap(root, schema, values, depth) };
  if (kept["items"] !== undefined) pruned["items"] = pruneItems(root, kept["items"], values, depth);
  for (const keyword of SAME_VALUE) {
    const inner = kept[keyword];
    if (inner === undefined) continue;
    pruned[keyword] = Array.isArray(inner) ? inner.map((branch) => prune(root, branch, values, depth + 1)) : prune(root, inner, values, depth + 1);
  }
  return pruned;
}

function pruneMap(root: PlainMap, schema: PlainMap, values: readonly unknown[], depth: number): Record<string, unknown> {
  const maps = values.filter(isPlainMap);
  const under = (wanted: (key: string) => boolean): unknown[] =>
    maps.flatMap((map) => Object.entries(map).flatMap(([key, value]) => (wanted(key) ? [value] : [])));
  const result: Record<string, unknown> = {};
  const properties = isPlainMap(schema["properties"]) ? schema["properties"] : {};
  if ("properties" in schema) {
    const touched = Object.entries(properties).filter(([key]) => maps.some((map) => Object.hasOwn(map, key)));
    result[KNOWN_NAMES] = Object.keys(properties);
    result["properties"] = Object.fromEntries(touched.map(([key, inner]) => [key, prune(root, inner, under((name) => name === key), depth + 1)]));
  }
  if (isPlainMap(schema["patternProperties"])) {
    const patterns = Object.entries(schema["patternProperties"]);
    result["patternProperties"] = Object.fromEntries(patterns.map(([pattern, inner]) => [pattern, prune(root, inner, under((key) => new RegExp(pattern, "u").test(key)), depth + 1)]));
  }
  if (isPlainMap(schema["additionalProperties"])) {
    result["additionalProperties"] = prune(root, schema["additionalProperties"], under((key) => !Object.hasOwn(properties, key)), depth + 1);
  }
  return result;
}

function pruneItems(root: PlainMap, items: unknown, values: readonly unknown[], depth: number): unknown {
  const lists = values.filter((value) => Array.isArray(value));
  if (!Array.isArray(items)) return prune(root, items, lists.flat(), depth + 1);
  return items.map((item, index) => prune(root, item, lists.flatMap((list) => list.slice(index, index + 1)), depth + 1));
}

/** What a reference such as `#/properties/plugins` names; `true` for one that leads nowhere. */
function resolvePointer(root: PlainMap, reference: string): unknown {
  let current: unknown = root;
  for (const step of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    current = isPlainMap(current) || Array.isArray(current) ? Reflect.get(current, key) : undefined;
  }
  return current ?? true;
}
