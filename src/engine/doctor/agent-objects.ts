import type { Cluster, ObjectReference } from "../../cluster/cluster.ts";
import type { ClaimObservation, DeploymentObservation, EventObservation, LeavingPod, NodeObservation, PodObservation } from "../../plan/diagnosis/observation.ts";
import type { Observed } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { isPlainMap, valueAt } from "../../spec/plain-data.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";
import { AGENT_LABEL, condition, CONTAINER, currentPods, eventFacts, podFacts } from "../observe/agent-facts.ts";
import { timeAt } from "../operate/parse.ts";
import { found, look } from "./look.ts";

/** The live objects of one agent, each as far as it may be read. */
export interface SeenObjects {
  readonly deployment: Observed<Manifest>;
  readonly replicaSets: Observed<readonly Manifest[]>;
  readonly pods: Observed<readonly Manifest[]>;
  readonly claim: Observed<Manifest>;
  readonly externalSecret: Observed<Manifest>;
  readonly secret: Observed<Manifest>;
}

/** Reads the objects of an agent, each by itself, so that one that may not be read hides no other. */
export async function readObjects(cluster: Cluster, namespace: string, agent: string): Promise<SeenObjects> {
  const get = (reference: Omit<ObjectReference, "namespace">) => look(() => cluster.get({ ...reference, namespace }));
  const list = (apiVersion: string, kind: string) => look(() => cluster.list({ apiVersion, kind }, { namespace, labelSelector: `${AGENT_LABEL}=${agent}` }));
  const [deployment, replicaSets, pods, claim, externalSecret, secret] = await Promise.all([
    get({ apiVersion: "apps/v1", kind: "Deployment", name: agent }),
    list("apps/v1", "ReplicaSet"),
    list("v1", "Pod"),
    get({ apiVersion: "v1", kind: "PersistentVolumeClaim", name: `${agent}-state` }),
    get({ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: `${agent}-env` }),
    get({ apiVersion: "v1", kind: "Secret", name: `${agent}-env` }),
  ]);
  return { deployment, replicaSets, pods, claim, externalSecret, secret };
}

/** The pod that counts: of the present template; where that cannot be told, the newest that is not on its way out. */
export function presentPod({ deployment, replicaSets, pods }: SeenObjects, agent: string): Observed<Manifest> {
  if (pods.state !== "found") return pods;
  const known = deployment.state === "found" && replicaSets.state === "found";
  const current = known ? currentPods({ name: agent, deployment: deployment.value, replicaSets: replicaSets.value, pods: pods.value, events: [] }) : pods.value.map(podFacts);
  const [newest] = current.filter(({ isTerminating }) => !isTerminating).toSorted((one, other) => Number(isOver(one)) - Number(isOver(other)) || other.created.localeCompare(one.created));
  const value = pods.value.find(({ metadata }) => metadata.name === newest?.name);
  return value === undefined ? { state: "absent" } : { state: "found", value };
}

function isOver({ phase }: { readonly phase: string }): boolean {
  return phase === "Failed" || phase === "Succeeded";
}

/** What a Deployment says. */
export function deploymentOf(deployment: Manifest): DeploymentObservation {
  const spec = valueAt(deployment, ["spec", "template", "spec"]);
  const container = mapsAt(spec, "containers").find(({ name }) => name === CONTAINER);
  const probe = valueAt(container, ["startupProbe"]);
  const failure = condition(deployment, "ReplicaFailure");
  return {
    replicas: numberAt(deployment, "spec", "replicas") ?? 1,
    image: textAt(container, "image") ?? "",
    pullSecrets: mapsAt(spec, "imagePullSecrets").map(({ name }) => String(name)),
    startupBudget: (numberAt(probe, "periodSeconds") ?? 10) * (numberAt(probe, "failureThreshold") ?? 3),
    ...present("memoryLimit", textAt(container, "resources", "limits", "memory")),
    ...present("nodeSelector", selectorOf(valueAt(spec, ["nodeSelector"]))),
    ...present("podRefused", failure?.["status"] === "True" ? textAt(failure, "message") : undefined),
  };
}

