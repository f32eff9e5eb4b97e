import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { connect, type ApiAnswer, type Cluster } from "../../src/cluster/cluster.ts";
import { Informer } from "../../src/cluster/informer.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import { UnsteadyConnection } from "./unsteady-connection.ts";

const KIND = { apiVersion: "v1", kind: "ConfigMap" };
/** More than two pages. */
const MANY = 1_100;

let folder: string;
let steady: Cluster;
let cluster: Cluster;
let relay: UnsteadyConnection;
const answers: ApiAnswer[] = [];
const abort = new AbortController();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-informer-"));
  steady = await connect({ path: inject("kubeconfig") });
  relay = await UnsteadyConnection.start(inject("kubeconfig"), join(folder, "kubeconfig"));
  cluster = await connect({ path: join(folder, "kubeconfig") }, (answer) => answers.push(answer));
});

afterAll(async () => {
  abort.abort();
  steady.close();
  cluster.close();
  await relay.cut();
  await rm(folder, { recursive: true });
});

async function namespace(name: string): Promise<string> {
  await steady.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  return name;
}

const configMap = (place: string, name: string, value: string): Manifest => ({ ...KIND, metadata: { name, namespace: place }, data: { value } });

interface Follower {
  readonly informer: Informer<string>;
  /** `name before > after`, in order. */
  readonly changes: string[];
}

function follow(place: string): Follower {
  const changes: string[] = [];
  const informer = Informer.start<string>({
    cluster,
    kind: KIND,
    selection: { namespace: place },
    signal: abort.signal,
    // What has no value is not wanted: the cluster's own ConfigMap.
    slim: (object) => textAt(object, "data", "value"),
    isSame: (before, after) => before === after,
    onChange: (name, before, after) => changes.push(`${name} ${before ?? "-"} > ${after ?? "-"}`),
  });
  return { informer, changes };
}

test("lists page by page, keeps what slim says, and follows from there", async () => {
  const place = await namespace("informer-pages");
  const names = Array.from({ length: MANY }, (_value, index) => `c${String(index).padStart(4, "0")}`);
  for (let first = 0; first < MANY; first += 50) await Promise.all(names.slice(first, first + 50).map((name) => steady.create(configMap(place, name, "1"))));
  const before = answers.length;
  const { informer, changes } = follow(place);
  await informer.synced;
  expect(answers.slice(before).filter(({ isWatch }) => !isWatch)).toHaveLength(3);
  expect(informer.size).toBe(MANY);
  expect(informer.get("c0007")).toBe("1");
  expect(informer.get("kube-root-ca.crt")).toBeUndefined();
  expect(changes).toHaveLength(MANY);

  changes.length = 0;
  await steady.mergePatch({ ...KIND, namespace: place, name: "c0001" }, { metadata: { labels: { theirs: "x" } } });
  await steady.mergePatch({ ...KIND, namespace: place, name: "c0002" }, { data: { value: "2" } });
  await steady.delete({ ...KIND, namespace: place, name: "c0003" });
  await steady.apply(configMap(place, "new", "1"));
  await vi.waitFor(() => expect(changes).toEqual(["c0002 1 > 2", "c0003 1 > -", "new - > 1"]), 20_000);
  expect(informer.stalenessSeconds()).toBeLessThan(60);
});

test("after a lost connection nothing is missed and nothing told twice", async () => {
  const place = await namespace("informer-lost");
  for (const name of ["kept", "gone"]) await steady.apply(configMap(place, name, "1"));
  const { informer, changes } = follow(place);
  await informer.synced;
  changes.length = 0;
  await relay.cut();
  await steady.apply(configMap(place, "kept", "2"));
  await steady.delete({ ...KIND, namespace: place, name: "gone" });
  await relay.restore();
  await vi.waitFor(() => expect(changes).toEqual(["kept 1 > 2", "gone 1 > -"]), 20_000);
  relay.drop();
  await steady.apply(configMap(place, "last", "1"));
  await vi.waitFor(() => expect(changes.at(-1)).toBe("last - > 1"), 20_000);
  expect(changes).toHaveLength(3);
});

test("a list that has to be made again, as after 410, is compared with what was known", async () => {
  const place = await namespace("informer-forgot");
  for (const name of ["kept", "changed", "gone"]) await steady.apply(configMap(place, name, "1"));
  const resume = Promise.withResolvers<void>();
  const changes: string[] = [];
  // The real server's answers; what happens between them is learned from the second list only.
  const forgetful = {
    async *follow(...watched: Parameters<Cluster["follow"]>) {
      for await (const step of steady.follow(...watched)) {
        yield step;
        if (step.type === "listed") break;
      }
      await resume.promise;
      yield* steady.follow(...watched);
    },
  };
  const informer = Informer.start<string>({
    cluster: forgetful,
    kind: KIND,
    selection: { namespace: place },
    signal: abort.signal,
    slim: (object) => textAt(object, "data", "value"),
    onChange: (name, before, after) => changes.push(`${name} ${before ?? "-"} > ${after ?? "-"}`),
  });
  await informer.synced;
  changes.length = 0;
  await steady.apply(configMap(place, "changed", "2"));
  await steady.delete({ ...KIND, namespace: place, name: "gone" });
  resume.resolve();
  await vi.waitFor(() => expect(changes).toEqual(["changed 1 > 2", "gone 1 > -"]), 20_000);
});

test("a kind that comes later is followed as soon as it is served", async () => {
  const place = await namespace("informer-later");
  const kind = { apiVersion: "informer.example.com/v1", kind: "Late" };
  const selection = { namespace: place };
  const informer = Informer.start({ cluster: steady, kind, selection, signal: abort.signal, slim: ({ metadata }) => metadata.name, mayBeUnserved: true, slowRetry: 200 });
  await informer.synced;
  expect(informer.isServed).toBe(false);
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await steady.apply({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "lates.informer.example.com" },
    spec: {
      group: "informer.example.com",
      scope: "Namespaced",
      names: { kind: "Late", plural: "lates" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
  await vi.waitFor(() => expect(informer.isServed).toBe(true), 20_000);
  await steady.create({ ...kind, metadata: { name: "one", namespace: place } });
  await vi.waitFor(() => expect(informer.get("one")).toBe("one"), 20_000);
});
