import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { connect, referenceOf, type Cluster } from "../../src/cluster/cluster.ts";
import type { Prerequisite } from "../../src/plan/prerequisite.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { runCli } from "./cli-run.ts";
import { kubeconfigOf } from "./service-account.ts";
import { freePort } from "./vault-server.ts";

const POOL = "doctor-pool";
const CLASS = "doctor-storage";
const DRIVER = "doctor.csi.example.com";
const POOL_LABEL = "doks.digitalocean.com/node-pool";

/** Nobody listens there: no test of ours asks a registry of others. */
const registry = `127.0.0.1:${await freePort()}`;

let cluster: Cluster;
let folder: string;
let namespace: string;
let count = 0;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  folder = await mkdtemp(join(tmpdir(), "frota-doctor-"));
});

beforeEach(async () => {
  namespace = `doctor-${++count}`;
  const agents = fileURLToPath(new URL("../../agents", import.meta.url));
  await rm(folder, { recursive: true });
  await cp(agents, folder, { recursive: true });
  const file = join(folder, "fleet.yaml");
  const text = (await readFile(file, "utf8"))
    .replace("namespace: bots", `namespace: ${namespace}`)
    .replace("name: bots", `name: ${POOL}`)
    .replace("registry.digitalocean.com", registry)
    .replace("className: do-block-storage", `className: ${CLASS}`);
  await writeFile(file, text);
});

afterAll(async () => {
  await cluster.delete({ apiVersion: "v1", kind: "Node", name: "doctor-node" });
  cluster.close();
  await rm(folder, { recursive: true });
});

async function doctor(env: Record<string, string> = {}) {
  const given = { KUBECONFIG: inject("kubeconfig"), HOME: folder, ...env };
  const { code, stdout, stderr } = await runCli(["doctor", "--context", "test", "-o", "json"], { cwd: folder, env: given });
  const checks: Prerequisite[] = stdout === "" ? [] : JSON.parse(stdout);
  return { code, stderr, statuses: Object.fromEntries(checks.map(({ id, status }) => [id, status])), checks };
}

function named(checks: readonly Prerequisite[], id: string): Prerequisite | undefined {
  return checks.find((check) => check.id === id);
}

const storageClass: Manifest = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: CLASS },
  provisioner: DRIVER,
  allowVolumeExpansion: true,
};

/** A node of the pool with this much room. */
async function node(memory: string, volumes: number): Promise<void> {
  const metadata = { name: "doctor-node", labels: { [POOL_LABEL]: POOL } };
  const applied = await cluster.apply({ apiVersion: "v1", kind: "Node", metadata });
  const resources = { cpu: "2", memory, pods: "110" };
  // Kubernetes takes a node for lost whose heartbeat stays the same.
  const lastHeartbeatTime = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = [{ type: "Ready", status: "True", reason: "Test", message: "", lastTransitionTime: "2026-11-22T00:00:00Z", lastHeartbeatTime }];
  const status = { capacity: resources, allocatable: resources, conditions };
  await cluster.mergePatch(referenceOf(applied), { status }, { subresource: "status" });
  const reference = { apiVersion: "storage.k8s.io/v1", kind: "CSINode", name: "doctor-node" };
  // Drivers of a CSINode cannot be changed.
  await cluster.delete(reference);
  const drivers = [{ name: DRIVER, nodeID: "1", topologyKeys: null, allocatable: { count: volumes } }];
  await cluster.apply({ apiVersion: reference.apiVersion, kind: reference.kind, metadata: { name: reference.name }, spec: { drivers } });
}

async function applyPlatform(): Promise<void> {
  const auth = Buffer.from("name:password").toString("base64");
  const content = JSON.stringify({ auths: { [registry]: { auth } } });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "digitalsys-registry", namespace },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": content },
  });
  const data = { "ca.crt": "-----BEGIN CERTIFICATE-----\n" };
  await cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "vault-ca", namespace }, data });
  await cluster.apply(storageClass);
}

