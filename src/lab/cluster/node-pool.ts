import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { NODE_NAME } from "./control-plane.ts";

const NODE = { apiVersion: "v1", kind: "Node", name: NODE_NAME } as const;

/**
 * Labels the lab's node as one of the fleet's pool. Throws LAB_POOL_TAKEN where the label says another pool, on which a fleet of another
 * namespace runs: the lab has one node, and a node has one value of a label.
 */
export async function joinPool(cluster: Cluster, { metadata: { namespace }, spec: { nodePool } }: Fleet): Promise<void> {
  const { label, name } = nodePool;
  const pool = (await cluster.get(NODE))?.metadata.labels?.[label];
  if (pool === name) return;
  if (pool !== undefined) {
    const deployments = await cluster.list({ apiVersion: "apps/v1", kind: "Deployment" }, {});
    const other = deployments.find((deployment) => deployment.metadata.namespace !== namespace && runsOn(deployment, label, pool));
    if (other) throw poolTaken(nodePool, pool, other.metadata.namespace ?? "");
  }
  await cluster.mergePatch(NODE, { metadata: { labels: { [label]: name } } });
}

function runsOn(deployment: Manifest, label: string, pool: string): boolean {
  return valueAt(deployment, ["spec", "template", "spec", "nodeSelector", label]) === pool;
}

function poolTaken({ label, name }: Fleet["spec"]["nodePool"], pool: string, namespace: string): FrotaError {
  return new FrotaError({
    code: "LAB_POOL_TAKEN",
    message: `the lab's only node cannot join pool ${name}: by ${label} it is in pool ${pool}, where the agents of namespace ${namespace} run`,
    where: { kind: "Node", name: NODE_NAME },
    next: "give this fleet another spec.nodePool.label in fleet.yaml, or a lab of its own: FROTA_LAB=second frota start",
    outcome: "refused",
  });
}
