import { configGet, configPatch } from "../../gateway/administration.ts";
import type { GatewayClient } from "../../gateway/client.ts";
import { hotChange, type ConfigurationConflict, type HotChange } from "../../plan/hot-change.ts";
import { CONFIGURATION_KEY, POD_PATHS } from "../../render/start-guard.ts";
import { FrotaError } from "../../spec/error.ts";
import type { PlainMap } from "../../spec/plain-data.ts";

const MOUNTED = `${POD_PATHS.configuration}/${CONFIGURATION_KEY}`;

/** A changed declaration, and the running gateway that is to take it over. */
export interface HotConfiguration {
  readonly gateway: GatewayClient;
  /** What was declared so far; `{}` when unknown. */
  readonly base: PlainMap;
  readonly declared: PlainMap;
}

/** What became of it. */
export interface HotOutcome {
  /** Keys that the gateway took over now; none when it had them all. */
  readonly patched: readonly string[];
  /** Masked; of hot keys. */
  readonly conflicts: readonly ConfigurationConflict[];
  /** Something of the change takes effect only with a restart. */
  readonly needsRestart: boolean;
  /** Which keys those are. */
  readonly restartPaths: readonly string[];
}

/**
 * Brings the hot keys of a changed declaration into a running gateway, merged as the start guard merges. Safe to repeat:
 * with the same sides, or after the new declaration was recorded, it finds nothing to do. An agent that edits its own
 * configuration meanwhile is read once more. Throws as `configGet` and `configPatch` do; nothing is half written.
 */
export async function applyHotConfiguration(change: HotConfiguration): Promise<HotOutcome> {
  try {
    return await attempt(change);
  } catch (error) {
    if (error instanceof FrotaError && error.code === "GATEWAY_CONFIG_CHANGED") return attempt(change);
    throw error;
  }
}

async function attempt({ gateway, base, declared }: HotConfiguration): Promise<HotOutcome> {
  const { parsed, hash, path, isApplied } = await configGet(gateway);
  const change = hotChange({ base, declared, live: parsed });
  // Mode `locked`: the gateway reads the declaration where it is mounted, and takes it over when the kubelet has swapped it.
  if (path === MOUNTED) return { ...outcome(change, true), patched: [], conflicts: [] };
  if (change.patch === undefined) return outcome(change, isApplied);
  const { patch, replacePaths } = change;
  await configPatch(gateway, { patch, replacePaths, ...(hash === undefined ? {} : { baseHash: hash }) });
  return outcome(change, true);
}

function outcome({ patched, conflicts, restartPaths }: HotChange, isApplied: boolean): HotOutcome {
  return { patched, conflicts, restartPaths, needsRestart: restartPaths.length > 0 || !isApplied };
}
