import { kubectlOn } from "./lab.ts";
import { onVolume } from "./volume.ts";

/** A volume with one pod that holds it, without any agent: the sandbox image does nothing, and is there offline. */
const OBJECTS = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "keep" } },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "keep" } },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "marker", namespace: "keep" },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "do-block-storage", resources: { requests: { storage: "64Mi" } } },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "marker", namespace: "keep" },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [
        {
          name: "pause",
          image: "localhost/frota/pause:1",
          imagePullPolicy: "Never",
          volumeMounts: [{ name: "state", mountPath: "/state" }],
        },
      ],
      volumes: [{ name: "state", persistentVolumeClaim: { claimName: "marker" } }],
    },
  },
];

/** Makes the volume in a lab and writes `text` to it. */
export async function plantMarker(lab: string, text: string): Promise<void> {
  // Server-side, because the cluster makes the service account at the same moment.
  const apply = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
  await kubectlOn(lab, apply, JSON.stringify({ apiVersion: "v1", kind: "List", items: OBJECTS }));
  await kubectlOn(lab, ["wait", "--for=condition=Ready", "pod/marker", "-n", "keep", "--timeout=120s"]);
  await onVolume(claimOf(lab), `printf '%s' '${text}' > "$volume/marker"; sync "$volume/marker"`);
}

/** What the volume holds, read where the pod has it mounted; waits until the pod has it. */
export function readMarker(lab: string): Promise<string> {
  return onVolume(claimOf(lab), 'cat "$volume/marker"');
}

const claimOf = (lab: string) => ({ lab, namespace: "keep", name: "marker" });
