import { createHash } from "node:crypto";
import type { Cluster } from "../../../cluster/cluster.ts";
import type { Manifest } from "../../../render/manifest.ts";
import type { Fleet } from "../../../spec/fleet.ts";
import { FrotaError } from "../../../spec/error.ts";
import { OPERATED } from "../annotations.ts";

/** Any user but root: what it runs needs none. */
const USER = 65_532;
/** Seconds. A pull that takes longer is given up, and tried again by whoever still wants it. */
const LONGEST_PULL = 1_800;

/** The name of the pod that brings a digest to a node. */
function prePullName(node: string, digest: string): string {
  const hash = createHash("sha256").update(node).digest("hex").slice(0, 10);
  return `frota-pre-pull-${digest.replace("sha256:", "").slice(0, 12)}-${hash}`;
}

/** A pod that does nothing but have its image pulled, on this node whatever its room. Pure. */
export function prePullPod(fleet: Fleet, node: string, digest: string): Manifest {
  const { image } = fleet.spec;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: prePullName(node, digest),
      namespace: fleet.metadata.namespace,
      labels: {
        "app.kubernetes.io/name": "frota-pre-pull",
        "app.kubernetes.io/component": "pre-pull",
        "app.kubernetes.io/part-of": fleet.metadata.name,
        "app.kubernetes.io/managed-by": "frota",
      },
      annotations: { [OPERATED.prePull]: digest },
    },
    spec: {
      // Not by the scheduler: the image is wanted on this node, also while it takes no new pods.
      nodeName: node,
      restartPolicy: "Never",
      activeDeadlineSeconds: LONGEST_PULL,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(image.pullSecrets.length > 0 ? { imagePullSecrets: image.pullSecrets.map((name) => ({ name })) } : {}),
      tolerations: [{ operator: "Exists" }],
      securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "pull",
          image: `${image.repository}@${digest}`,
          imagePullPolicy: "IfNotPresent",
          command: ["true"],
          resources: { requests: { cpu: "1m", memory: "8Mi" }, limits: { memory: "32Mi" } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

/** Makes the pod, unless it is there. */
export async function prePull(cluster: Cluster, fleet: Fleet, node: string, digest: string): Promise<Manifest | undefined> {
  try {
    return await cluster.create(prePullPod(fleet, node, digest));
  } catch (error) {
    if (error instanceof FrotaError && error.code === "CONFLICT") return undefined;
    throw error;
  }
}

/** Deletes the pod; the image stays until the node needs the room. */
export async function forgetPrePull(cluster: Cluster, namespace: string, node: string, digest: string): Promise<void> {
  await cluster.delete({ apiVersion: "v1", kind: "Pod", namespace, name: prePullName(node, digest) });
}
