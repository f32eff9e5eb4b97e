import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { connect, type Cluster, type WatchEvent } from "../../src/cluster/cluster.ts";
import { createCluster } from "../../src/cluster/client.ts";
import { COMPRESSED } from "../../src/cluster/compression.ts";
import { loadConnection } from "../../src/cluster/kubeconfig.ts";
import { open } from "../../src/cluster/transport.ts";
import type { Manifest } from "../../src/render/manifest.ts";

const NAMESPACE = "cluster-test";
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  // Kubernetes puts it there a moment later; two lists are compared.
  await vi.waitUntil(() => cluster.get(reference("kube-root-ca.crt")), { timeout: 30_000 });
});

afterAll(() => cluster.close());

function configMap(name: string, data: Record<string, string>): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: NAMESPACE }, data };
}

const reference = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: NAMESPACE, name });

describe("compression", () => {
  test("large lists come compressed where that is asked for, and are read the same", async () => {
    const large = { a: "1234567890".repeat(20_000) };
    await cluster.apply(configMap("large", large));
    const connection = await loadConnection({ path: inject("kubeconfig") });
    const far = createCluster({ ...connection, isCompressed: true });
    const list = (from: Cluster) => from.list({ apiVersion: "v1", kind: "ConfigMap" }, { namespace: NAMESPACE });
    expect(await list(far)).toEqual(await list(cluster));
    expect(await far.get(reference("large"))).toMatchObject({ data: large });
    expect(await far.get(reference("absent"))).toBeUndefined();
    far.close();
    const request = { method: "GET", path: `/api/v1/namespaces/${NAMESPACE}/configmaps`, subject: { ...connection, verb: "list" } } as const;
    const answers = await Promise.all([open(connection, request), open(connection, { ...request, headers: COMPRESSED })]);
    expect(answers.map(({ headers }) => headers["content-encoding"])).toEqual([undefined, "gzip"]);
    for (const answer of answers) answer.destroy();
    await cluster.delete(reference("large"));
  });

  test("it is asked for from other machines' API servers, unless the kubeconfig says not to", async () => {
    const folder = await mkdtemp(join(tmpdir(), "frota-compression-"));
    const path = join(folder, "kubeconfig");
    const kubeconfig = JSON.parse(await readFile(inject("kubeconfig"), "utf8"));
    const asked = async (change: object) => {
      Object.assign(kubeconfig.clusters[0].cluster, change);
      await writeFile(path, JSON.stringify(kubeconfig));
      return (await loadConnection({ path })).isCompressed;
    };
    expect(await asked({})).toBe(false);
    expect(await asked({ server: "https://api.example.com" })).toBe(true);
    expect(await asked({ "disable-compression": true })).toBe(false);
    await rm(folder, { recursive: true });
  });
});

