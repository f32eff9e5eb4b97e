import type { Cluster } from "../../cluster/cluster.ts";
import { CONTROLLER_NAMESPACE, controllerName } from "../../render/names.ts";
import type { Manifest } from "../../render/manifest.ts";
import { numberAt, textAt } from "../../spec/plain-field.ts";

/** Who, if anybody, reconciles a fleet now. */
export interface ControllerLiveness {
  /** There is a Deployment of it in the cluster. A controller in the foreground is live without one. */
  readonly installed: boolean;
  /** Holder of the Lease, also one that stopped renewing it. */
  readonly holder?: string;
  /** When that holder took the Lease: RFC 3339. */
  readonly holdsSince?: string;
  /** Age of the last renewal; negative when this machine's clock is behind. */
  readonly renewedSecondsAgo?: number;
  readonly isLive: boolean;
}

/** Seconds after which a Lease is expired, where it does not say itself: Kubernetes's own default. */
const LEASE_DURATION = 15;

/** Seconds by which this machine's clock and the holder's may differ. */
const CLOCK_LEEWAY = 10;

/** The controller's Deployment of the fleet in this namespace. */
export function controllerDeployment(namespace: string) {
  return { apiVersion: "apps/v1", kind: "Deployment", namespace: CONTROLLER_NAMESPACE, name: controllerName(namespace) };
}

/** The Lease that the controller of the fleet in this namespace holds, in the cluster or in the foreground. */
export function controllerLease(namespace: string) {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: CONTROLLER_NAMESPACE, name: controllerName(namespace) };
}

/**
 * Whether a controller reconciles the fleet in this namespace, judged by its Lease at `now`. A glance for people and for `frota apply`:
 * who may write is decided by the Lease's own protocol, never by this.
 */
export async function controllerLiveness(cluster: Pick<Cluster, "get">, namespace: string, now: Date): Promise<ControllerLiveness> {
  const [deployment, lease] = await Promise.all([cluster.get(controllerDeployment(namespace)), cluster.get(controllerLease(namespace))]);
  return livenessOf(deployment !== undefined, lease, now);
}

/** What a Lease says at `now`. */
export function livenessOf(installed: boolean, lease: Manifest | undefined, now: Date): ControllerLiveness {
  const holder = textAt(lease, "spec", "holderIdentity");
  // Who gives a Lease up leaves it without a holder.
  if (!holder) return { installed, isLive: false };
  const renewed = Date.parse(textAt(lease, "spec", "renewTime") ?? "");
  const holdsSince = textAt(lease, "spec", "acquireTime");
  const common = { installed, holder, ...(holdsSince === undefined ? {} : { holdsSince }) };
  if (Number.isNaN(renewed)) return { ...common, isLive: false };
  const renewedSecondsAgo = Math.round((now.getTime() - renewed) / 1000);
  const duration = numberAt(lease, "spec", "leaseDurationSeconds") ?? LEASE_DURATION;
  return { ...common, renewedSecondsAgo, isLive: renewedSecondsAgo <= duration + CLOCK_LEEWAY };
}
