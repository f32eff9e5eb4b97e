import { isPlainMap, valueAt, type PlainMap } from "./plain-data.ts";

type Path = readonly (string | number)[];

/** The text at `path`; undefined when there is none or it is something else. */
export function textAt(data: unknown, ...path: Path): string | undefined {
  const value = valueAt(data, path);
  return typeof value === "string" ? value : undefined;
}

/** The number at `path`; undefined when there is none or it is something else. */
export function numberAt(data: unknown, ...path: Path): number | undefined {
  const value = valueAt(data, path);
  return typeof value === "number" ? value : undefined;
}

/** The items of the list at `path`, as texts; empty when there is none. */
export function textsAt(data: unknown, ...path: Path): string[] {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value.map(String) : [];
}

/** The maps of the list at `path`; empty when there is none. */
export function mapsAt(data: unknown, ...path: Path): readonly PlainMap[] {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value.filter(isPlainMap) : [];
}
