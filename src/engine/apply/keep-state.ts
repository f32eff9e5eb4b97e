import { referenceOf, type Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { textAt } from "../../spec/plain-field.ts";
import { FrotaError } from "../../spec/error.ts";
import { currentPods, digestOf, VERSION_ANNOTATION, type AgentObjects } from "../observe/agent-facts.ts";
import type { ImageReader } from "../ports.ts";
import type { ImagesByReference } from "./preflight.ts";
import { imageOf } from "./preflight.ts";
import { compareVersions } from "../../render/start-guard/version.mjs";

/** What is known about images, and who can tell more. */
export interface KnownImages {
  readonly facts: ImagesByReference;
  readonly reader?: ImageReader | undefined;
}

/**
 * What makes a ready agent's memory survive people and mistakes: its volume is kept when its claim goes, and its claim says
 * which OpenClaw has run on it. Writes only what is not so yet. Returns warnings, for rights that are missing.
 */
export async function keepState(cluster: Cluster, objects: AgentObjects, images: KnownImages): Promise<string[]> {
  const warnings: string[] = [];
  // What was watched may lag behind: the volume is bound before the pod starts, but its news may come later.
  const claim = objects.claim && (await cluster.get(referenceOf(objects.claim)));
  if (!claim) return warnings;
  const attempt = async (what: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof FrotaError) || error.code !== "FORBIDDEN") throw error;
      warnings.push(`${what}: ${error.message}`);
    }
  };
  await attempt("its volume could not be set to Retain", () => retainVolume(cluster, claim));
  await attempt("the OpenClaw version could not be recorded on its volume claim", () => recordVersion(cluster, { ...objects, claim }, images));
  return warnings;
}

async function retainVolume(cluster: Cluster, claim: Manifest): Promise<void> {
  const name = textAt(claim, "spec", "volumeName");
  if (name === undefined) return;
  const reference = { apiVersion: "v1", kind: "PersistentVolume", name };
  const volume = await cluster.get(reference);
  if (!volume || textAt(volume, "spec", "persistentVolumeReclaimPolicy") === "Retain") return;
  await cluster.mergePatch(reference, { spec: { persistentVolumeReclaimPolicy: "Retain" } });
}

async function recordVersion(cluster: Cluster, objects: AgentObjects, images: KnownImages): Promise<void> {
  const { claim } = objects;
  const version = await runningVersion(objects, images);
  const recorded = claim?.metadata.annotations?.[VERSION_ANNOTATION];
  if (!claim || version === undefined || (recorded !== undefined && compareVersions(version, recorded) <= 0)) return;
  await cluster.mergePatch(referenceOf(claim), { metadata: { annotations: { [VERSION_ANNOTATION]: version } } });
}

/** OpenClaw's version in the image that the pod really runs, which a tag may have left behind. */
async function runningVersion(objects: AgentObjects, { facts, reader }: KnownImages): Promise<string | undefined> {
  const reference = objects.deployment && imageOf([objects.deployment]);
  if (reference === undefined) return undefined;
  const digest = digestOf(currentPods(objects)[0]?.imageId);
  const known = facts.get(reference);
  if (known && (digest === undefined || known.digest === digest)) return known.openclawVersion;
  if (!reader || digest === undefined) return undefined;
  const repository = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  // The version is a record, not a condition: a registry that cannot tell now does not fail a ready agent.
  const running = await reader.read(`${repository}@${digest}`).catch(() => undefined);
  return running?.openclawVersion;
}
