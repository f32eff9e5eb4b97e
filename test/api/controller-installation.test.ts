import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { connect, referenceOf, type AccessRequest, type Cluster } from "../../src/cluster/cluster.ts";
import { controllerDeployment, controllerLease } from "../../src/engine/observe/controller-liveness.ts";
import { encodeRevision } from "../../src/engine/operate/revisions.ts";
import { renderController } from "../../src/render/controller.ts";
import { manifestKey, type Manifest } from "../../src/render/manifest.ts";
import { CONTROLLER_NAMESPACE, controllerName, SECRET_KEY } from "../../src/render/names.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { runCli } from "./cli-run.ts";
import { kubeconfigOf } from "./service-account.ts";

const NAMESPACE = "installed";
const OTHER = "not-installed";
const ACCOUNT = `system:serviceaccount:${CONTROLLER_NAMESPACE}:${controllerName(NAMESPACE)}`;
const IMAGE = `registry.example.com/frota-controller:1@sha256:${"0".repeat(64)}`;

let cluster: Cluster;
let folder: string;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  folder = await mkdtemp(join(tmpdir(), "frota-controller-"));
  await cp(fileURLToPath(new URL("../../agents", import.meta.url)), folder, { recursive: true });
  const file = join(folder, "fleet.yaml");
  await writeFile(file, (await readFile(file, "utf8")).replace("namespace: bots", `namespace: ${NAMESPACE}`));
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: OTHER } });
});
afterAll(async () => {
  cluster.close();
  await rm(folder, { recursive: true });
});

