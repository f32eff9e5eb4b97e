import type { Cluster } from "../../cluster/cluster.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";
import { controllerDeployment, controllerLiveness, type ControllerLiveness } from "../observe/controller-liveness.ts";
import { fleetsIn } from "../operated/read-operated.ts";
import { definitionStates, type DefinitionState } from "./definitions.ts";

/** How the controller of a fleet is. */
export interface ControllerStatus extends ControllerLiveness {
  readonly namespace: string;
  /** Of the Deployment; absent where none is installed. */
  readonly image?: string;
  readonly replicas: { readonly wanted: number; readonly ready: number };
  /** Names of the Fleets in the namespace; one, or none yet. */
  readonly fleets: readonly string[];
  readonly definitions: readonly DefinitionState[];
}

/** Reads how the controller of the fleet in this namespace is. */
export async function controllerStatus(cluster: Cluster, namespace: string, now: Date): Promise<ControllerStatus> {
  const [liveness, deployment, definitions, fleets] = await Promise.all([
    controllerLiveness(cluster, namespace, now),
    cluster.get(controllerDeployment(namespace)),
    definitionStates(cluster),
    fleetsIn(cluster, namespace),
  ]);
  const [container] = mapsAt(deployment, "spec", "template", "spec", "containers");
  const image = textAt(container, "image");
  return {
    namespace,
    ...liveness,
    ...(image === undefined ? {} : { image }),
    replicas: { wanted: numberAt(deployment, "spec", "replicas") ?? 0, ready: numberAt(deployment, "status", "readyReplicas") ?? 0 },
    fleets: fleets.map(({ metadata }) => metadata.name),
    definitions,
  };
}
