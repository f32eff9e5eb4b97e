import type { AgentAction, CreateAction, RestartAction } from "../../../decide/action.ts";
import type { ImageTarget } from "../../../decide/world.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { referenceOf } from "../../../cluster/cluster.ts";
import { FrotaError } from "../../../spec/error.ts";
import { isPlainMap, type PlainMap } from "../../../spec/plain-data.ts";
import { missingSecretRecord } from "../adopted-secret.ts";
import { OPERATED } from "../annotations.ts";
import { compareDeployment } from "../compare.ts";
import { desiredAgent, presentChoice, type DeploymentChoice, type DesiredAgent } from "../desired.ts";
import { recordAnnotations, slimDeployment, type KeptDeployment } from "../slim.ts";
import type { ActContext } from "./context.ts";
import { isStale } from "./failure.ts";
import { mustBePermitted } from "./permit.ts";
import { isConfiguration, writeConfiguration } from "./write-configuration.ts";

/** Whatever somebody else's field manager wrote into a declared field is put back. */
const FORCE = { force: true, isBrief: true } as const;

/** etcd's first revision, which no object ever has: applying it makes an object, or fails (CONFLICT) where there is one. */
const NO_VERSION = "1";

/** `Service/clovis`: an object among those of one agent. */
function keyOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`;
}

/** Applies those of the agent's objects that are named; of its Deployment everything but the pod template and the replicas. */
export async function applyObjects(context: ActContext, agent: string, keys: readonly string[]): Promise<void> {
  const desired = desiredOf(context, agent);
  const named = Map.groupBy(
    desired.supporting.filter((manifest) => keys.includes(keyOf(manifest))),
    ({ kind }) => kind === "Service",
  );
  // The API server gives out addresses of Services one after the other, whoever asks: the rest does not wait for it.
  const applied = [named.get(false), named.get(true)].map((manifests) => applyInOrder(context, agent, manifests ?? []));
  const failed = (await Promise.allSettled(applied)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  const live = context.cache.deployment(agent);
  if (live && keys.includes(`Deployment/${agent}`)) await patchDeployment(context, desired, live);
}

async function applyInOrder(context: ActContext, agent: string, manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) await (isConfiguration(manifest, agent) ? writeConfiguration(context, agent, { manifest }) : putObject(context, manifest));
}

/**
 * Applies one object. Where somebody's additions to a list (another port of the same name) make it invalid, the declared lists replace
 * what is there first: server-side apply removes only what is its own.
 */
async function putObject({ cluster }: ActContext, manifest: Manifest): Promise<void> {
  try {
    await cluster.apply(manifest, FORCE);
  } catch (error) {
    const mayReplace = manifest.kind !== "PersistentVolumeClaim" && manifest["spec"] !== undefined;
    if (!mayReplace || !(error instanceof FrotaError) || error.code !== "INVALID_OBJECT") throw error;
    await cluster.mergePatch(referenceOf(manifest), { spec: manifest["spec"] });
    await cluster.apply(manifest, FORCE);
  }
}

/** A patch, because server-side apply of a part would take the rest away: nothing here replaces the agent's pod. */
async function patchDeployment({ cache, cluster, namespace }: ActContext, desired: DesiredAgent, kept: KeptDeployment): Promise<void> {
  const live = kept.manifest;
  const declared = desired.deployment(presentChoice(live));
  const { template: _template, replicas: _replicas, strategy, ...spec } = mapAt(declared, "spec");
  const [outside, template] = desired.deploymentHash.split("-");
  // Until a pending template is written, what is known of the live one stays as it was.
  const known = compareDeployment(desired, live).pending ? live.metadata.annotations?.[OPERATED.applied]?.split("-")[1] : template;
  const applied = [outside, known].filter((part) => part !== undefined).join("-");
  const annotations = { [OPERATED.applied]: applied, ...missingSecretRecord(kept, cache.secret(desired.agent.metadata.name)?.digest) };
  await cluster.mergePatch(
    { ...referenceOf(live), namespace },
    {
      metadata: { resourceVersion: live.metadata["resourceVersion"], labels: declared.metadata.labels, annotations },
      // What belongs to another strategy would make this one invalid.
      spec: { ...spec, strategy: { rollingUpdate: null, ...(isPlainMap(strategy) ? strategy : {}) } },
    },
  );
}

function mapAt(manifest: Manifest, field: string): PlainMap {
  const value = manifest[field];
  return isPlainMap(value) ? value : {};
}

/**
 * Makes the agent's Deployment, and never writes one that is there, whatever the cache has missed: fails then with CONFLICT, or with
 * NAME_TAKEN for one that is no agent's, which waiting does not mend.
 */
export async function createDeployment(context: ActContext, agent: string, { image, serves }: CreateAction): Promise<void> {
  const annotations = serves && restartAnnotation(context, { ...serves, cause: "Created" });
  const manifest = deployment(context, agent, { image, ...(annotations && { annotations }) });
  try {
    await context.cluster.apply(withVersion(manifest, NO_VERSION), FORCE);
  } catch (error) {
    const live = isStale(error) ? await context.cluster.get(referenceOf(manifest)) : undefined;
    throw live && !slimDeployment(live) ? nameTaken(live) : error;
  }
}

function nameTaken(live: Manifest): FrotaError {
  return new FrotaError({
    code: "NAME_TAKEN",
    message: `there is a Deployment ${live.metadata.name} already, and it is no agent's: its selector is another`,
    where: referenceOf(live),
    next: "delete or rename it, or give the agent another name",
  });
}

