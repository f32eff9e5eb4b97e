import { Writable } from "node:stream";
import { referenceOf, type Cluster, type ObjectReference } from "../../cluster/cluster.ts";
import type { AgentObservation, AttachmentObservation, NodeObservation, PodObservation, VolumeUse } from "../../plan/diagnosis/observation.ts";
import type { Observed } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { POD_PATHS } from "../../render/start-guard.ts";
import { textAt } from "../../spec/plain-field.ts";
import { tokenIn } from "../gateway/gateway-token.ts";
import { CONTAINER } from "../observe/agent-facts.ts";
import { observeGateway } from "./agent-gateway.ts";
import { observeHold } from "./agent-hold.ts";
import { observeLogs } from "./agent-logs.ts";
import { claimOf, deploymentOf, leavingPods, nodeOf, podOf, presentPod, readEvents, readObjects, type SeenObjects } from "./agent-objects.ts";
import { observeChain, type OpenStore } from "./agent-secrets.ts";
import { found, look, unknown } from "./look.ts";
import { masked, maskFor } from "./mask-observation.ts";

/** An agent to look at. */
export interface ExaminedAgent {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agent: string;
  readonly openStore: OpenStore;
  /** When it is looked at. */
  readonly now: Date;
}

/** Milliseconds within which the API server answers, or counts as away. */
const REACHABLE = 10_000;

/**
 * Looks at everything that may tell why an agent is not well. Never throws for what may not be looked at or does not answer: that is unknown,
 * with the reason. Each look takes a bounded time. The texts hold no credential and no value of the agent's Secret.
 */
export async function observeAgent(examined: ExaminedAgent): Promise<AgentObservation> {
  const { cluster, namespace, agent } = examined;
  const reached = await look(() => cluster.serverVersion(), { limit: REACHABLE });
  if (reached.state === "unknown") return nothingSeen(agent, namespace, reached);
  const objects = await readObjects(cluster, namespace, agent);
  const pod = presentPod(objects, agent);
  const observation = await observe(examined, objects, pod);
  return masked(observation, maskFor(objects.secret.state === "found" ? objects.secret.value : undefined));
}

async function observe(examined: ExaminedAgent, objects: SeenObjects, podManifest: Observed<Manifest>): Promise<AgentObservation> {
  const { cluster, namespace, agent, now } = examined;
  const deployment = found(objects.deployment, deploymentOf);
  const pod = found(podManifest, podOf);
  const seen = pod.state === "found" ? pod.value : undefined;
  const node = await observeNode(cluster, seen);
  const container = throughKubelet(pod, node);
  const [claim, pool, attachments, events, logs, volumeUse, gateway, secrets, hold] = await Promise.all([
    observeClaim(cluster, objects.claim),
    observePool(cluster, deployment.state === "found" ? deployment.value.nodeSelector : undefined),
    observeAttachments(cluster, seen),
    readEvents(cluster, eventSubjects(objects, podManifest)),
    observeLogs(cluster, namespace, container),
    observeUse(cluster, namespace, container),
    observeServing(examined, container, objects.secret),
    observeChain({ cluster, namespace, agent, objects, openStore: examined.openStore, now }),
    observeHold(cluster, namespace, agent, now),
  ]);
  const leaving = leavingPods(objects.pods);
  return { agent, namespace, deployment, pod, leaving, claim, node, pool, attachments, events, ...logs, volumeUse, gateway, secrets, hold };
}

/** The pod, as far as its node's kubelet can be asked about it: a dead machine would keep every question waiting. */
function throughKubelet(pod: Observed<PodObservation>, node: Observed<NodeObservation>): Observed<PodObservation> {
  if (pod.state === "absent") return unknown("it has no pod");
  if (pod.state === "unknown") return pod;
  const isAway = pod.value.node !== undefined && (node.state === "absent" || (node.state === "found" && !node.value.isReady));
  return isAway ? unknown("its node is not ready") : pod;
}

