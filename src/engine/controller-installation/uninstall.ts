import { referenceOf, type Cluster } from "../../cluster/cluster.ts";
import { objectId, type ObjectId } from "../../plan/change-set.ts";
import { renderController, renderDefinitions } from "../../render/controller.ts";
import { controllerSelectorLabels } from "../../render/labels.ts";
import { CONTROLLER_NAMESPACE } from "../../render/names.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { controllerDeployment, controllerLease, controllerLiveness } from "../observe/controller-liveness.ts";

/** A controller to remove. */
export interface ControllerRemoval {
  readonly cluster: Cluster;
  /** Of the fleet. */
  readonly namespace: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Hears of each object that was deleted. */
  readonly onDeleted: (object: ObjectId) => void;
}

const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };

/**
 * Removes the controller of a fleet: its Deployment first, and what it may do only when its last pod is gone. Agents, their
 * volumes, Fleet and Agent resources and the namespace `frota-system` stay. Running it again is harmless.
 */
export async function uninstallController(removal: ControllerRemoval): Promise<void> {
  const { cluster, namespace, now } = removal;
  const rendered = renderController({ fleetNamespace: namespace, image: "" });
  const [deployment, ...others] = rendered.filter(({ kind }) => kind !== "Namespace").toReversed();
  if (deployment) await remove(removal, deployment);
  await podsGone(removal);
  for (const object of others) await remove(removal, object);
  // A controller in the foreground goes on.
  const { isLive } = await controllerLiveness(cluster, namespace, now());
  const { apiVersion, kind, name } = controllerLease(namespace);
  if (!isLive) await remove(removal, { apiVersion, kind, metadata: { name, namespace: CONTROLLER_NAMESPACE } });
}

/**
 * Deletes the CustomResourceDefinitions, and with them every Fleet and Agent resource of the cluster. Agents go on: nothing that runs is owned
 * by them. Throws CONTROLLER_STILL_THERE (refused) while any fleet of the cluster has a controller, which would take it for the wish
 * to delete its agents.
 */
export async function deleteDefinitions(removal: ControllerRemoval): Promise<void> {
  const { cluster, namespace, now } = removal;
  const labelSelector = "app.kubernetes.io/name=frota-controller";
  const [first] = await cluster.list(DEPLOYMENT, { namespace: CONTROLLER_NAMESPACE, labelSelector });
  const { isLive, holder } = await controllerLiveness(cluster, namespace, now());
  if (first || isLive) {
    throw new FrotaError({
      code: "CONTROLLER_STILL_THERE",
      message: `the definitions stay: ${first ? `the cluster has the controller ${first.metadata.name}` : `the controller ${holder} reconciles ${namespace}`}`,
      ...(first ? { where: referenceOf(first) } : { where: controllerDeployment(namespace) }),
      next: first ? "uninstall the controllers of all fleets first" : "end it first (it runs outside of the cluster), or wait until its Lease expires",
      outcome: "refused",
    });
  }
  for (const definition of renderDefinitions()) await remove(removal, definition);
}

async function remove({ cluster, signal, onDeleted }: ControllerRemoval, object: Manifest): Promise<void> {
  signal.throwIfAborted();
  if (await cluster.delete(referenceOf(object))) onDeleted(objectId(object));
}

/** Without its rights, a controller that still ends could not even hand over its Lease. */
async function podsGone({ cluster, namespace, signal }: ControllerRemoval): Promise<void> {
  const labelSelector = Object.entries(controllerSelectorLabels(namespace)).map(([key, value]) => `${key}=${value}`).join(",");
  const pods = new Set<string>();
  const end = new AbortController();
  const selection = { namespace: CONTROLLER_NAMESPACE, labelSelector };
  for await (const event of cluster.watch({ apiVersion: "v1", kind: "Pod" }, selection, AbortSignal.any([signal, end.signal]))) {
    if (event.type === "synced") {
      pods.clear();
      for (const pod of event.objects) pods.add(pod.metadata.name);
    } else if (event.type === "changed") pods.add(event.object.metadata.name);
    else if (event.type === "removed") pods.delete(event.object.metadata.name);
    if (event.type !== "disconnected" && pods.size === 0) end.abort();
  }
  signal.throwIfAborted();
}
