import type { DeclaredAgent, DeploymentFacts, ImageTarget, PodFacts, SecretFacts, StateFacts } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { compareVersions } from "../../render/start-guard/version.mjs";
import { valueAt } from "../../spec/plain-data.ts";
import { numberAt, textAt } from "../../spec/plain-field.ts";
import { condition, digestOf, VERSION_ANNOTATION } from "../observe/agent-facts.ts";
import { adoptedSecret } from "./adopted-secret.ts";
import { OPERATED, RESTARTED_AT } from "./annotations.ts";
import { compareDeployment } from "./compare.ts";
import { presentChoice, type DesiredAgent } from "./desired.ts";
import type { FleetCache } from "./fleet-cache.ts";
import type { Memory } from "./memory.ts";
import { parsePlainMap, timeAt } from "./parse.ts";
import { present } from "./present.ts";
import { restartCauseOf } from "./restart-cause.ts";
import type { KeptDeployment } from "./slim.ts";
import { suspensionReason } from "./suspension.ts";

type Images = Memory["images"];

/** What Git says. `desired` is absent where that cannot be rendered, and `invalid` says why. */
export function declaredFacts(resource: Manifest, desired: DesiredAgent | undefined, invalid: string | undefined, images: Images): DeclaredAgent {
  const annotations = resource.metadata.annotations ?? {};
  const suspend = valueAt(resource, ["spec", "suspend"]) === true || desired?.agent.spec.suspend === true;
  return {
    generation: numberAt(resource, "metadata", "generation") ?? 0,
    onSecretChange: desired?.agent.spec.secrets.onChange ?? "notify",
    ...(desired && declaredImage(desired, images)),
    ...present({ invalid, suspended: suspensionReason(suspend, annotations), restartRequest: restartRequestOf(annotations[OPERATED.requestedOperation]) }),
  };
}

function declaredImage({ fleet, agent }: DesiredAgent, images: Images): Pick<DeclaredAgent, "channel" | "pinned"> {
  const { digest, tag } = agent.spec.image;
  return digest === undefined ? { channel: tag ?? fleet.spec.image.tag } : { pinned: imageOf(digest, images) };
}

/** An image by its digest, with its version where the registry told it. */
function imageOf(digest: string, images: Images): ImageTarget {
  return { digest, ...present({ openclawVersion: images.get(digest)?.openclawVersion }) };
}

function restartRequestOf(text: string | undefined): DeclaredAgent["restartRequest"] {
  const request = parsePlainMap(text);
  const [id, at] = [textAt(request, "id"), timeAt(request, "at")];
  if (id === undefined || at === undefined || textAt(request, "verb") !== "restart") return undefined;
  return { id, by: textAt(request, "by") ?? "somebody", at };
}

/** What a Deployment says; compared with its declaration where there is a sound one. */
export function deploymentFacts(kept: KeptDeployment, desired: DesiredAgent | undefined, images: Images): DeploymentFacts {
  const { manifest, observedGeneration } = kept;
  const annotations = manifest.metadata.annotations ?? {};
  const template = valueAt(manifest, ["spec", "template", "metadata", "annotations"]);
  const { image, secretDigest } = presentChoice(manifest);
  const previous = digestOf(annotations[OPERATED.previousDigest]);
  return {
    resourceVersion: textAt(manifest, "metadata", "resourceVersion") ?? "",
    isObserved: observedGeneration >= (numberAt(manifest, "metadata", "generation") ?? 0),
    replicas: numberAt(manifest, "spec", "replicas") ?? 1,
    ...present({
      pinnedDigest: image.includes("@") ? digestOf(image) : undefined,
      secretDigest,
      adoptedSecretDigest: adoptedSecret(kept),
      previous: previous === undefined ? undefined : imageOf(previous, images),
      failed: failureOf(annotations[OPERATED.failedDigest]),
      restart: restartOf(annotations[OPERATED.restart]),
      pending: desired && compareDeployment(desired, manifest).pending,
      restartedAt: textAt(template, RESTARTED_AT),
    }),
  };
}