/**
 * Replaces the agent's pod by a write that fails (CONFLICT) if the Deployment is no longer the one that this was decided on. Throws
 * PERMIT_GONE where the ledger does not allow it any more: a watch may have been silent for long.
 */
export async function restartAgent(context: ActContext, agent: string, action: RestartAction): Promise<void> {
  await mustBePermitted(context, agent, action);
  const live = context.cache.deployment(agent)?.manifest;
  const { previous, failed } = action;
  const annotations = {
    ...(live ? recordAnnotations(live) : {}),
    ...restartAnnotation(context, action),
    ...(previous ? { [OPERATED.previousDigest]: previous.digest } : {}),
    ...(failed ? { [OPERATED.failedDigest]: `${failed.digest}#${failed.attempt}` } : {}),
  };
  const manifest = deployment(context, agent, { image: action.image, annotations, restartId: action.id });
  await context.cluster.apply(withVersion(manifest, action.resourceVersion), FORCE);
}

/** `frota.dev/restart`; see `OPERATED`. */
function restartAnnotation({ now }: ActContext, { id, cause, detail, request }: Pick<RestartAction, "id" | "cause" | "detail" | "request">): Readonly<Record<string, string>> {
  return { [OPERATED.restart]: JSON.stringify({ id, cause, at: new Date(now()).toISOString(), detail, request }) };
}

/** Sets one replica, unless the Deployment changed meanwhile. */
export async function scaleUp(context: ActContext, agent: string, action: Extract<AgentAction, { type: "scale-up" }>): Promise<void> {
  const reference = { apiVersion: "apps/v1", kind: "Deployment", namespace: context.namespace, name: agent };
  await context.cluster.mergePatch(reference, { metadata: { resourceVersion: action.resourceVersion }, spec: { replicas: 1 } });
}

function deployment(context: ActContext, agent: string, { image, ...choice }: Omit<DeploymentChoice, "image"> & { readonly image: ImageTarget }): Manifest {
  const desired = desiredOf(context, agent);
  const secretDigest = context.cache.secret(agent)?.digest;
  return desired.deployment({ ...choice, image: `${desired.fleet.spec.image.repository}@${image.digest}`, secretDigest });
}

function withVersion(manifest: Manifest, resourceVersion: string): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, resourceVersion } };
}

/** The agent as declared. Throws DECLARATION_GONE where that changed since it was decided. */
export function desiredOf({ cache, namespace }: ActContext, agent: string): DesiredAgent {
  const desired = desiredAgent(cache, agent);
  if (desired && !("invalid" in desired)) return desired;
  throw new FrotaError({
    code: "DECLARATION_GONE",
    message: desired ? `its declaration is invalid: ${desired.invalid}` : "it is no longer declared",
    where: { kind: "Agent", namespace, name: agent },
    next: "mend agent.yaml or fleet.yaml, then apply",
  });
}
