import { isEqual } from "../render/start-guard/merge.mjs";
import { valueAt, type PlainMap } from "../spec/plain-data.ts";
import { changesBetween, formatConfigurationPath, isAtOrBelow, type ConfigurationChange, type ConfigurationPath } from "./configuration-path.ts";
import { maskConfiguration } from "./mask.ts";
import { withoutRedaction } from "./redaction.ts";

/** What OpenClaw writes into a configuration by itself. */
const OPENCLAWS_OWN: readonly ConfigurationPath[] = [["meta"], ["wizard"]];

/** One key that an agent's configuration has otherwise than it is declared. Values are masked. */
export interface DriftEntry {
  readonly path: string;
  readonly change: "added" | "changed" | "removed";
  readonly declared?: unknown;
  /** What the agent has. */
  readonly own?: unknown;
  /** `stays`: the key is the agent's own; `put-back`: a conflict, the declared value returns with the next start. */
  readonly atNextStart: "stays" | "put-back";
  /** Something of the agent's value looks like a credential, or OpenClaw hides it. */
  readonly isSecret: boolean;
}

/**
 * Where an agent's configuration differs from its declaration, but for what OpenClaw writes by itself. `live` is as
 * `config.get` tells it. Values are not masked: for {@link driftEntry}, or to be written where no credential is among them.
 */
export function configurationDrift(declared: PlainMap, live: PlainMap): ConfigurationChange[] {
  const changes = changesBetween(declared, withoutRedaction(live, declared));
  return changes.filter(({ path }) => !OPENCLAWS_OWN.some((own) => isAtOrBelow(path, own)));
}

/** A difference for people and programs. */
export function driftEntry(change: ConfigurationChange): DriftEntry {
  const { path, before, after } = change;
  return {
    path: formatConfigurationPath(path),
    change: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    ...(before === undefined ? {} : { declared: maskConfiguration(path, before) }),
    ...(after === undefined ? {} : { own: maskConfiguration(path, after) }),
    atNextStart: before === undefined ? "stays" : "put-back",
    isSecret: holdsSecret(change),
  };
}

/** Whether the agent's value has something that must not be written into a file. */
export function holdsSecret({ path, after }: ConfigurationChange): boolean {
  return !isEqual(maskConfiguration(path, after), after);
}

/**
 * The differences that a path means: that one and those beneath it, or of a larger one that part. Empty when there is
 * no difference at that path.
 */
export function selectDrift(drift: readonly ConfigurationChange[], wanted: ConfigurationPath): ConfigurationChange[] {
  return drift.flatMap((change) => {
    if (isAtOrBelow(change.path, wanted)) return [change];
    if (!isAtOrBelow(wanted, change.path)) return [];
    const below = wanted.slice(change.path.length);
    const [before, after] = [valueAt(change.before, below), valueAt(change.after, below)];
    if (isEqual(before, after)) return [];
    return [{ path: wanted, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  });
}
