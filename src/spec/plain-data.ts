import type { ValuePath } from "./yaml-document.ts";

/** A map of plain data, as YAML and JSON have it. */
export type PlainMap = Readonly<Record<string, unknown>>;

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at `path`, own properties only; undefined when there is none. */
export function valueAt(data: unknown, path: ValuePath): unknown {
  let value: unknown = data;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isPlainMap(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}
