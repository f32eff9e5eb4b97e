import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { NODE_NAME } from "../../src/lab/cluster/control-plane.ts";
import { joinPool } from "../../src/lab/cluster/node-pool.ts";
import { everything } from "../../src/render/testing/everything.ts";
import type { Fleet } from "../../src/spec/fleet.ts";

const NODE = { apiVersion: "v1", kind: "Node", name: NODE_NAME };
const NAMESPACE = "node-pool-test";
const LABEL = "example.com/pool";
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  await cluster.apply({ apiVersion: "v1", kind: "Node", metadata: { name: NODE_NAME } });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
});

afterAll(async () => {
  await cluster.delete(NODE);
  await cluster.delete({ apiVersion: "v1", kind: "Namespace", name: NAMESPACE });
  cluster.close();
});

function fleet(namespace: string, name: string, label = LABEL): Fleet {
  const { fleet: known } = everything();
  return { ...known, metadata: { ...known.metadata, namespace }, spec: { ...known.spec, nodePool: { name, label } } };
}

const labels = async () => (await cluster.get(NODE))?.metadata.labels;

test("the node joins a pool for each label, and moves to another while no other fleet's agents run there", async () => {
  await joinPool(cluster, fleet(NAMESPACE, "bots"));
  await joinPool(cluster, fleet("elsewhere", "workers", "example.com/other"));
  expect(await labels()).toMatchObject({ [LABEL]: "bots", "example.com/other": "workers" });

  const container = { name: "agent", image: "example.com/agent" };
  const app = { matchLabels: { app: "clovis" } };
  const template = { metadata: { labels: { app: "clovis" } }, spec: { nodeSelector: { [LABEL]: "bots" }, containers: [container] } };
  await cluster.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "clovis", namespace: NAMESPACE }, spec: { replicas: 0, selector: app, template } });

  const refused = joinPool(cluster, fleet("elsewhere", "mine"));
  await expect(refused).rejects.toMatchObject({ code: "LAB_POOL_TAKEN", message: expect.stringContaining(`pool bots, where the agents of namespace ${NAMESPACE} run`) });
  expect(await labels()).toMatchObject({ [LABEL]: "bots" });

  await joinPool(cluster, fleet(NAMESPACE, "renamed"));
  expect(await labels()).toMatchObject({ [LABEL]: "renamed" });
});
