import { compareVersions } from "../../../render/start-guard/version.mjs";
import { textAt } from "../../../spec/plain-field.ts";
import { VERSION_ANNOTATION } from "../../observe/agent-facts.ts";
import { OPERATED } from "../annotations.ts";
import type { ActContext } from "./context.ts";

/**
 * What makes an agent's memory survive people: its volume is kept when its claim goes, and its claim says so, and which OpenClaw has run on
 * it. Two writes at most, and nothing is read for them.
 */
export async function recordState(context: ActContext, agent: string): Promise<void> {
  const { cluster, namespace, cache } = context;
  const claim = cache.object("PersistentVolumeClaim", agent);
  const volume = textAt(claim, "spec", "volumeName");
  if (!claim || volume === undefined) return;
  const recorded = claim.metadata.annotations ?? {};
  const annotations: Record<string, string> = {};
  if (recorded[OPERATED.retainedVolume] !== volume) {
    await cluster.mergePatch({ apiVersion: "v1", kind: "PersistentVolume", name: volume }, { spec: { persistentVolumeReclaimPolicy: "Retain" } });
    annotations[OPERATED.retainedVolume] = volume;
  }
  const version = newerVersion(context, agent, recorded[VERSION_ANNOTATION]);
  if (version !== undefined) annotations[VERSION_ANNOTATION] = version;
  if (Object.keys(annotations).length === 0) return;
  const reference = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim.metadata.name };
  await cluster.mergePatch(reference, { metadata: { annotations } });
}

/** OpenClaw's version in the image that runs, where it is known and newer than what is recorded. */
function newerVersion({ memory, gateways }: ActContext, agent: string, before: string | undefined): string | undefined {
  const digest = gateways.servingPod(agent)?.facts.digest;
  const version = digest === undefined ? undefined : memory.images.get(digest)?.openclawVersion;
  const isNewer = version !== undefined && (before === undefined || compareVersions(version, before) > 0);
  return isNewer ? version : undefined;
}
