import type { Cluster } from "../../cluster/cluster.ts";
import { objectId, type ObjectId } from "../../plan/change-set.ts";
import { renderController, renderDefinitions, type ControllerOptions } from "../../render/controller.ts";
import { renderFleet } from "../../render/fleet.ts";
import type { Manifest } from "../../render/manifest.ts";
import { CONTROLLER_NAMESPACE } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { mapsAt } from "../../spec/plain-field.ts";
import type { ControllerLiveness } from "../observe/controller-liveness.ts";
import { controllerSettled, type ControllerWait } from "./settled.ts";

/** A controller to install, for a fleet. */
export interface ControllerInstallation extends Omit<ControllerWait, "namespace"> {
  readonly fleet: Fleet;
  readonly options: Omit<ControllerOptions, "fleetNamespace" | "pullSecrets">;
  /** Hears of each object that was applied. */
  readonly onApplied: (object: ObjectId) => void;
}

/** Everything that installing applies, for whoever applies it otherwise. Never a Secret. */
export function controllerManifests(fleet: Fleet, options: ControllerInstallation["options"]): Manifest[] {
  const { pullSecrets } = fleet.spec.image;
  return [...renderDefinitions(), ...renderController({ ...options, fleetNamespace: fleet.metadata.namespace, pullSecrets })];
}

/**
 * Installs or updates the controller of a fleet and waits until one holds the Lease. The fleet's pull secrets are copied to where the
 * controller runs. Running it again is harmless; no agent is touched by it.
 * Throws CONTROLLER_NOT_READY, CONTROLLER_PULL_SECRET_MISSING and what the cluster throws.
 */
export async function installController(installation: ControllerInstallation): Promise<ControllerLiveness> {
  const { cluster, fleet, options, onApplied, signal } = installation;
  const { namespace } = fleet.metadata;
  const apply = async (manifest: Manifest) => {
    signal.throwIfAborted();
    await cluster.apply(manifest);
    onApplied(objectId(manifest));
  };
  const manifests = controllerManifests(fleet, options);
  const of = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
  const secrets = await copiedPullSecrets(cluster, fleet);
  if (!(await cluster.get({ apiVersion: "v1", kind: "Namespace", name: namespace }))) {
    for (const manifest of renderFleet(fleet).filter(({ kind }) => kind === "Namespace")) await apply(manifest);
  }
  for (const manifest of of("CustomResourceDefinition")) await apply(manifest);
  for (const manifest of of("Namespace")) await apply(manifest);
  for (const secret of secrets) await apply(secret);
  for (const manifest of manifests.filter(({ kind }) => !["CustomResourceDefinition", "Namespace"].includes(kind))) await apply(manifest);
  await definitionsServed(cluster, of("CustomResourceDefinition"), signal);
  return controllerSettled({ ...installation, namespace });
}

/** The fleet's pull secrets as the controller's namespace needs them: those of the fleet's namespace, or what is there already. */
async function copiedPullSecrets(cluster: Cluster, fleet: Fleet): Promise<Manifest[]> {
  const read = (namespace: string, name: string) => cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name });
  const copies: Manifest[] = [];
  for (const name of fleet.spec.image.pullSecrets) {
    const source = await read(fleet.metadata.namespace, name);
    if (source) copies.push(copyOf(source));
    else if (!(await read(CONTROLLER_NAMESPACE, name))) throw missingPullSecret(fleet.metadata.namespace, name);
  }
  return copies;
}

function copyOf(secret: Manifest): Manifest {
  const { name } = secret.metadata;
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: CONTROLLER_NAMESPACE }, type: secret["type"], data: secret["data"] };
}

function missingPullSecret(namespace: string, name: string): FrotaError {
  return new FrotaError({
    code: "CONTROLLER_PULL_SECRET_MISSING",
    message: `the controller's image cannot be pulled: there is no Secret ${name}, neither in ${namespace} nor in ${CONTROLLER_NAMESPACE}`,
    where: { kind: "Secret", namespace, name },
    next: `create it in ${namespace}; \`frota doctor\` says how`,
    outcome: "refused",
  });
}

/** A definition is of use only when the API server serves it, which takes a moment. */
async function definitionsServed(cluster: Cluster, definitions: readonly Manifest[], signal: AbortSignal): Promise<void> {
  const waiting = new Set(definitions.map(({ metadata }) => metadata.name));
  const end = new AbortController();
  const kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
  for await (const event of cluster.watch(kind, {}, AbortSignal.any([signal, end.signal]))) {
    const objects = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    for (const object of objects.filter(isEstablished)) waiting.delete(object.metadata.name);
    if (waiting.size === 0) end.abort();
  }
  signal.throwIfAborted();
}

function isEstablished(definition: Manifest): boolean {
  return mapsAt(definition, "status", "conditions").some(({ type, status }) => type === "Established" && status === "True");
}
