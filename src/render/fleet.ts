import type { Fleet } from "../spec/fleet.ts";
import { KEEP_ANNOTATIONS } from "./agent.ts";
import { renderDisruptionBudget } from "./disruption-budget.ts";
import { fleetLabels } from "./labels.ts";
import type { Manifest } from "./manifest.ts";
import { SECRET_STORE } from "./names.ts";
import { renderVolumeProtection } from "./volume-protection.ts";

/** The Kubernetes objects of the fleet itself, in the order in which they must be applied. Pure; never a Secret. */
export function renderFleet(fleet: Fleet): Manifest[] {
  const { namespace } = fleet.metadata;
  const labels = fleetLabels(fleet);
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: { ...labels, "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "latest" },
        annotations: KEEP_ANNOTATIONS,
      },
    },
    ...renderVolumeProtection(),
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: SECRET_STORE.serviceAccount, namespace, labels },
      automountServiceAccountToken: false,
    },
    renderSecretStore(fleet),
    renderDisruptionBudget(fleet),
  ];
}

function renderSecretStore(fleet: Fleet): Manifest {
  const { vault } = fleet.spec;
  const { certificateAuthority: authority } = vault;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: { name: SECRET_STORE.name, namespace: fleet.metadata.namespace, labels: fleetLabels(fleet) },
    spec: {
      provider: {
        vault: {
          server: vault.address,
          path: vault.mount,
          version: "v2",
          ...(vault.namespace === undefined ? {} : { namespace: vault.namespace }),
          ...(authority === undefined ? {} : { caProvider: { type: "ConfigMap", name: authority.configMap, key: authority.key } }),
          auth: {
            kubernetes: {
              mountPath: vault.auth.mount,
              role: vault.auth.role,
              serviceAccountRef: { name: SECRET_STORE.serviceAccount, audiences: [SECRET_STORE.audience] },
            },
          },
        },
      },
    },
  };
}
