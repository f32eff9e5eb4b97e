import { isEqual } from "../render/start-guard/merge.mjs";
import { isPlainMap, type PlainMap } from "../spec/plain-data.ts";

/** Keys from a configuration's root to a value. */
export type ConfigurationPath = readonly string[];

/** A place where two configurations differ. Lists differ as a whole. */
export interface ConfigurationChange {
  readonly path: ConfigurationPath;
  /** Absent where there was none. */
  readonly before?: unknown;
  /** Absent where there is none any more. */
  readonly after?: unknown;
}

/**
 * Where two configurations differ, each at the highest key that tells it: a map that is new or gone is one change, except
 * where `isSplit` asks for its keys.
 */
export function changesBetween(
  before: PlainMap,
  after: PlainMap,
  isSplit: (path: ConfigurationPath) => boolean = () => false,
): ConfigurationChange[] {
  return mapChanges(before, after, [], isSplit);
}

type IsSplit = (path: ConfigurationPath) => boolean;

function mapChanges(before: PlainMap, after: PlainMap, path: ConfigurationPath, isSplit: IsSplit): ConfigurationChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => valueChanges(own(before, key), own(after, key), [...path, key], isSplit));
}

function valueChanges(before: unknown, after: unknown, path: ConfigurationPath, isSplit: IsSplit): ConfigurationChange[] {
  if (isEqual(before, after)) return [];
  const areMaps = [before, after].every((side) => isPlainMap(side) || (side === undefined && isSplit(path)));
  if (areMaps) return mapChanges(isPlainMap(before) ? before : {}, isPlainMap(after) ? after : {}, path, isSplit);
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function own(map: PlainMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** `agents.defaults.models["google/gemini-3-flash-preview"].alias` */
export function formatConfigurationPath(path: ConfigurationPath): string {
  return path.map((key, index) => (/^[\w$-]+$/.test(key) ? `${index === 0 ? "" : "."}${key}` : `[${JSON.stringify(key)}]`)).join("");
}

/** Reads what {@link formatConfigurationPath} writes; undefined for anything else. */
export function parseConfigurationPath(text: string): ConfigurationPath | undefined {
  const step = /\.?([\w$-]+)|\[("(?:[^"\\]|\\.)*")\]/y;
  const path: string[] = [];
  while (step.lastIndex < text.length) {
    const isFirst = step.lastIndex === 0;
    const [all, plain, quoted] = step.exec(text) ?? [];
    if (all === undefined || (plain !== undefined && isFirst === all.startsWith("."))) return undefined;
    path.push(plain ?? String(JSON.parse(quoted ?? '""')));
  }
  return path.length > 0 ? path : undefined;
}

/** Whether `path` is `above` or beneath it. */
export function isAtOrBelow(path: ConfigurationPath, above: ConfigurationPath): boolean {
  return above.every((key, index) => path[index] === key);
}
