import { setTimeout as delay } from "node:timers/promises";
import type { BenchLab } from "./bench-lab.ts";
import { BENCH, POOL_LABEL, secretStore, volumes, type GeneratedFleet } from "./generated-fleet.ts";
import { directSecrets, writeToVault } from "./secrets.ts";

/**
 * For so long (milliseconds) after a namespace was deleted the API server asks itself for it with every request in one of the same name,
 * 50 times a second at most: that would be all that is measured. NamespaceLifecycle's forceLiveLookupTTL, and a second.
 */
const DELETION_REMEMBERED = 31_000;

/** How the agents' Secrets come about. */
export type SecretSource = "external-secrets" | "direct";

/** Makes what is there before anything is measured: namespace, volumes, SecretStore, and the secrets in Vault or as Secrets. */
export async function prepareNamespace(lab: BenchLab, fleet: GeneratedFleet, secrets: SecretSource): Promise<void> {
  const { administrator } = lab;
  await lab.cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: BENCH } });
  const authority = await lab.cluster.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "kube-system", name: "kube-root-ca.crt" });
  await lab.cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "vault-ca", namespace: BENCH }, data: authority?.["data"] });
  await administrator.createAll(volumes(fleet));
  if (secrets === "direct") {
    await administrator.createAll(directSecrets(fleet));
  } else {
    await writeToVault(fleet, lab.vault);
    for (const manifest of secretStore(fleet)) await lab.cluster.apply(manifest);
  }
  await delay(DELETION_REMEMBERED);
}

const VOLUME = { apiVersion: "v1", kind: "PersistentVolume" };
/** Those that a measurement made. */
const VOLUMES = { labelSelector: `${POOL_LABEL}=${BENCH}` };

/** Removes everything that a measurement made, and waits until it is gone. */
export async function clearNamespace(lab: BenchLab): Promise<void> {
  const { administrator, cluster } = lab;
  const kinds = [
    ["frota.dev/v1alpha1", "Agent"],
    ["frota.dev/v1alpha1", "Fleet"],
    ["external-secrets.io/v1", "ExternalSecret"],
    ["apps/v1", "Deployment"],
    ["apps/v1", "ReplicaSet"],
    ["v1", "Pod"],
  ] as const;
  for (const [apiVersion, kind] of kinds) await administrator.deleteAll({ apiVersion, kind }, { namespace: BENCH });
  const pods = { apiVersion: "v1", kind: "Pod" };
  while ((await cluster.list(pods, { namespace: BENCH })).length > 0) await delay(1000);
  await administrator.deleteNamespace(BENCH);
  while (await cluster.get({ apiVersion: "v1", kind: "Namespace", name: BENCH })) await delay(1000);
  await administrator.deleteAll(VOLUME, VOLUMES);
  while ((await cluster.list(VOLUME, VOLUMES)).length > 0) await delay(1000);
}
