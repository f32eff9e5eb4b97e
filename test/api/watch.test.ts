import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect, type Cluster, type WatchEvent } from "../../src/cluster/cluster.ts";
import { UnsteadyConnection } from "./unsteady-connection.ts";

const NAMESPACE = "watch-test";
const KIND = { apiVersion: "v1", kind: "ConfigMap" };

let folder: string;
let steady: Cluster;
let cluster: Cluster;
let relay: UnsteadyConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-watch-"));
  steady = await connect({ path: inject("kubeconfig") });
  await steady.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  relay = await UnsteadyConnection.start(inject("kubeconfig"), join(folder, "kubeconfig"));
  cluster = await connect({ path: join(folder, "kubeconfig") });
});

afterAll(async () => {
  steady.close();
  cluster.close();
  await relay.cut();
  await rm(folder, { recursive: true });
});

async function write(name: string, value: string): Promise<void> {
  await steady.apply({ ...KIND, metadata: { name, namespace: NAMESPACE }, data: { value } });
}

test("nothing is missed while the server is away: the watch goes on where it was", async () => {
  await write("kept", "1");
  const abort = new AbortController();
  const selection = { namespace: NAMESPACE, fieldSelector: "metadata.name!=kube-root-ca.crt" };
  const seen: string[] = [];
  for await (const event of cluster.watch(KIND, selection, abort.signal)) {
    const text = describeEvent(event);
    // It may be told more than once of one loss.
    const isNews = text !== "disconnected" || seen.length === 1;
    if (isNews) seen.push(text);
    if (text === "synced kept") {
      await relay.cut();
      await write("kept", "2");
      await write("other", "1");
    }
    if (isNews && text === "disconnected") await relay.restore();
    if (text === "changed other 1") {
      relay.drop();
      await write("last", "1");
    }
    if (text === "changed last 1") abort.abort();
  }
  expect(seen).toEqual(["synced kept", "disconnected", "changed kept 2", "changed other 1", "changed last 1"]);
});

test("a request on a connection that the server dropped meanwhile is sent again", async () => {
  await cluster.get({ ...KIND, namespace: NAMESPACE, name: "kept" });
  relay.drop();
  expect(await cluster.get({ ...KIND, namespace: NAMESPACE, name: "kept" })).toMatchObject({ data: { value: "2" } });
});

test("an unknown kind ends a watch instead of being tried for ever", async () => {
  const watch = cluster.watch({ apiVersion: "example.com/v1", kind: "Thing" }, {}, new AbortController().signal);
  await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "KIND_UNKNOWN" });
});

function describeEvent(event: WatchEvent): string {
  if (event.type === "synced") return `synced ${event.objects.map((object) => object.metadata.name).join(" ")}`;
  if (event.type === "disconnected") return event.type;
  const data = event.object["data"];
  return `${event.type} ${event.object.metadata.name} ${Object.values(data ?? {}).join(" ")}`;
}
