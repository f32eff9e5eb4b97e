import { isPlainMap } from "../../spec/plain-data.ts";

/** The same data with the keys of all its maps sorted. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isPlainMap(value)) return value;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).toSorted()) sorted[key] = sortKeys(value[key]);
  return sorted;
}
