import type { PendingConfiguration, UnsettledObject } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { CONFIGURATION_KEY } from "../../render/start-guard.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { VERSION_ANNOTATION } from "../observe/agent-facts.ts";
import { missingSecretRecord } from "./adopted-secret.ts";
import { OPERATED } from "./annotations.ts";
import { compareConfigMap, compareDeployment, compareObject } from "./compare.ts";
import type { DesiredAgent } from "./desired.ts";
import { dataDigests } from "./digest.ts";
import type { FleetCache } from "./fleet-cache.ts";
import { isObjectKind } from "./fleet-kinds.ts";
import { hotDigest } from "./hot-keys.ts";

/** What of an agent, its pod template apart, is not as declared. */
export interface Unsettled {
  /** Never the Deployment where there is none: making it is a step of its own. */
  readonly objects: readonly UnsettledObject[];
  readonly configuration?: PendingConfiguration;
}

/** Compares everything but the pod template with the declaration. */
export function unsettledOf(cache: FleetCache, name: string, desired: DesiredAgent): Unsettled {
  const wasThere = wasApplied(cache, name);
  const objects: UnsettledObject[] = [];
  let configuration: PendingConfiguration | undefined;
  for (const manifest of desired.supporting) {
    const key = `${manifest.kind}/${manifest.metadata.name}`;
    const why = whyOf(cache, name, manifest);
    if (why === undefined) continue;
    const pending = why === "declared" && manifest.metadata.name === `${name}-config` ? pendingConfiguration(cache, manifest) : undefined;
    if (pending) configuration = pending;
    else objects.push({ key, why, wasApplied: why !== "missing" || wasThere });
  }
  const deployment = deploymentOf(cache, name, desired);
  return { objects: [...objects, ...(deployment ? [deployment] : [])], ...(configuration && { configuration }) };
}

function whyOf(cache: FleetCache, name: string, manifest: Manifest): UnsettledObject["why"] | undefined {
  const { kind, metadata } = manifest;
  if (kind === "ConfigMap") return compareConfigMap(manifest, cache.configMap(metadata.name));
  // Without the operator's kinds Secrets come by other ways.
  if (kind === "ExternalSecret" && !cache.servesExternalSecrets) return undefined;
  return isObjectKind(kind) ? compareObject(manifest, cache.object(kind, name)) : undefined;
}

/** A new declaration of the configuration goes through the gateway; one of the same text is applied like everything else. */
function pendingConfiguration(cache: FleetCache, manifest: Manifest): PendingConfiguration | undefined {
  const live = cache.configMap(manifest.metadata.name);
  const declared = valueAt(manifest, ["data", CONFIGURATION_KEY]);
  if (live?.digests[CONFIGURATION_KEY] === dataDigests(manifest["data"])[CONFIGURATION_KEY]) return undefined;
  return { hasHotKeys: live?.hotDigest !== hotDigest(declared) };
}

function deploymentOf(cache: FleetCache, name: string, desired: DesiredAgent): UnsettledObject | undefined {
  const live = cache.deployment(name);
  if (!live) return undefined;
  const { outside, pending } = compareDeployment(desired, live.manifest);
  const why = outside ?? (missingSecretRecord(live, cache.secret(name)?.digest) && "declared");
  // A write of the whole would change the template as well.
  return why === undefined || pending ? undefined : { key: `Deployment/${name}`, why, wasApplied: true };
}

/** The agent's objects were all there once: it has a Deployment of ours, or its claim tells which OpenClaw ran. */
export function wasApplied(cache: FleetCache, name: string): boolean {
  const claim = cache.object("PersistentVolumeClaim", name);
  const deployment = cache.deployment(name)?.manifest;
  return deployment?.metadata.annotations?.[OPERATED.applied] !== undefined || claim?.metadata.annotations?.[VERSION_ANNOTATION] !== undefined;
}