function controller(...words: readonly string[]) {
  const where = words.includes("--manifests") ? [] : ["--context", "test"];
  return runCli(["controller", ...words, ...where], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig"), HOME: folder } });
}

/** Plays the kubelet and the controller: the Deployment's pods are there, and one of them holds the Lease, for as long as the tests take. */
async function playController(): Promise<void> {
  await readyPods();
  const time = new Date().toISOString().replace("Z", "000Z");
  const { apiVersion, kind, name, namespace } = controllerLease(NAMESPACE);
  await cluster.apply({ apiVersion, kind, metadata: { name, namespace }, spec: { holderIdentity: "pod-1", leaseDurationSeconds: 3600, acquireTime: time, renewTime: time } });
}

async function readyPods(): Promise<void> {
  const labelSelector = `app.kubernetes.io/instance=${NAMESPACE}`;
  const abort = new AbortController();
  const ready = new Set<string>();
  for await (const event of cluster.watch({ apiVersion: "v1", kind: "Pod" }, { namespace: CONTROLLER_NAMESPACE, labelSelector }, abort.signal)) {
    const pods = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    for (const pod of pods.filter(({ metadata }) => !ready.has(metadata.name))) {
      ready.add(pod.metadata.name);
      const conditions = ["Ready", "ContainersReady"].map((type) => ({ type, status: "True", lastTransitionTime: "2026-11-22T00:00:00Z" }));
      await cluster.mergePatch({ apiVersion: "v1", kind: "Pod", namespace: CONTROLLER_NAMESPACE, name: pod.metadata.name }, { status: { phase: "Running", conditions } }, { subresource: "status" });
    }
    if (ready.size >= 2) abort.abort();
  }
}

/** Status and detail of a check of `frota doctor`. */
async function doctor(id: string): Promise<object | undefined> {
  const { stdout } = await runCli(["doctor", "--context", "test", "-o", "json"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig"), HOME: folder } });
  const checks: { id: string }[] = JSON.parse(stdout);
  return checks.find((check) => check.id === id);
}

/** What the API server says that the controller's service account may do. */
async function may(request: AccessRequest): Promise<boolean> {
  const review = await cluster.create({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user: ACCOUNT, groups: ["system:serviceaccounts", "system:authenticated"], resourceAttributes: { group: "", ...request } },
  });
  return valueAt(review, ["status", "allowed"]) === true;
}

describe("frota controller", () => {
  test("status says that there is none; exit code 1", async () => {
    const { code, stdout } = await controller("status", "-o", "json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ namespace: NAMESPACE, installed: false, isLive: false, fleets: [], replicas: { wanted: 0, ready: 0 } });
  });

  test("install without the pull secret refuses before it writes anything", async () => {
    const { code, stderr } = await controller("install", "--image", IMAGE);
    expect(stderr).toContain("CONTROLLER_PULL_SECRET_MISSING");
    expect(code).toBe(4);
    expect(await cluster.get(controllerDeployment(NAMESPACE))).toBeUndefined();
  });

  test("install applies everything, and waits until a replica holds the Lease", async () => {
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    const data = { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths: {} })).toString("base64") };
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "digitalsys-registry", namespace: NAMESPACE }, type: "kubernetes.io/dockerconfigjson", data });
    const [result] = await Promise.all([controller("install", "--image", IMAGE), playController()]);
    expect(result.stderr).toContain("pod-1 holds the Lease");
    expect(result.code).toBe(0);
    const copy = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace: CONTROLLER_NAMESPACE, name: "digitalsys-registry" });
    expect(copy).toMatchObject({ data });
  });

  test("the pods that the Deployment makes pass the namespace's restricted Pod Security", async () => {
    const namespace = await cluster.get({ apiVersion: "v1", kind: "Namespace", name: CONTROLLER_NAMESPACE });
    expect(namespace?.metadata.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
    const pods = await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: CONTROLLER_NAMESPACE, labelSelector: `app.kubernetes.io/instance=${NAMESPACE}` });
    expect(pods).toHaveLength(2);
  });

  test("status says who is live, and that the definitions are this version's", async () => {
    const { code, stdout } = await controller("status", "-o", "json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      installed: true,
      isLive: true,
      holder: "pod-1",
      image: IMAGE,
      replicas: { wanted: 2, ready: 2 },
      definitions: [{ state: "current" }, { state: "current" }],
    });
    expect((await controller("status")).stdout).toContain("2 of 2 ready");
  });

  test("--manifests prints what was applied, without a Secret; applying it again changes nothing", async () => {
    const { stdout, code } = await controller("install", "--image", IMAGE, "--manifests");
    expect(code).toBe(0);
    const manifests = parseAllDocuments(stdout).map((document): Manifest => document.toJS());
    expect(manifests.map(({ kind }) => kind)).not.toContain("Secret");
    expect(manifests.length).toBeGreaterThan(12);
    for (const manifest of manifests) {
      const reference = { ...manifest, name: manifest.metadata.name, ...(manifest.metadata.namespace === undefined ? {} : { namespace: manifest.metadata.namespace }) };
      const before = await cluster.get(reference);
      const after = await cluster.apply(manifest);
      expect(versionOf(after), manifestKey(manifest)).toBe(versionOf(before));
    }
  });
});

/** Changes with every change but those of a status, where the object has one. */
function versionOf(object: Manifest | undefined): unknown {
  return object?.metadata["generation"] ?? object?.metadata["resourceVersion"];
}

type Case = readonly [verb: string, resource: string, place: Partial<AccessRequest>];

const group = (name: string, rest: Partial<AccessRequest> = {}) => ({ group: name, namespace: NAMESPACE, ...rest });
const core = { namespace: NAMESPACE };

const ALLOWED: readonly Case[] = [
  ["watch", "fleets", group("frota.dev")],
  ["patch", "agents", group("frota.dev", { subresource: "status" })],
  ["delete", "deployments", group("apps")],
  ["patch", "controllerrevisions", group("apps")],
  ["delete", "controllerrevisions", group("apps")],
  ["list", "replicasets", group("apps")],
  ["update", "configmaps", core],
  ["create", "pods", core],
  ["get", "pods", { ...core, subresource: "log" }],
  ["create", "persistentvolumeclaims", core],
  ["patch", "persistentvolumeclaims", core],
  ["get", "secrets", core],
  ["create", "secrets", core],
  ["patch", "externalsecrets", group("external-secrets.io")],
  ["create", "events", core],
  ["update", "leases", { group: "coordination.k8s.io", namespace: CONTROLLER_NAMESPACE, name: controllerName(NAMESPACE) }],
  ["create", "leases", { group: "coordination.k8s.io", namespace: CONTROLLER_NAMESPACE }],
  ["watch", "nodes", {}],
  ["patch", "persistentvolumes", {}],
  ["get", "customresourcedefinitions", { group: "apiextensions.k8s.io", name: "fleets.frota.dev" }],
  ["watch", "customresourcedefinitions", { group: "apiextensions.k8s.io", name: "agents.frota.dev" }],
];

