import { acquireArgoCd } from "./argo-cd.ts";
import type { AcquireContext, Component, ComponentName } from "./component.ts";
import { acquireExternalSecrets } from "./external-secrets.ts";
import { acquireFlux } from "./flux.ts";
import { acquireHelm } from "./helm.ts";
import { acquireKubernetes } from "./kubernetes.ts";
import { acquireKwok } from "./kwok.ts";
import { acquireNode22 } from "./node22.ts";
import { acquirePackages } from "./packages.ts";
import { acquireCoredns, acquireNetworkPolicy, acquirePause, acquireStorageProvisioner } from "./services.ts";
import { acquireVault } from "./vault.ts";

const ACQUISITIONS: Readonly<Record<ComponentName, (context: AcquireContext) => Promise<Component>>> = {
  kubernetes: acquireKubernetes,
  packages: acquirePackages,
  vault: acquireVault,
  coredns: acquireCoredns,
  "storage-provisioner": acquireStorageProvisioner,
  "external-secrets": acquireExternalSecrets,
  node22: acquireNode22,
  "network-policy": acquireNetworkPolicy,
  pause: acquirePause,
  kwok: acquireKwok,
  helm: acquireHelm,
  flux: acquireFlux,
  "argo-cd": acquireArgoCd,
};

/**
 * Gets a component ready, whatever that takes; quick when it is there already. Safe to call for several components, and from
 * several processes, at the same time. Throws a FrotaError that says what to do.
 */
export async function acquire(name: ComponentName, context: AcquireContext): Promise<Component> {
  return ACQUISITIONS[name](context);
}
