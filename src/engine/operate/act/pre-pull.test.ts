import { expect, test } from "vitest";
import { fleetSchema } from "../../../spec/fleet.ts";
import { prePullPod } from "./pre-pull.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const fleet = fleetSchema.parse({
  apiVersion: "frota.dev/v1alpha1",
  kind: "Fleet",
  metadata: { name: "digitalsys", namespace: "bots" },
  spec: {
    nodePool: { name: "bots" },
    image: { repository: "registry.example.com/agent", pullSecrets: ["pull"] },
    storage: { className: "standard" },
    vault: { address: "https://vault.example.com", auth: { role: "agents" } },
  },
});

test("the pod pulls exactly the digest, with the fleet's credentials, on its node, and may do nothing", () => {
  expect(prePullPod(fleet, "bots-1", DIGEST)).toMatchObject({
    metadata: { namespace: "bots", labels: { "app.kubernetes.io/managed-by": "frota" }, annotations: { "frota.dev/pre-pull": DIGEST } },
    spec: {
      nodeName: "bots-1",
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: "pull" }],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          image: `registry.example.com/agent@${DIGEST}`,
          command: ["true"],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  });
});

function name(node: string, digest: string): string {
  return prePullPod(fleet, node, digest).metadata.name;
}

test("each node and digest has a pod of its own, with a name that Kubernetes takes", () => {
  const other = DIGEST.replace("0", "f");
  expect(new Set([name("bots-1", DIGEST), name("bots-2", DIGEST), name("bots-1", other)]).size).toBe(3);
  expect(name("a".repeat(250), DIGEST)).toMatch(/^[a-z0-9-]{1,63}$/);
});
