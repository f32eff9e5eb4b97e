import { referenceOf, type Cluster } from "../../cluster/cluster.ts";
import { controllerSelectorLabels } from "../../render/labels.ts";
import { CONTROLLER_NAMESPACE } from "../../render/names.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";
import { controllerDeployment, controllerLease, livenessOf, type ControllerLiveness } from "../observe/controller-liveness.ts";

/** How to wait for a controller. */
export interface ControllerWait {
  readonly cluster: Cluster;
  /** Of the fleet. */
  readonly namespace: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/**
 * Waits until the controller's Deployment runs what it says and a replica, or a controller elsewhere, holds the Lease and renews it.
 * Throws CONTROLLER_NOT_READY, with what its pods say, when the time is over.
 */
export async function controllerSettled(wait: ControllerWait): Promise<ControllerLiveness> {
  const { cluster, namespace, signal, now } = wait;
  const timeout = AbortSignal.timeout(wait.timeout);
  const end = new AbortController();
  const seen: { deployment?: Manifest; lease?: Manifest } = {};
  const follow = async (key: "deployment" | "lease"): Promise<ControllerLiveness | undefined> => {
    const reference = key === "lease" ? controllerLease(namespace) : controllerDeployment(namespace);
    const selection = { namespace: CONTROLLER_NAMESPACE, fieldSelector: `metadata.name=${reference.name}` };
    for await (const event of cluster.watch(reference, selection, AbortSignal.any([signal, timeout, end.signal]))) {
      if (event.type === "synced" && event.objects[0]) seen[key] = event.objects[0];
      else if (event.type === "changed") seen[key] = event.object;
      else if (event.type === "removed") delete seen[key];
      const liveness = livenessOf(seen.deployment !== undefined, seen.lease, now());
      if (isRolledOut(seen.deployment) && liveness.isLive) return liveness;
    }
    return undefined;
  };
  try {
    // A watch ends without an answer only when it is told to.
    const settled = await Promise.race([follow("deployment"), follow("lease")]);
    if (settled) return settled;
    signal.throwIfAborted();
    throw await notReady(wait, seen.deployment);
  } finally {
    end.abort();
  }
}

function isRolledOut(deployment: Manifest | undefined): boolean {
  const count = (...path: string[]) => numberAt(deployment, ...path) ?? 0;
  if (count("status", "observedGeneration") < count("metadata", "generation")) return false;
  const updated = count("status", "updatedReplicas");
  return updated >= count("spec", "replicas") && count("status", "replicas") === updated && count("status", "availableReplicas") >= 1;
}

async function notReady({ cluster, namespace, timeout }: ControllerWait, deployment: Manifest | undefined): Promise<FrotaError> {
  const labelSelector = Object.entries(controllerSelectorLabels(namespace)).map(([key, value]) => `${key}=${value}`).join(",");
  const pods = await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: CONTROLLER_NAMESPACE, labelSelector });
  const said = [...new Set([...conditionsOf(deployment), ...pods.flatMap(saidOf)])];
  return new FrotaError({
    code: "CONTROLLER_NOT_READY",
    message: `no controller took the Lease within ${Math.round(timeout / 1000)} s: ${said.join("; ") || "the cluster gives no reason"}`,
    where: deployment ? referenceOf(deployment) : controllerDeployment(namespace),
    next: `kubectl logs -n ${CONTROLLER_NAMESPACE} deployment/${controllerDeployment(namespace).name}; the agents go on meanwhile`,
    outcome: "timeout",
  });
}

function conditionsOf(deployment: Manifest | undefined): string[] {
  const failing = mapsAt(deployment, "status", "conditions").filter(({ type, status }) => type === "ReplicaFailure" && status === "True");
  return failing.map((condition) => textAt(condition, "message") ?? "its pods cannot be created");
}

function saidOf(pod: Manifest): string[] {
  const unscheduled = mapsAt(pod, "status", "conditions").find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled) return [textAt(unscheduled, "message") ?? "no node takes its pod"];
  return mapsAt(pod, "status", "containerStatuses").flatMap((status) => {
    const waiting = textAt(status, "state", "waiting", "reason");
    const ended = textAt(status, "lastState", "terminated", "message");
    const words = [waiting, textAt(status, "state", "waiting", "message"), ended].filter((part) => part !== undefined);
    return waiting === undefined ? [] : [words.join(": ").trim()];
  });
}
