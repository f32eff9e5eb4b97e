import { mayHoldBoth, needsRestart } from "../../render/openclaw-configuration.ts";
import { isPlainMap, type PlainMap } from "../../spec/plain-data.ts";
import { digestText } from "./digest.ts";
import { parsePlainMap } from "./parse.ts";
import { sortKeys } from "./sort-keys.ts";


/** Tells those keys of a configuration's JSON text that a running gateway takes over; whatever the order of its keys. */
export function hotDigest(text: unknown): string {
  return digestText(JSON.stringify(sortKeys(hotKeys(parsePlainMap(text) ?? {}, []))));
}

function hotKeys(value: PlainMap, path: readonly string[]): PlainMap {
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const childPath = [...path, key];
    if (!mayHoldBoth(childPath, "live")) return needsRestart(childPath, "live") ? [] : [[key, child]];
    const hot = isPlainMap(child) ? hotKeys(child, childPath) : {};
    return Object.keys(hot).length > 0 ? [[key, hot]] : [];
  });
  return Object.fromEntries(entries);
}
