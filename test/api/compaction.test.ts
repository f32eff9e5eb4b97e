import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { startControlPlane, type ControlPlane } from "./control-plane.ts";
import { FollowedConfigMaps, numberedNames } from "./followed-config-maps.ts";

let controlPlane: ControlPlane;
let maps: FollowedConfigMaps;

beforeAll(async () => {
  // Without its cache the API server watches from etcd itself, where what was compacted is gone.
  controlPlane = await startControlPlane(["--watch-cache=false"]);
  maps = await FollowedConfigMaps.start(controlPlane.kubeconfig);
});

afterAll(async () => {
  await maps.end();
  await controlPlane.stop();
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

test("a watch that was cut while etcd compacted what it missed lists again, and misses nothing", async () => {
  const place = await maps.namespace("compaction-watch");
  for (const name of ["kept", "changed", "gone"]) await maps.steady.apply(maps.configMap(place, name, "1"));
  const { informer, changes } = maps.follow(place);
  await informer.synced;
  changes.length = 0;
  const lists = () => maps.answers.filter(({ isWatch, path }) => !isWatch && path.endsWith(`${place}/configmaps`)).length;
  expect(lists()).toBe(1);

  await maps.relay.cut();
  await maps.steady.apply(maps.configMap(place, "changed", "2"));
  await maps.steady.delete({ ...maps.kind, namespace: place, name: "gone" });
  await maps.steady.apply(maps.configMap(place, "new", "1"));
  await compact();
  await maps.relay.restore();
  await vi.waitFor(() => expect(changes.toSorted()).toEqual(["changed 1 > 2", "gone 1 > -", "new - > 1"]), 20_000);
  expect(lists()).toBe(2);

  await maps.steady.apply(maps.configMap(place, "last", "1"));
  await vi.waitFor(() => expect(changes.at(-1)).toBe("last - > 1"), 20_000);
  expect(lists()).toBe(2);
});

test("a list of which etcd compacted the rest between two pages begins anew, and is of one time", async () => {
  const place = await maps.namespace("compaction-list");
  await maps.fill(place, numberedNames(600));
  let pages = 0;
  const between = {
    async *follow(...watched: Parameters<Cluster["follow"]>) {
      for await (const step of maps.steady.follow(...watched)) {
        yield step;
        if (step.type !== "page" || ++pages > 1) continue;
        await maps.steady.delete({ ...maps.kind, namespace: place, name: "c0001" });
        await maps.steady.mergePatch({ ...maps.kind, namespace: place, name: "c0002" }, { data: { value: "2" } });
        await compact();
      }
    },
  };
  const { informer, problems } = maps.follow(place, between);
  await informer.synced;
  expect(problems).toEqual([expect.stringContaining("continue parameter is too old")]);
  expect(pages).toBeGreaterThan(2);
  expect([informer.get("c0001"), informer.get("c0002"), informer.get("c0599")]).toEqual([undefined, "2", "1"]);
  expect(informer.size).toBe(599);
});