function failureOf(text: string | undefined): DeploymentFacts["failed"] {
  const [, digest, attempt] = /^(sha256:[0-9a-f]{64})#(\d{1,9})$/.exec(text ?? "") ?? [];
  return digest === undefined ? undefined : { digest, attempt: Number(attempt) };
}

function restartOf(text: string | undefined): DeploymentFacts["restart"] {
  const restart = parsePlainMap(text);
  const [id, cause, at] = [textAt(restart, "id"), restartCauseOf(restart?.["cause"]), timeAt(restart, "at")];
  if (id === undefined || cause === undefined || at === undefined) return undefined;
  return { id, cause, at, ...present({ detail: textAt(restart, "detail"), request: textAt(restart, "request") }) };
}

/** The agent's pods, newest first. One is current if the ReplicaSet that made it has the Deployment's present template. */
export function podFacts(cache: FleetCache, agent: string, images: Images): PodFacts[] {
  const digest = cache.deployment(agent)?.templateDigest;
  return cache
    .pods(agent)
    .map(({ facts, replicaSet }): PodFacts => {
      const isCurrent = digest !== undefined && replicaSet !== undefined && cache.replicaSet(replicaSet)?.templateDigest === digest;
      const openclawVersion = facts.digest === undefined ? undefined : images.get(facts.digest)?.openclawVersion;
      return Object.assign({ isCurrent }, facts, present({ openclawVersion }));
    })
    .toSorted((one, other) => other.createdAt - one.createdAt || (one.name < other.name ? -1 : 1));
}

/** The agent's memory, as its claim tells. */
export function stateFacts(claim: Manifest | undefined, pods: readonly PodFacts[], images: Images): StateFacts {
  if (!claim) return { claim: "absent", needsRecord: false };
  const isBound = textAt(claim, "status", "phase") === "Bound";
  const annotations = claim.metadata.annotations ?? {};
  const recorded = annotations[VERSION_ANNOTATION];
  const isRetained = annotations[OPERATED.retainedVolume] === textAt(claim, "spec", "volumeName");
  const needsRecord = isBound && !(isRetained && isRecorded(recorded, servedVersion(pods, images)));
  return { claim: isBound ? "bound" : "pending", needsRecord, ...present({ openclawVersion: recorded }) };
}

/** The OpenClaw that serves now; undefined where nothing serves, or nobody knows which it is. */
function servedVersion(pods: readonly PodFacts[], images: Images): string | undefined {
  const serving = pods.find((pod) => pod.isCurrent && pod.isReady && !pod.isTerminating);
  return serving?.digest === undefined ? undefined : images.get(serving.digest)?.openclawVersion;
}

function isRecorded(recorded: string | undefined, running: string | undefined): boolean {
  return running === undefined || (recorded !== undefined && compareVersions(running, recorded) <= 0);
}

/** What the agent's Secret and its ExternalSecret say. */
export function secretFacts(cache: FleetCache, agent: string, desired: DesiredAgent | undefined, vaultChangedAt: number | undefined): SecretFacts {
  const secret = cache.secret(agent);
  const required = desired?.agent.spec.secrets.required ?? [];
  const keys = new Set(secret?.keys);
  return {
    exists: secret !== undefined,
    missingKeys: required.filter((key) => !keys.has(key)),
    ...present({
      digest: secret?.digest,
      changedAt: secret?.changedAt,
      sync: syncOf(cache.object("ExternalSecret", agent)),
      vaultChangedAt,
    }),
  };
}

function syncOf(externalSecret: Manifest | undefined): SecretFacts["sync"] {
  const ready = condition(externalSecret, "Ready");
  if (ready === undefined) return undefined;
  return {
    isSynced: ready["status"] === "True",
    reason: textAt(ready, "reason") ?? "Unknown",
    ...present({ message: textAt(ready, "message"), refreshedAt: timeAt(externalSecret, "status", "refreshTime") }),
  };
}
