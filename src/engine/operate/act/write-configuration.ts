import { referenceOf } from "../../../cluster/cluster.ts";
import { mayHaveMissed } from "../../../decide/agent/configure.ts";
import type { PodFacts } from "../../../decide/world.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { CONFIGURATION_KEY } from "../../../render/start-guard.ts";
import { mergeConfiguration } from "../../../render/start-guard/merge.mjs";
import type { PlainMap } from "../../../spec/plain-data.ts";
import { textAt } from "../../../spec/plain-field.ts";
import { OPERATED } from "../annotations.ts";
import { encodeHotKeysRecord, hotDigest, parseHotKeysRecord, type HotKeysRecord } from "../hot-keys.ts";
import { parsePlainMap } from "../parse.ts";
import type { KeptConfigMap } from "../slim.ts";
import { wasApplied } from "../unsettled.ts";
import type { ActContext } from "./context.ts";

/** A write of an agent's configuration. */
interface ConfigurationWrite {
  /** Its ConfigMap as declared. */
  readonly manifest: Manifest;
  /** `processOf` the pod whose gateway has it already. */
  readonly takenBy?: string | undefined;
}

/** Whether the object is the ConfigMap of the agent's configuration, which {@link writeConfiguration} writes. */
export function isConfiguration({ kind, metadata }: Manifest, agent: string): boolean {
  return kind === "ConfigMap" && metadata.name === `${agent}-config`;
}

/** Applies the ConfigMap of the configuration. Where hot keys change, it is put on record which process has them: others may begin without. */
export async function writeConfiguration(context: ActContext, agent: string, write: ConfigurationWrite): Promise<void> {
  const { manifest } = write;
  const record = await recordFor(context, agent, write);
  const annotations = record && { ...manifest.metadata.annotations, [OPERATED.hotKeys]: encodeHotKeysRecord(record) };
  await context.cluster.apply(annotations ? { ...manifest, metadata: { ...manifest.metadata, annotations } } : manifest, { force: true });
}

/** The configuration that its ConfigMap holds. */
export function configurationIn(manifest: Manifest | undefined): PlainMap {
  return parsePlainMap(textAt(manifest, "data", CONFIGURATION_KEY)) ?? {};
}

/** What the processes of these pods may have been told to be: what the ConfigMap says, and before that what it said before. */
export function toldSoFar(live: Manifest | undefined, kept: KeptConfigMap | undefined, pods: readonly Pick<PodFacts, "uid" | "restarts" | "startedAt">[]): PlainMap {
  const { hotKeys } = kept ?? {};
  const isUnproven = hotKeys !== undefined && pods.some((pod) => mayHaveMissed(hotKeys, pod));
  const told = configurationIn(live);
  return isUnproven ? mergeConfiguration({}, recordOf(live)?.before ?? {}, told).merged : told;
}

/** Nothing for an agent whose hot keys never changed; then nothing is read either. */
async function recordFor({ cluster, cache }: ActContext, agent: string, { manifest, takenBy }: ConfigurationWrite): Promise<HotKeysRecord | undefined> {
  const kept = cache.configMap(manifest.metadata.name);
  const isNews = kept?.hotDigest !== hotDigest(textAt(manifest, "data", CONFIGURATION_KEY));
  if (kept ? !isNews && !kept.hotKeys : !wasApplied(cache, agent)) return undefined;
  const live = await cluster.get(referenceOf(manifest));
  const record = recordOf(live);
  if (!isNews) return record && { ...record, ...(takenBy === undefined ? {} : { takenBy }) };
  if (takenBy !== undefined) return { before: configurationIn(live), takenBy };
  return { before: toldSoFar(live, kept, cache.pods(agent).map(({ facts }) => facts)) };
}

function recordOf(live: Manifest | undefined): HotKeysRecord | undefined {
  const text = live?.metadata.annotations?.[OPERATED.hotKeys];
  return text === undefined ? undefined : parseHotKeysRecord(text);
}