describe("frota doctor --context", () => {
  test("tells everything that an empty cluster lacks, each with what to do", async () => {
    await cluster.delete({ ...storageClass, name: CLASS });
    const { code, statuses, checks } = await doctor();
    expect(code).toBe(1);
    expect(statuses).toMatchObject({
      "cluster.reachable": "ok",
      "cluster.storage-class": "missing",
      "cluster.external-secrets": "ok",
      "cluster.admission-policy": "ok",
      "cluster.namespace": "warn",
      "cluster.pull-secret": "missing",
      "cluster.vault-authority": "missing",
      "cluster.secret-store": "warn",
      "cluster.permissions": "ok",
      "cluster.node-pool": "missing",
      "vault.server": "warn",
      "registry.image": "unknown",
    });
    expect(checks.filter(({ status, next }) => status === "missing" && next === undefined)).toEqual([]);
  });

  test("finds everything of a prepared cluster, and room for the fleet", async () => {
    await applyPlatform();
    await node("8Gi", 7);
    const { statuses, checks } = await doctor();
    expect(statuses).toMatchObject({
      "cluster.storage-class": "ok",
      "cluster.namespace": "ok",
      "cluster.pull-secret": "ok",
      "cluster.vault-authority": "ok",
      "cluster.node-pool": "ok",
      "cluster.room": "ok",
    });
    expect(named(checks, "cluster.room")?.detail).toContain("0 agents run, 3 more fit; left on doctor-node: 2.0 cores, 8.0 GiB, 7 volumes");
    expect(JSON.stringify(checks)).not.toContain("password");
  });

  test.each<[string, string, number, string]>([
    ["memory", "2Gi", 7, "of 1.0 GiB memory"],
    ["volume slots", "8Gi", 2, "no volume slot"],
  ])("tells that %s are short", async (_case, memory, volumes, reason) => {
    await applyPlatform();
    await node(memory, volumes);
    const { statuses, checks } = await doctor();
    expect(statuses).toMatchObject({ "cluster.room": "missing" });
    expect(named(checks, "cluster.room")?.detail).toContain(reason);
  });

  test("a pull secret for another registry is no pull secret", async () => {
    await applyPlatform();
    const stringData = { ".dockerconfigjson": JSON.stringify({ auths: { "ghcr.io": { auth: "eDp5" } } }) };
    const metadata = { name: "digitalsys-registry", namespace };
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, type: "kubernetes.io/dockerconfigjson", stringData });
    const { checks } = await doctor();
    expect(named(checks, "cluster.pull-secret")).toMatchObject({ status: "missing", detail: expect.stringContaining(`no credentials for ${registry}`) });
  });

  test("names what a user may not do", async () => {
    await applyPlatform();
    await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "weak", namespace } });
    const rules = [{ apiGroups: ["", "apps"], resources: ["pods", "deployments"], verbs: ["get", "list", "watch"] }];
    const rbac = "rbac.authorization.k8s.io";
    await cluster.apply({ apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name: "weak", namespace }, rules });
    const subjects = [{ kind: "ServiceAccount", name: "weak", namespace }];
    await cluster.apply({ apiVersion: `${rbac}/v1`, kind: "RoleBinding", metadata: { name: "weak", namespace }, subjects, roleRef: { apiGroup: rbac, kind: "Role", name: "weak" } });
    const kubeconfig = await weakKubeconfig();
    // The API server takes a new binding into use a moment later.
    await vi.waitFor(async () => {
      const { statuses, checks } = await doctor({ KUBECONFIG: kubeconfig });
      expect(statuses).toMatchObject({ "cluster.permissions": "missing", "cluster.storage-class": "unknown", "cluster.pull-secret": "unknown" });
      const detail = named(checks, "cluster.permissions")?.detail;
      expect(detail).toContain("create, patch, delete deployments");
      expect(detail).not.toContain("list pods");
    }, 30_000);
  });

  test("a cluster that does not answer is the only finding about it; a Vault that does not answer is one", async () => {
    const config = JSON.parse(await readFile(inject("kubeconfig"), "utf8"));
    config.clusters[0].cluster.server = `https://127.0.0.1:${await freePort()}`;
    const path = join(folder, "dead");
    await writeFile(path, JSON.stringify(config));
    const { code, statuses } = await doctor({ KUBECONFIG: path, VAULT_ADDR: `http://127.0.0.1:${await freePort()}` });
    expect(code).toBe(1);
    expect(Object.keys(statuses).filter((id) => id.startsWith("cluster."))).toEqual(["cluster.reachable"]);
    expect(statuses).toMatchObject({ "cluster.reachable": "missing", "vault.server": "missing" });
  });
});

/** The kubeconfig of the service account `weak`. */
async function weakKubeconfig(): Promise<string> {
  return kubeconfigOf(cluster, { namespace, name: "weak" }, join(folder, "weak"));
}
