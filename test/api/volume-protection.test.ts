import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect } from "../../src/cluster/cluster.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { CONFIRM_DELETE_ANNOTATION, VOLUME_PROTECTION } from "../../src/render/names.ts";
import { renderVolumeProtection } from "../../src/render/volume-protection.ts";

const NAMESPACE = "volume-protection-test";
const LABELS = { "app.kubernetes.io/managed-by": "frota" };
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  await cluster.apply(namespace(NAMESPACE));
  for (const manifest of renderVolumeProtection()) await cluster.apply(manifest);
  // The API server takes a new policy into use without telling when.
  for (let attempt = 0; ; attempt += 1) {
    const name = await makeClaim(`canary-${attempt}`);
    if (!(await deleteClaim(name).catch(() => false))) break;
  }
});

afterAll(async () => {
  for (const kind of ["ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"]) {
    await cluster.delete({ apiVersion: "admissionregistration.k8s.io/v1", kind, name: VOLUME_PROTECTION });
  }
  await cluster.delete(namespaceReference(NAMESPACE));
  cluster.close();
});

function namespace(name: string, labels: Record<string, string> = {}): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function namespaceReference(name: string): { apiVersion: string; kind: string; name: string } {
  return { apiVersion: "v1", kind: "Namespace", name };
}

function claim(name: string, inNamespace = NAMESPACE): { apiVersion: string; kind: string; namespace: string; name: string } {
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: inNamespace, name };
}

async function makeClaim(name: string, labels: Record<string, string> = LABELS, inNamespace = NAMESPACE): Promise<string> {
  await cluster.apply({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: inNamespace, labels },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
  });
  return name;
}

function deleteClaim(name: string): Promise<boolean> {
  return cluster.delete(claim(name));
}

function confirm(reference: ReturnType<typeof claim> | ReturnType<typeof namespaceReference>, name: string): Promise<Manifest> {
  return cluster.mergePatch(reference, { metadata: { annotations: { [CONFIRM_DELETE_ANNOTATION]: name } } });
}

test("an agent's volume claim is not deleted, and the refusal says how it could be", async () => {
  const name = await makeClaim("clovis-state");
  const command = `kubectl annotate pvc -n ${NAMESPACE} clovis-state ${CONFIRM_DELETE_ANNOTATION}=clovis-state`;
  await expect(deleteClaim(name)).rejects.toMatchObject({ message: expect.stringContaining(command) });
  await confirm(claim(name), "another-name");
  await expect(deleteClaim(name)).rejects.toThrow("holds the memory of agents");
  await confirm(claim(name), name);
  expect(await deleteClaim(name)).toBe(true);
});

test("nor is it deleted with all others of its namespace", async () => {
  await makeClaim("roberval-state");
  const config = new KubeConfig();
  config.loadFromFile(inject("kubeconfig"));
  await expect(config.makeApiClient(CoreV1Api).deleteCollectionNamespacedPersistentVolumeClaim({ namespace: NAMESPACE })).rejects.toThrow("holds the memory of agents");
  expect(await cluster.get(claim("roberval-state"))).toMatchObject({ metadata: { name: "roberval-state" } });
});

test("claims of others are none of its business", async () => {
  const name = await makeClaim("database", {});
  expect(await deleteClaim(name)).toBe(true);
});

test("a fleet's namespace is not deleted before it is confirmed", async () => {
  const name = "volume-protection-fleet";
  await cluster.apply(namespace(name, LABELS));
  await expect(cluster.delete(namespaceReference(name))).rejects.toThrow(`kubectl annotate namespace ${name}`);
  await confirm(namespaceReference(name), name);
  expect(await cluster.delete(namespaceReference(name))).toBe(true);
});

test("where a namespace goes all the same, the claim stays, and with it the volume", async () => {
  const name = "volume-protection-unlabelled";
  await cluster.apply(namespace(name));
  await makeClaim("clementina-state", LABELS, name);
  await cluster.delete(namespaceReference(name));
  await until(namespaceReference(name), (object) => JSON.stringify(object?.["status"] ?? {}).includes("holds the memory of agents"));
  expect(await cluster.get(claim("clementina-state", name))).toBeDefined();
  await confirm(claim("clementina-state", name), "clementina-state");
  await until(namespaceReference(name), (object) => object === undefined);
});

/** Follows an object until it is as wanted; undefined once it is gone. */
async function until(reference: ReturnType<typeof namespaceReference>, isReached: (object: Manifest | undefined) => boolean): Promise<void> {
  const abort = new AbortController();
  const { name, ...kind } = reference;
  for await (const event of cluster.watch(kind, { fieldSelector: `metadata.name=${name}` }, abort.signal)) {
    if (event.type === "disconnected") continue;
    const object = event.type === "synced" ? event.objects[0] : event.type === "changed" ? event.object : undefined;
    if (isReached(object)) break;
  }
  abort.abort();
}
