import { mayHoldBoth, needsRestart } from "../../render/openclaw-configuration.ts";
import { isPlainMap, valueAt, type PlainMap } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";
import { digestText } from "./digest.ts";
import { parsePlainMap } from "./parse.ts";
import { present } from "./present.ts";
import { sortKeys } from "./sort-keys.ts";

/** What `frota.dev/hot-keys` keeps of a change, because a process may have begun with what was there before. */
export interface HotKeysRecord {
  /** What such a process may have been told: where a key is no longer declared, it tells the agent's own from Frota's. */
  readonly before: PlainMap;
  /** `processOf` the pod whose gateway has taken over what is declared now. */
  readonly takenBy?: string;
}

/** Annotations may take 256 KiB in all. */
const LONGEST_RECORD = 128 * 1024;

/** The record as an annotation's text. Of a very large configuration only that it changed: then no key is removed before the next start. */
export function encodeHotKeysRecord(record: HotKeysRecord): string {
  const text = JSON.stringify(record);
  return text.length <= LONGEST_RECORD ? text : JSON.stringify({ ...record, before: {} });
}

/** Reads the record. Total: garbage is a change of which nothing more is known. */
export function parseHotKeysRecord(text: string): HotKeysRecord {
  const record = parsePlainMap(text);
  const before = valueAt(record, ["before"]);
  return { before: isPlainMap(before) ? before : {}, ...present({ takenBy: textAt(record, "takenBy") }) };
}

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
