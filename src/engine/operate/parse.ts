import { isPlainMap, type PlainMap } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";

/** The map that a JSON text holds; undefined for anything else. */
export function parsePlainMap(text: unknown): PlainMap | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const data: unknown = JSON.parse(text);
    return isPlainMap(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** The time at `path`, in milliseconds since the epoch; undefined when there is none or it is not one. */
export function timeAt(data: unknown, ...path: readonly (string | number)[]): number | undefined {
  const time = Date.parse(textAt(data, ...path) ?? "");
  return Number.isNaN(time) ? undefined : time;
}