describe("objects", () => {
  test("apply creates, applying the same again writes nothing", async () => {
    const created = await cluster.apply(configMap("same", { a: "1" }));
    const again = await cluster.apply(configMap("same", { a: "1" }));
    expect(again.metadata["resourceVersion"]).toBe(created.metadata["resourceVersion"]);
  });

  test("a dry run stores nothing", async () => {
    const answer = await cluster.apply(configMap("dry", { a: "1" }), { dryRun: true });
    expect(answer["data"]).toEqual({ a: "1" });
    expect(await cluster.get(reference("dry"))).toBeUndefined();
  });

  test("an object, its namespace or nothing: get says which without throwing", async () => {
    expect(await cluster.get(reference("absent"))).toBeUndefined();
    expect(await cluster.get({ ...reference("absent"), namespace: "no-such-namespace" })).toBeUndefined();
  });

  test("a brief write is answered with the metadata alone, and stores the whole", async () => {
    const brief = await cluster.apply(configMap("brief", { a: "1" }), { isBrief: true });
    expect(brief).toMatchObject({ metadata: { name: "brief", resourceVersion: expect.any(String) } });
    expect(brief["data"]).toBeUndefined();
    expect((await cluster.mergePatch(reference("brief"), { data: { a: "2" } }, { isBrief: true }))["data"]).toBeUndefined();
    expect(await cluster.get(reference("brief"))).toMatchObject({ data: { a: "2" } });
  });

  test("a conflict names the other field manager and the field", async () => {
    await cluster.apply(configMap("shared", { a: "1" }));
    await cluster.mergePatch(reference("shared"), { data: { a: "2" } }, { fieldManager: "kubectl-edit" });
    await expect(cluster.apply(configMap("shared", { a: "3" }))).rejects.toMatchObject({
      code: "FIELD_CONFLICT",
      message: expect.stringMatching(/data\.a \(kubectl-edit\)/),
      where: { kind: "ConfigMap", namespace: NAMESPACE, name: "shared" },
      outcome: "refused",
    });
    const forced = await cluster.apply(configMap("shared", { a: "3" }), { force: true });
    expect(forced["data"]).toEqual({ a: "3" });
  });

  test("a patch decided on an old version is refused", async () => {
    await cluster.apply(configMap("fenced", { a: "1" }));
    const patch = { metadata: { resourceVersion: "1" }, data: { a: "2" } };
    await expect(cluster.mergePatch(reference("fenced"), patch)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("an unknown field is refused with its name", async () => {
    const broken = { ...configMap("broken", {}), dta: {} };
    await expect(cluster.apply(broken)).rejects.toMatchObject({ message: expect.stringContaining("dta") });
  });

  test("a kind that the cluster does not know", async () => {
    const kind = { apiVersion: "example.com/v1", kind: "Thing" };
    await expect(cluster.list(kind)).rejects.toMatchObject({ code: "KIND_UNKNOWN" });
    expect(await cluster.serves(kind)).toBe(false);
    expect(await cluster.serves({ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" })).toBe(true);
  });

  test("delete tells whether there was something", async () => {
    await cluster.apply(configMap("gone", {}));
    expect(await cluster.delete(reference("gone"))).toBe(true);
    expect(await cluster.delete(reference("gone"))).toBe(false);
  });

  test("list reads more than one page and gives each object its kind", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `page-${index}`);
    await Promise.all(names.map((name) => cluster.apply(configMap(name, {}))));
    const objects = await cluster.list({ apiVersion: "v1", kind: "ConfigMap" }, { namespace: NAMESPACE });
    expect(objects.map((object) => object.metadata.name)).toEqual(expect.arrayContaining(names));
    expect(new Set(objects.map((object) => `${object.apiVersion} ${object.kind}`))).toEqual(new Set(["v1 ConfigMap"]));
    const brief = await cluster.listMetadata({ apiVersion: "v1", kind: "ConfigMap" }, { namespace: NAMESPACE });
    expect(brief).toEqual(objects.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata })));
    for (const list of ["list", "listMetadata"] as const) expect(await cluster[list]({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace: "nowhere" })).toEqual([]);
  });

  test("a port of a pod that does not exist is not forwarded", async () => {
    await expect(cluster.portForward(NAMESPACE, "no-such-pod", 18789)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("version and permissions", async () => {
    expect((await cluster.serverVersion()).gitVersion).toMatch(/^v1\./);
    expect(await cluster.canI({ verb: "create", resource: "pods", namespace: NAMESPACE })).toBe(true);
  });
});

describe("watch", () => {
  test("brings the whole state, then each change, and ends when aborted", async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const selection = { namespace: NAMESPACE, fieldSelector: "metadata.name=watched" };
    for await (const event of cluster.watch({ apiVersion: "v1", kind: "ConfigMap" }, selection, abort.signal)) {
      seen.push(describeEvent(event));
      if (seen.length === 1) await cluster.apply(configMap("watched", { a: "1" }));
      if (seen.length === 2) await cluster.apply(configMap("watched", { a: "2" }));
      if (seen.length === 3) await cluster.delete(reference("watched"));
      if (seen.length === 4) abort.abort();
    }
    expect(seen).toEqual(["synced 0", "changed watched", "changed watched", "removed watched"]);
  });
});

function describeEvent(event: WatchEvent): string {
  if (event.type === "synced") return `synced ${event.objects.length}`;
  return event.type === "disconnected" ? event.type : `${event.type} ${event.object.metadata.name}`;
}

describe("credentials", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "frota-kubeconfig-"));
  });

  afterAll(() => rm(folder, { recursive: true }));

  /** The administrator's kubeconfig with another user in it. */
  async function kubeconfig(user: (own: Record<string, string>) => object): Promise<string> {
    const config: { users: { user: Record<string, string> }[] } = JSON.parse(await readFile(inject("kubeconfig"), "utf8"));
    const own = config.users[0]?.user ?? {};
    const path = join(folder, "config");
    await writeFile(path, JSON.stringify({ ...config, users: [{ name: "admin", user: user(own) }] }));
    return path;
  }

  test("a credential plug-in is run, as managed clusters have it", async () => {
    const path = await kubeconfig((own) => {
      const script = `
        const { readFileSync } = require("node:fs");
        const read = (file) => readFileSync(file, "utf8");
        const status = {
          clientCertificateData: read(${JSON.stringify(own["client-certificate"])}),
          clientKeyData: read(${JSON.stringify(own["client-key"])}),
        };
        console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status }));`;
      return { exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: ["-e", script] } };
    });
    const other = await connect({ path });
    expect(await other.canI({ verb: "create", resource: "pods", namespace: NAMESPACE })).toBe(true);
  });

  test("someone without rights is told what is missing", async () => {
    const path = await kubeconfig((own) => ({ ...own, as: "nobody" }));
    const other = await connect({ path });
    expect(await other.canI({ verb: "create", resource: "pods", namespace: NAMESPACE })).toBe(false);
    await expect(other.apply(configMap("forbidden", {}))).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringMatching(/User "nobody" cannot patch resource "configmaps"/),
      where: { kind: "ConfigMap", namespace: NAMESPACE, name: "forbidden" },
    });
  });
});

describe("a server that cannot be used", () => {
  test("an unreachable one is named with its context, and what to do", async () => {
    const folder = await mkdtemp(join(tmpdir(), "frota-kubeconfig-"));
    const path = join(folder, "config");
    const kubeconfig = {
      clusters: [{ name: "x", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "x", user: { token: "unused" } }],
      contexts: [{ name: "far", context: { cluster: "x", user: "x" } }],
      "current-context": "far",
    };
    await writeFile(path, JSON.stringify(kubeconfig));
    const far = await connect({ path });
    await expect(far.serverVersion()).rejects.toMatchObject({
      code: "CLUSTER_UNREACHABLE",
      message: 'the cluster of context "far" cannot be reached at https://127.0.0.1:1 (ECONNREFUSED)',
    });
    await expect(connect({ path, context: "farr" })).rejects.toMatchObject({
      code: "CONTEXT_UNKNOWN",
      next: "use one of: far",
    });
    await rm(folder, { recursive: true });
  });
});
