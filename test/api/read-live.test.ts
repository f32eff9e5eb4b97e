import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect, referenceOf, type Cluster } from "../../src/cluster/cluster.ts";
import { readLive } from "../../src/engine/apply/read-live.ts";
import { manifestKey, type Manifest } from "../../src/render/manifest.ts";

const NAMESPACE = "read-live";
const BY_HAND = { fieldManager: "kubectl-edit" } as const;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
});

afterAll(() => cluster.close());

function configMap(name: string, data: object, annotations = { "frota.dev/applied": "1f2e" }): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: NAMESPACE, annotations }, data };
}

async function applied(name: string): Promise<Manifest> {
  const desired = configMap(name, { one: "1", two: "2" });
  await cluster.apply(desired);
  return desired;
}

async function liveOf(desired: Manifest): Promise<Manifest | undefined> {
  return (await readLive(cluster, NAMESPACE, [desired])).get(manifestKey(desired));
}

test("what nobody touched since it was applied is known without being read", async () => {
  const desired = await applied("untouched");
  await cluster.mergePatch(referenceOf(desired), { metadata: { labels: { cost: "low" } } }, BY_HAND);
  const live = await liveOf(desired);
  expect(live?.["data"]).toBe(desired["data"]);
  expect(live?.metadata.labels).toEqual({ cost: "low" });
});

test.each<[string, object, object]>([
  ["changed", { one: "x" }, { one: "x", two: "2" }],
  ["added", { three: "3" }, { one: "1", two: "2", three: "3" }],
  ["taken away", { one: null }, { two: "2" }],
  ["changed and put back", { one: "1" }, { one: "1", two: "2" }],
])("data that was %s by hand is read", async (how, patch, expected) => {
  const desired = await applied(how.replaceAll(" ", "-"));
  await cluster.mergePatch(referenceOf(desired), { data: patch }, BY_HAND);
  expect((await liveOf(desired))?.["data"]).toEqual(expected);
});

test("what was applied from another declaration is read, and what is not there is not invented", async () => {
  await applied("older");
  expect((await liveOf(configMap("older", { one: "new" }, { "frota.dev/applied": "aaaa" })))?.["data"]).toEqual({ one: "1", two: "2" });
  expect(await liveOf(configMap("absent", { one: "1" }))).toBeUndefined();
});

test("of a fleet in the plain way, which bears no marks, everything is read", async () => {
  const { metadata, ...rest } = configMap("plain", { one: "1" });
  const desired: Manifest = { ...rest, metadata: { name: metadata.name, namespace: NAMESPACE } };
  await cluster.apply(desired);
  const live = await liveOf(desired);
  expect(live?.["data"]).toEqual({ one: "1" });
  expect(live?.["data"]).not.toBe(desired["data"]);
});

test("objects that are declared no more are among the live ones, with their labels", async () => {
  const left = configMap("left", { one: "1" });
  await cluster.apply({ ...left, metadata: { ...left.metadata, labels: { team: "sales" } } });
  const found = (await readLive(cluster, NAMESPACE, [await applied("kept")])).get(manifestKey(left));
  expect(found).toMatchObject({ kind: "ConfigMap", metadata: { name: "left", labels: { team: "sales" } } });
});