const FORBIDDEN: readonly Case[] = [
  ["delete", "persistentvolumeclaims", core],
  ["deletecollection", "persistentvolumeclaims", core],
  ["delete", "persistentvolumes", {}],
  ["patch", "agents", group("frota.dev")],
  ["delete", "agents", group("frota.dev")],
  ["patch", "fleets", group("frota.dev")],
  ["patch", "secrets", core],
  ["delete", "secrets", core],
  ["get", "secrets", { namespace: OTHER }],
  ["list", "secrets", {}],
  ["get", "secrets", { namespace: CONTROLLER_NAMESPACE }],
  ["list", "secrets", { namespace: "kube-system" }],
  ["create", "pods", { namespace: OTHER }],
  ["create", "pods", { namespace: CONTROLLER_NAMESPACE }],
  ["create", "pods", { ...core, subresource: "exec" }],
  ["create", "serviceaccounts", { ...core, subresource: "token" }],
  ["patch", "deployments", group("apps", { namespace: CONTROLLER_NAMESPACE })],
  ["update", "leases", { group: "coordination.k8s.io", namespace: CONTROLLER_NAMESPACE, name: controllerName(OTHER) }],
  ["delete", "leases", { group: "coordination.k8s.io", namespace: CONTROLLER_NAMESPACE, name: controllerName(NAMESPACE) }],
  ["patch", "nodes", {}],
  ["get", "customresourcedefinitions", { group: "apiextensions.k8s.io", name: "externalsecrets.external-secrets.io" }],
  ["list", "customresourcedefinitions", { group: "apiextensions.k8s.io" }],
  ["patch", "customresourcedefinitions", { group: "apiextensions.k8s.io", name: "agents.frota.dev" }],
  ["create", "rolebindings", { group: "rbac.authorization.k8s.io", namespace: NAMESPACE }],
  ["impersonate", "users", {}],
];

describe("what the controller may do", () => {
  test.each(ALLOWED)("%s %s %o", async (verb, resource, place) => {
    expect(await may({ verb, resource, ...place })).toBe(true);
  });

  test("nothing else", async () => {
    const answers = await Promise.all(FORBIDDEN.map(async ([verb, resource, place]) => ((await may({ verb, resource, ...place })) ? `${verb} ${resource} ${JSON.stringify(place)}` : undefined)));
    expect(answers.filter((answer) => answer !== undefined)).toEqual([]);
  });

  test("is what frota doctor finds it to be, and misses when it is taken away", async () => {
    expect(await doctor("cluster.controller")).toMatchObject({ status: "ok", detail: expect.stringContaining("pod-1 holds the Lease") });
    expect(await doctor("cluster.controller-rights")).toMatchObject({ status: "ok" });
    const binding = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", namespace: NAMESPACE, name: controllerName(NAMESPACE) };
    const rendered = renderController({ fleetNamespace: NAMESPACE, image: IMAGE });
    const own = rendered.filter(({ kind, metadata }) => kind === binding.kind && metadata.namespace === NAMESPACE);
    expect(own).toHaveLength(1);
    await cluster.delete(binding);
    // The API server takes a changed binding into use a moment later.
    const rights = () => expect.poll(() => doctor("cluster.controller-rights"), { timeout: 30_000 });
    await rights().toMatchObject({ status: "missing", detail: expect.stringContaining("deployments") });
    for (const manifest of own) await cluster.apply(manifest);
    await rights().toMatchObject({ status: "ok" });
  });

  test("it makes the key of its HMACs and no other Secret", async () => {
    const own = await connect({ path: await kubeconfigOfController() });
    try {
      const secret = (name: string, rest: object = {}) => ({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: NAMESPACE }, ...rest });
      await expect(own.create(secret("another", { stringData: { a: "b" } }))).rejects.toMatchObject({ code: "FORBIDDEN", message: expect.stringContaining(SECRET_KEY) });
      const token = { type: "kubernetes.io/service-account-token" };
      const stealing: Manifest = { ...secret(SECRET_KEY, token), metadata: { name: SECRET_KEY, namespace: NAMESPACE, annotations: { "kubernetes.io/service-account.name": "default" } } };
      await expect(own.create(stealing)).rejects.toMatchObject({ code: "FORBIDDEN" });
      await own.create(secret(SECRET_KEY, { stringData: { key: "value" } }));
    } finally {
      own.close();
    }
  });

  test("it forgets old images, but no image that was rejected and nobody else's revision; it follows the one definition", async () => {
    const own = await connect({ path: await kubeconfigOfController() });
    const fleet = { name: "digitalsys", namespace: NAMESPACE };
    const revision = { channel: "latest", digest: `sha256:${"a".repeat(64)}`, revision: 1, attempt: 1 };
    const old = encodeRevision(fleet, { ...revision, name: "old" });
    const rejected = encodeRevision(fleet, { ...revision, name: "rejected", rejected: "failed" });
    const others: Manifest = { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "others", namespace: NAMESPACE }, revision: 1, data: { of: "a StatefulSet" } };
    try {
      for (const object of [old, rejected, others]) await cluster.apply(object);
      for (const object of [rejected, others]) await expect(own.delete(referenceOf(object))).rejects.toMatchObject({ code: "FORBIDDEN" });
      await expect(own.delete(referenceOf(old), { resourceVersion: "1" })).rejects.toMatchObject({ code: "CONFLICT" });
      expect(await own.delete(referenceOf(old))).toBe(true);
      const definitions = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
      expect(await own.list(definitions, { fieldSelector: "metadata.name=agents.frota.dev" })).toHaveLength(1);
      await expect(own.list(definitions, {})).rejects.toMatchObject({ code: "FORBIDDEN" });
    } finally {
      own.close();
    }
  });
});