function nothingSeen(agent: string, namespace: string, none: ReturnType<typeof unknown>): AgentObservation {
  const workload = { deployment: none, pod: none, leaving: [], claim: none, node: none, pool: none, attachments: none };
  return { agent, namespace, ...workload, events: none, log: none, lastWords: none, volumeUse: none, gateway: none, secrets: none, hold: none };
}

function eventSubjects({ claim, replicaSets }: SeenObjects, pod: Observed<Manifest>): ObjectReference[] {
  const single = [pod, claim].flatMap((observed) => (observed.state === "found" ? [observed.value] : []));
  const owner = pod.state === "absent" && replicaSets.state === "found" ? replicaSets.value : [];
  // Items of a list come with their kind; what is read alone has it anyway.
  return [...single, ...owner].map(referenceOf);
}

/** The storage classes are only of interest to a claim that waits for one. */
async function observeClaim(cluster: Cluster, claim: Observed<Manifest>): Promise<AgentObservation["claim"]> {
  if (claim.state !== "found") return claim;
  const isBound = textAt(claim.value, "status", "phase") === "Bound";
  const listed = isBound ? unknown("the claim is bound") : await look(() => cluster.list({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass" }));
  return { state: "found", value: claimOf(claim.value, found(listed, (classes) => classes.map(({ metadata }) => metadata.name))) };
}

async function observeNode(cluster: Cluster, pod: PodObservation | undefined): Promise<Observed<NodeObservation>> {
  const name = pod?.node;
  if (name === undefined) return unknown(pod ? "its pod is on no node yet" : "it has no pod");
  return found(await look(() => cluster.get({ apiVersion: "v1", kind: "Node", name })), nodeOf);
}

async function observePool(cluster: Cluster, labelSelector: string | undefined): Promise<Observed<readonly NodeObservation[]>> {
  const nodes = await look(() => cluster.list({ apiVersion: "v1", kind: "Node" }, labelSelector === undefined ? {} : { labelSelector }));
  return found(nodes, (list) => list.map(nodeOf));
}

async function observeAttachments(cluster: Cluster, pod: PodObservation | undefined): Promise<Observed<readonly AttachmentObservation[]>> {
  if (!pod || pod.isRunning || pod.node === undefined) return unknown("of no interest");
  const attachments = await look(() => cluster.list({ apiVersion: "storage.k8s.io/v1", kind: "VolumeAttachment" }));
  return found(attachments, (list) =>
    list.flatMap((attachment) => {
      const volume = textAt(attachment, "spec", "source", "persistentVolumeName");
      const node = textAt(attachment, "spec", "nodeName");
      return volume === undefined || node === undefined ? [] : [{ volume, node }];
    }),
  );
}

/** In bytes, as the container sees its volume. */
async function observeUse(cluster: Cluster, namespace: string, container: Observed<PodObservation>): Promise<Observed<VolumeUse>> {
  const pod = running(container);
  if (pod.state !== "found") return pod;
  const { name } = pod.value;
  return look(async (signal) => {
    let said = "";
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        said += String(chunk);
        done();
      },
    });
    const command = ["df", "-B1", "--output=size,avail", POD_PATHS.state];
    await cluster.exec({ namespace, pod: name, container: CONTAINER, command, stdout, signal });
    const [size, free] = (said.trim().split("\n").at(-1) ?? "").trim().split(/\s+/).map(Number);
    return size !== undefined && size > 0 && free !== undefined ? { size, free } : undefined;
  });
}

async function observeServing({ cluster, namespace, agent }: ExaminedAgent, container: Observed<PodObservation>, secret: Observed<Manifest>): Promise<AgentObservation["gateway"]> {
  const pod = running(container);
  if (pod.state !== "found") return pod;
  const token = found(secret, (value) => tokenIn(value) ?? "");
  return observeGateway({ cluster, namespace, agent, pod: pod.value.name, token: token.state === "found" && token.value === "" ? { state: "absent" } : token });
}

function running(container: Observed<PodObservation>): Observed<PodObservation> {
  return container.state === "found" && !container.value.isRunning ? unknown("its container does not run") : container;
}
