import { mayHoldBoth, needsRestart } from "../render/openclaw-configuration.ts";
import { mergeConfiguration, type Conflict } from "../render/start-guard/merge.mjs";
import { isPlainMap, valueAt, type PlainMap } from "../spec/plain-data.ts";
import { changesBetween, formatConfigurationPath, isAtOrBelow, type ConfigurationChange, type ConfigurationPath } from "./configuration-path.ts";
import { maskConfiguration } from "./mask.ts";
import { withoutRedaction } from "./redaction.ts";

/** Three sides of an agent's OpenClaw configuration. */
export interface ConfigurationSides {
  /** What was declared so far; `{}` when unknown, and then nothing is removed. */
  readonly base: PlainMap;
  /** What is declared now. */
  readonly declared: PlainMap;
  /** What the gateway has, as `config.get` tells it: OpenClaw hides credentials. */
  readonly live: PlainMap;
}

/** A key on which the declaration and the agent's own edit disagree; see `Conflict` of the start guard. Values are masked. */
export interface ConfigurationConflict {
  readonly path: string;
  readonly resolution: "declared-won" | "agent-kept";
  /** Absent when it is no longer declared. */
  readonly declared?: unknown;
  /** What the agent had; absent when it had removed the key. */
  readonly own?: unknown;
}

/** What of a changed declaration a running gateway takes over now, and what waits for a restart. */
export interface HotChange {
  /** JSON merge patch for `config.patch`, of hot keys only; absent when the gateway has them all. Not masked. */
  readonly patch?: PlainMap;
  /** Lists that the patch replaces or removes; `config.patch` merges lists of objects by `id` unless they are named. */
  readonly replacePaths: readonly string[];
  /** Keys that the patch sets or removes. */
  readonly patched: readonly string[];
  /** Of hot keys. */
  readonly conflicts: readonly ConfigurationConflict[];
  /** Keys that changed in the declaration and take effect only with a restart. */
  readonly restartPaths: readonly string[];
}

const mayHoldBothLive = (path: ConfigurationPath): boolean => mayHoldBoth(path, "live");
const needsRestartLive = (path: ConfigurationPath): boolean => needsRestart(path, "live");

/** Merges a changed declaration into a running gateway's configuration as the start guard will, hot keys only. Pure. */
export function hotChange({ base, declared, live: told }: ConfigurationSides): HotChange {
  const live = withoutRedaction(told, base);
  const { merged, conflicts } = mergeConfiguration(base, declared, live);
  const changes = changesBetween(live, merged, mayHoldBothLive).filter(({ path }) => !needsRestartLive(path));
  const declaredChanges = changesBetween(base, declared, mayHoldBothLive);
  return {
    ...(changes.length > 0 ? { patch: mergePatch(changes) } : {}),
    replacePaths: [...new Set(changes.flatMap(({ path, before, after }) => [...listPaths(before, path), ...listPaths(after, path)]))],
    patched: changes.map(({ path }) => formatConfigurationPath(path)),
    // The others are for the start guard: such a key may be declared for long and still wait for its restart.
    conflicts: conflicts.filter((conflict) => isDecidedNow(conflict, changes)).map((conflict) => describeConflict(conflict, declared, live)),
    restartPaths: declaredChanges.filter(({ path }) => needsRestartLive(path)).map(({ path }) => formatConfigurationPath(path)),
  };
}

function isDecidedNow({ path, resolution }: Conflict, changes: readonly ConfigurationChange[]): boolean {
  if (resolution === "agent-kept") return !needsRestartLive(path);
  return changes.some((change) => isAtOrBelow(change.path, path));
}

/** Conflicts of a merge with both sides' values, masked. */
function describeConflict({ path, resolution }: Conflict, declared: PlainMap, live: PlainMap): ConfigurationConflict {
  const [ours, own] = [valueAt(declared, path), valueAt(live, path)];
  return {
    path: formatConfigurationPath(path),
    resolution,
    ...(ours === undefined ? {} : { declared: maskConfiguration(path, ours) }),
    ...(own === undefined ? {} : { own: maskConfiguration(path, own) }),
  };
}

/** The changes as one JSON merge patch (RFC 7396): null removes. */
function mergePatch(changes: readonly ConfigurationChange[]): PlainMap {
  return patchAt(changes, 0);
}

function patchAt(changes: readonly ConfigurationChange[], depth: number): PlainMap {
  const byKey = Map.groupBy(changes, ({ path }) => path[depth] ?? "");
  return Object.fromEntries(
    Array.from(byKey, ([key, below]): [string, unknown] => {
      const [first] = below;
      if (first?.path.length !== depth + 1) return [key, patchAt(below, depth + 1)];
      return [key, first.after === undefined ? null : first.after];
    }),
  );
}

/** Dotted paths, as `config.patch` writes them, of the lists in a value. */
function listPaths(value: unknown, path: ConfigurationPath): string[] {
  if (Array.isArray(value)) return [path.join(".")];
  if (!isPlainMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => listPaths(item, [...path, key]));
}
