import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect, type ApiAnswer, type Cluster } from "../../src/cluster/cluster.ts";
import { Informer } from "../../src/cluster/informer.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import { startControlPlane, type ControlPlane } from "./control-plane.ts";
import { UnsteadyConnection } from "./unsteady-connection.ts";

const KIND = { apiVersion: "v1", kind: "ConfigMap" };

let folder: string;
let controlPlane: ControlPlane;
let steady: Cluster;
let cluster: Cluster;
let relay: UnsteadyConnection;
const answers: ApiAnswer[] = [];
const abort = new AbortController();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-compaction-"));
  // Without its cache the API server watches from etcd itself, where what was compacted is gone.
  controlPlane = await startControlPlane(["--watch-cache=false"]);
  steady = await connect({ path: controlPlane.kubeconfig });
  relay = await UnsteadyConnection.start(controlPlane.kubeconfig, join(folder, "kubeconfig"));
  cluster = await connect({ path: join(folder, "kubeconfig") }, (answer) => answers.push(answer));
});

afterAll(async () => {
  abort.abort();
  steady.close();
  cluster.close();
  await relay.cut();
  await controlPlane.stop();
  await rm(folder, { recursive: true });
});

async function etcd(path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> {
  const response = await fetch(`${controlPlane.etcd}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`etcd: ${await response.text()}`);
  const answer: { header: { revision: string } } = JSON.parse(await response.text());
  return answer;
}

/** Forgets everything that is not the newest, as etcd does every few minutes. */
async function compact(): Promise<void> {
  const { header } = await etcd("range", { key: Buffer.from("/").toString("base64") });
  await etcd("compaction", { revision: header.revision, physical: true });
}

async function namespace(name: string): Promise<string> {
  await steady.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  return name;
}

const configMap = (place: string, name: string, value: string): Manifest => ({ ...KIND, metadata: { name, namespace: place }, data: { value } });

function follow(place: string, from: Pick<Cluster, "follow">) {
  const changes: string[] = [];
  const problems: string[] = [];
  const informer = Informer.start<string>({
    cluster: from,
    kind: KIND,
    selection: { namespace: place },
    signal: abort.signal,
    // What has no value is not wanted: the cluster's own ConfigMap.
    slim: (object) => textAt(object, "data", "value"),
    isSame: (before, after) => before === after,
    onChange: (name, before, after) => changes.push(`${name} ${before ?? "-"} > ${after ?? "-"}`),
    onProblem: (problem) => problems.push(problem),
  });
  return { informer, changes, problems };
}

test("a watch that was cut while etcd compacted what it missed lists again, and misses nothing", async () => {
  const place = await namespace("compaction-watch");
  for (const name of ["kept", "changed", "gone"]) await steady.apply(configMap(place, name, "1"));
  const { informer, changes } = follow(place, cluster);
  await informer.synced;
  changes.length = 0;
  const lists = () => answers.filter(({ isWatch, path }) => !isWatch && path.endsWith(`${place}/configmaps`)).length;
  expect(lists()).toBe(1);

  await relay.cut();
  await steady.apply(configMap(place, "changed", "2"));
  await steady.delete({ ...KIND, namespace: place, name: "gone" });
  await steady.apply(configMap(place, "new", "1"));
  await compact();
  await relay.restore();
  await vi.waitFor(() => expect(changes.toSorted()).toEqual(["changed 1 > 2", "gone 1 > -", "new - > 1"]), 20_000);
  expect(lists()).toBe(2);

  await steady.apply(configMap(place, "last", "1"));
  await vi.waitFor(() => expect(changes.at(-1)).toBe("last - > 1"), 20_000);
  expect(lists()).toBe(2);
});

test("a list of which etcd compacted the rest between two pages begins anew, and is of one time", async () => {
  const place = await namespace("compaction-list");
  const names = Array.from({ length: 600 }, (_value, index) => `c${String(index).padStart(4, "0")}`);
  for (let first = 0; first < names.length; first += 50) await Promise.all(names.slice(first, first + 50).map((name) => steady.create(configMap(place, name, "1"))));
  let pages = 0;
  const between = {
    async *follow(...watched: Parameters<Cluster["follow"]>) {
      for await (const step of steady.follow(...watched)) {
        yield step;
        if (step.type !== "page" || ++pages > 1) continue;
        await steady.delete({ ...KIND, namespace: place, name: "c0001" });
        await steady.mergePatch({ ...KIND, namespace: place, name: "c0002" }, { data: { value: "2" } });
        await compact();
      }
    },
  };
  const { informer, problems } = follow(place, between);
  await informer.synced;
  expect(problems).toEqual([expect.stringContaining("continue parameter is too old")]);
  expect(pages).toBeGreaterThan(2);
  expect([informer.get("c0001"), informer.get("c0002"), informer.get("c0599")]).toEqual([undefined, "2", "1"]);
  expect(informer.size).toBe(599);
});