describe("frota controller uninstall", () => {
  test("without a terminal wants --yes, and changes nothing", async () => {
    const { code, stderr } = await controller("uninstall");
    expect(stderr).toContain("NOT_CONFIRMED");
    expect(code).toBe(4);
    expect(await cluster.get(controllerDeployment(NAMESPACE))).toBeDefined();
  });

  test("refuses the definitions while another fleet has a controller, and removes only its own", async () => {
    const others = renderController({ fleetNamespace: OTHER, image: IMAGE });
    for (const manifest of others) await cluster.apply(manifest);
    const { apiVersion, kind, name, namespace } = controllerLease(NAMESPACE);
    await cluster.mergePatch({ apiVersion, kind, name, namespace }, { spec: { holderIdentity: "" } });
    const { code, stderr } = await controller("uninstall", "--yes", "--crds", "frota.dev");
    expect(stderr).toContain("CONTROLLER_STILL_THERE");
    expect(code).toBe(4);
    for (const object of renderController({ fleetNamespace: NAMESPACE, image: IMAGE }).filter((one) => one.kind !== "Namespace")) {
      expect(await find(object), manifestKey(object)).toBeUndefined();
    }
    for (const object of others) expect(await find(object), manifestKey(object)).toBeDefined();
    expect(await cluster.get(controllerLease(NAMESPACE))).toBeUndefined();
    expect(await doctor("cluster.controller")).toMatchObject({ status: "missing", detail: expect.stringContaining("no live controller") });
    for (const object of others.filter((one) => one.kind !== "Namespace")) await cluster.delete({ ...object, name: object.metadata.name, ...(object.metadata.namespace && { namespace: object.metadata.namespace }) });
  });

  test("of nothing is done at once", async () => {
    expect(await controller("uninstall", "--yes")).toMatchObject({ code: 0 });
  });
});

function find({ apiVersion, kind, metadata }: Manifest): Promise<Manifest | undefined> {
  return cluster.get({ apiVersion, kind, name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) });
}

function kubeconfigOfController(): Promise<string> {
  return kubeconfigOf(cluster, { namespace: CONTROLLER_NAMESPACE, name: controllerName(NAMESPACE) }, join(folder, "controller-kubeconfig"));
}
