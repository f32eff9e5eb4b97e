import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { Informer } from "../../src/cluster/informer.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import { FollowedConfigMaps, numberedNames } from "./followed-config-maps.ts";

/** More than two pages. */
const MANY = 1_100;

let maps: FollowedConfigMaps;

beforeAll(async () => {
  maps = await FollowedConfigMaps.start(inject("kubeconfig"));
});

afterAll(() => maps.end());

test("lists page by page, keeps what slim says, and follows from there", async () => {
  const place = await maps.namespace("informer-pages");
  await maps.fill(place, numberedNames(MANY));
  const before = maps.answers.length;
  const { informer, changes } = maps.follow(place);
  await informer.synced;
  expect(maps.answers.slice(before).filter(({ isWatch }) => !isWatch)).toHaveLength(3);
  expect(informer.size).toBe(MANY);
  expect(informer.get("c0007")).toBe("1");
  expect(informer.get("kube-root-ca.crt")).toBeUndefined();
  expect(changes).toHaveLength(MANY);

  changes.length = 0;
  await maps.steady.mergePatch({ ...maps.kind, namespace: place, name: "c0001" }, { metadata: { labels: { theirs: "x" } } });
  await maps.steady.mergePatch({ ...maps.kind, namespace: place, name: "c0002" }, { data: { value: "2" } });
  await maps.steady.delete({ ...maps.kind, namespace: place, name: "c0003" });
  await maps.steady.apply(maps.configMap(place, "new", "1"));
  await vi.waitFor(() => expect(changes).toEqual(["c0002 1 > 2", "c0003 1 > -", "new - > 1"]), 20_000);
  expect(informer.stalenessSeconds()).toBeLessThan(60);
});

test("after a lost connection nothing is missed and nothing told twice", async () => {
  const place = await maps.namespace("informer-lost");
  for (const name of ["kept", "gone"]) await maps.steady.apply(maps.configMap(place, name, "1"));
  const { informer, changes } = maps.follow(place);
  await informer.synced;
  changes.length = 0;
  await maps.relay.cut();
  await maps.steady.apply(maps.configMap(place, "kept", "2"));
  await maps.steady.delete({ ...maps.kind, namespace: place, name: "gone" });
  await maps.relay.restore();
  await vi.waitFor(() => expect(changes).toEqual(["kept 1 > 2", "gone 1 > -"]), 20_000);
  maps.relay.drop();
  await maps.steady.apply(maps.configMap(place, "last", "1"));
  await vi.waitFor(() => expect(changes.at(-1)).toBe("last - > 1"), 20_000);
  expect(changes).toHaveLength(3);
});

test("a list that has to be made again, as after 410, is compared with what was known", async () => {
  const place = await maps.namespace("informer-forgot");
  for (const name of ["kept", "changed", "gone"]) await maps.steady.apply(maps.configMap(place, name, "1"));
  const resume = Promise.withResolvers<void>();
  // The real server's answers; what happens between them is learned from the second list only.
  const forgetful = {
    async *follow(...watched: Parameters<Cluster["follow"]>) {
      for await (const step of maps.steady.follow(...watched)) {
        yield step;
        if (step.type === "listed") break;
      }
      await resume.promise;
      yield* maps.steady.follow(...watched);
    },
  };
  const changes: string[] = [];
  const informer = Informer.start<string>({
    cluster: forgetful,
    kind: maps.kind,
    selection: { namespace: place },
    signal: maps.signal,
    slim: (object) => textAt(object, "data", "value"),
    // Without `isSame`: what is of the same version is not told anyway.
    onChange: (name, before, after) => changes.push(`${name} ${before ?? "-"} > ${after ?? "-"}`),
  });
  await informer.synced;
  changes.length = 0;
  await maps.steady.apply(maps.configMap(place, "changed", "2"));
  await maps.steady.delete({ ...maps.kind, namespace: place, name: "gone" });
  resume.resolve();
  await vi.waitFor(() => expect(changes).toEqual(["changed 1 > 2", "gone 1 > -"]), 20_000);
});

test("a kind that comes later is followed as soon as it is served", async () => {
  const place = await maps.namespace("informer-later");
  const kind = { apiVersion: "informer.example.com/v1", kind: "Late" };
  const selection = { namespace: place };
  const informer = Informer.start({ cluster: maps.steady, kind, selection, signal: maps.signal, slim: ({ metadata }) => metadata.name, mayBeUnserved: true, slowRetry: 200 });
  await informer.synced;
  expect(informer.isServed).toBe(false);
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await maps.steady.apply({
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
  await maps.steady.create({ ...kind, metadata: { name: "one", namespace: place } });
  await vi.waitFor(() => expect(informer.get("one")).toBe("one"), 20_000);
});
