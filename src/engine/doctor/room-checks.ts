import type { Prerequisite } from "../../plan/prerequisite.ts";
import { findRoom, gibibytes, type AgentDemand, type NodeRoom } from "../../plan/room.ts";
import type { Manifest } from "../../render/manifest.ts";
import { containerResources } from "../../render/resources.ts";
import { parseQuantity } from "../../spec/quantity.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";
import { AGENT_LABEL } from "../observe/agent-facts.ts";
import type { ExaminedCluster } from "./cluster-checks.ts";
import { examine, type Finding } from "./examine.ts";

/** The node pool, and its room for those agents that do not run yet. */
export async function roomChecks(examined: ExaminedCluster): Promise<Prerequisite[]> {
  const { cluster, source } = examined;
  const { label, name } = source.fleet.spec.nodePool;
  let nodes: readonly Manifest[] = [];
  const pool = await examine({ id: "cluster.node-pool", title: "Node pool" }, async () => {
    nodes = await cluster.list({ apiVersion: "v1", kind: "Node" }, { labelSelector: `${label}=${name}` });
    return poolFinding(nodes, `${label}=${name}`);
  });
  if (nodes.length === 0) return [pool];
  const room = await examine({ id: "cluster.room", title: "Room for the agents" }, () => roomFinding(examined, nodes));
  return [pool, room];
}

function poolFinding(nodes: readonly Manifest[], selector: string): Finding {
  const usable = nodes.filter(isUsable);
  const detail = `${nodes.length} with ${selector}, ${usable.length} of them ready: ${nodes.map(({ metadata }) => metadata.name).join(", ")}`;
  if (nodes.length === 0) {
    const next = "create the pool, label a node, or set spec.nodePool of fleet.yaml";
    return { status: "missing", detail: `no node has the label ${selector}`, next };
  }
  if (usable.length > 0) return { status: "ok", detail };
  return { status: "missing", detail, next: "kubectl describe node: why are they not ready, or cordoned?" };
}

function isUsable(node: Manifest): boolean {
  const ready = mapsAt(node, "status", "conditions").find(({ type }) => type === "Ready");
  return ready?.["status"] === "True" && valueAt(node, ["spec", "unschedulable"]) !== true;
}

async function roomFinding(examined: ExaminedCluster, nodes: readonly Manifest[]): Promise<Finding> {
  const { cluster, namespace, source } = examined;
  const provisioner = await provisionerOf(examined);
  const [pods, csiNodes, attachments] = await Promise.all([
    cluster.list({ apiVersion: "v1", kind: "Pod" }),
    cluster.list({ apiVersion: "storage.k8s.io/v1", kind: "CSINode" }),
    cluster.list({ apiVersion: "storage.k8s.io/v1", kind: "VolumeAttachment" }),
  ]);
  const slots = (node: string) => volumeSlots(provisioner, csiNodes.find(({ metadata }) => metadata.name === node), attachments);
  const rooms = nodes.filter(isUsable).map((node) => nodeRoom(node, pods, slots(node.metadata.name)));
  const running = new Set(
    pods
      .filter((pod) => pod.metadata.namespace === namespace && textAt(pod, "spec", "nodeName") !== undefined)
      .map((pod) => pod.metadata.labels?.[AGENT_LABEL]),
  );
  const waiting = source.agents.filter(({ agent }) => !running.has(agent.metadata.name));
  const demands = waiting.map(({ agent }): AgentDemand => {
    const { requests } = containerResources(agent.spec);
    return { name: agent.metadata.name, cpu: amount(requests["cpu"]), memory: amount(requests["memory"]) };
  });
  return describeRoom(rooms, demands, running.size > 0 ? source.agents.length - waiting.length : 0);
}

function describeRoom(rooms: readonly NodeRoom[], demands: readonly AgentDemand[], running: number): Finding {
  const { unplaced } = findRoom(rooms, demands);
  const left = rooms.map(({ name, cpu, memory, volumes }) => {
    const slots = volumes === undefined ? "no limit of volumes" : `${volumes} volumes`;
    return `${name}: ${cpu.toFixed(1)} cores, ${gibibytes(memory)}, ${slots}`;
  });
  const detail = `left on ${left.join("; ") || "no ready node"}`;
  const agents = demands.length === 0 ? `all ${running} agents run` : `${running} agents run, ${demands.length} more fit`;
  if (unplaced.length === 0) return { status: "ok", detail: `${agents}; ${detail}` };
  const reasons = unplaced.map(({ agent, lacks }) => `${agent} (${lacks})`).join("; ");
  return { status: "missing", detail: `no room for ${reasons}`, next: "add a node to the pool, or lower resources.requests" };
}

async function provisionerOf({ cluster, source }: ExaminedCluster): Promise<string | undefined> {
  const name = source.fleet.spec.storage.className;
  return textAt(await cluster.get({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name }), "provisioner");
}

/** Volumes that a node may still attach; undefined where its driver states no limit, or is none of CSI. */
function volumeSlots(provisioner: string | undefined, csiNode: Manifest | undefined, attachments: readonly Manifest[]): number | undefined {
  const driver = mapsAt(csiNode, "spec", "drivers").find(({ name }) => name === provisioner);
  const limit = numberAt(driver, "allocatable", "count");
  if (limit === undefined) return undefined;
  const used = attachments.filter(
    (attachment) =>
      textAt(attachment, "spec", "attacher") === provisioner && textAt(attachment, "spec", "nodeName") === csiNode?.metadata.name,
  );
  return limit - used.length;
}

function nodeRoom(node: Manifest, pods: readonly Manifest[], volumes: number | undefined): NodeRoom {
  const { name } = node.metadata;
  const own = pods.filter(
    (pod) => textAt(pod, "spec", "nodeName") === name && !["Succeeded", "Failed"].includes(textAt(pod, "status", "phase") ?? ""),
  );
  const left = (resource: "cpu" | "memory") =>
    amount(textAt(node, "status", "allocatable", resource)) - own.reduce((sum, pod) => sum + podRequest(pod, resource), 0);
  return { name, cpu: left("cpu"), memory: left("memory"), pods: amount(textAt(node, "status", "allocatable", "pods")) - own.length, volumes };
}

/** As the scheduler counts: the containers together, or the largest of those that run before them. */
function podRequest(pod: Manifest, resource: "cpu" | "memory"): number {
  const requests = (field: string) =>
    mapsAt(pod, "spec", field).map((container) => amount(textAt(container, "resources", "requests", resource)));
  const together = requests("containers").reduce((sum, value) => sum + value, 0);
  return Math.max(together, ...requests("initContainers"));
}

function amount(quantity: string | undefined): number {
  try {
    return quantity === undefined ? 0 : parseQuantity(quantity);
  } catch {
    return 0;
  }
}