function selectorOf(selector: unknown): string | undefined {
  const labels = isPlainMap(selector) ? Object.entries(selector) : [];
  return labels.length === 0 ? undefined : labels.map(([key, value]) => `${key}=${String(value)}`).join(",");
}

/** What a pod says. */
export function podOf(pod: Manifest): PodObservation {
  const facts = podFacts(pod);
  const status = mapsAt(pod, "status", "containerStatuses").find(({ name }) => name === CONTAINER);
  const ended = facts.terminated && { ...facts.terminated, ...present("at", dateAt(status, "state", "terminated", "finishedAt") ?? dateAt(status, "lastState", "terminated", "finishedAt")) };
  return {
    name: facts.name,
    createdAt: new Date(facts.created),
    phase: facts.phase,
    isReady: facts.isReady,
    isRunning: facts.isRunning,
    restarts: facts.restarts,
    ...present("node", textAt(pod, "spec", "nodeName")),
    ...present("reason", textAt(pod, "status", "reason")),
    ...present("message", textAt(pod, "status", "message")),
    ...present("startedAt", dateAt(status, "state", "running", "startedAt")),
    ...present("waiting", facts.waiting && { reason: facts.waiting.reason, message: facts.waiting.message ?? "" }),
    ...present("ended", ended),
    ...present("unschedulable", facts.unschedulable),
  };
}

function dateAt(data: unknown, ...path: readonly (string | number)[]): Date | undefined {
  const time = timeAt(data, ...path);
  return time === undefined ? undefined : new Date(time);
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  const fact: { [K in Key]?: Value } = {};
  if (value !== undefined) fact[key] = value;
  return fact;
}

/** Pods that were asked to go. */
export function leavingPods(pods: Observed<readonly Manifest[]>): LeavingPod[] {
  const all = pods.state === "found" ? pods.value : [];
  return all.flatMap((pod) => {
    // The time by which the kubelet ends it by force: the API server adds the grace period to it.
    const goneBy = dateAt(pod, "metadata", "deletionTimestamp");
    return goneBy === undefined ? [] : [{ name: pod.metadata.name, goneBy, ...present("node", textAt(pod, "spec", "nodeName")) }];
  });
}

/** What a volume claim says; with the names of the storage classes where it has no volume. */
export function claimOf(claim: Manifest, classes: ClaimObservation["classes"]): ClaimObservation {
  const requested = textAt(claim, "spec", "resources", "requests", "storage");
  const size = textAt(claim, "status", "capacity", "storage") ?? requested;
  return {
    name: claim.metadata.name,
    phase: textAt(claim, "status", "phase") ?? "Pending",
    classes,
    ...present("storageClass", textAt(claim, "spec", "storageClassName")),
    ...present("size", size),
    ...(requested === size ? {} : present("requested", requested)),
    ...present("volume", textAt(claim, "spec", "volumeName")),
  };
}

/** What a node says. */
export function nodeOf(node: Manifest): NodeObservation {
  const ready = condition(node, "Ready");
  const pressures = mapsAt(node, "status", "conditions").filter(({ type, status }) => String(type).endsWith("Pressure") && status === "True");
  return {
    name: node.metadata.name,
    isReady: ready?.["status"] === "True",
    isCordoned: valueAt(node, ["spec", "unschedulable"]) === true,
    pressures: pressures.map(({ type }) => String(type)),
    ...present("message", textAt(ready, "message")),
  };
}

/** Events about these objects, oldest first. */
export async function readEvents(cluster: Cluster, references: readonly ObjectReference[]): Promise<Observed<readonly EventObservation[]>> {
  const lists = await Promise.all(references.map((reference) => look(() => cluster.events(reference))));
  const failed = lists.find(({ state }) => state === "unknown");
  if (failed?.state === "unknown") return failed;
  const events = lists.flatMap((list) => (list.state === "found" ? list.value : []));
  return found({ state: "found", value: events }, (all) => all.map(eventOf).toSorted((one, other) => (one.at?.getTime() ?? 0) - (other.at?.getTime() ?? 0)));
}

function eventOf(event: Manifest): EventObservation {
  const { object, type, reason, message, time } = eventFacts(event);
  return { object, isWarning: type === "Warning", reason, message, ...present("at", dateAt([time], 0)) };
}
