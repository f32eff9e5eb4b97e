import { isPlainMap, type PlainMap } from "../../spec/plain-data.ts";

/** What a gateway makes of a JSON merge patch (RFC 7396). */
export function applied(target: PlainMap, patch: PlainMap): PlainMap {
  const result: Record<string, unknown> = { ...target };
  for (const [name, item] of Object.entries(patch)) {
    const before = result[name];
    if (item === null) delete result[name];
    else result[name] = isPlainMap(item) ? applied(isPlainMap(before) ? before : {}, item) : item;
  }
  return result;
}
