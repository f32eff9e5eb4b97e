import type { Manifest } from "../../render/manifest.ts";
import { valueAt, type PlainMap } from "../../spec/plain-data.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";
import { lastWords } from "./last-words.ts";

/** Container of an agent's pod that runs the gateway. */
export const CONTAINER = "openclaw";
/** On the volume claim: the OpenClaw version that last ran on this state. */
export const VERSION_ANNOTATION = "frota.dev/openclaw-version";
/** Label that names the agent, on all of its objects. */
export const AGENT_LABEL = "app.kubernetes.io/instance";

/** The live objects that belong to one agent, each absent where the cluster has none. */
export interface AgentObjects {
  readonly name: string;
  readonly deployment?: Manifest;
  readonly replicaSets: readonly Manifest[];
  readonly pods: readonly Manifest[];
  readonly claim?: Manifest;
  readonly externalSecret?: Manifest;
  /** About any of these objects, oldest first. */
  readonly events: readonly Manifest[];
}

/** Keys that the agent's Secret must have, as its Deployment tells the start guard. */
export function requiredSecrets(deployment: Manifest): readonly string[] {
  const container = mapsAt(deployment, "spec", "template", "spec", "containers").find(({ name }) => name === CONTAINER);
  const variable = mapsAt(container, "env").find(({ name }) => name === "FROTA_REQUIRED_SECRETS");
  return (textAt(variable, "value") ?? "").split(",").filter((key) => key !== "");
}

/** How a container ended. */
export interface TerminationFacts {
  readonly reason: string;
  readonly exitCode: number;
  readonly message?: string;
}

/** What matters of a pod. */
export interface PodFacts {
  readonly name: string;
  readonly phase: string;
  readonly isReady: boolean;
  readonly isTerminating: boolean;
  readonly isScheduled: boolean;
  /** The container runs now, whatever happened to earlier instances of it. */
  readonly isRunning: boolean;
  readonly restarts: number;
  /** As the container runtime resolved it, with its digest. */
  readonly imageId?: string;
  readonly waiting?: { readonly reason: string; readonly message?: string };
  /** How the present (or, while it waits, the last) instance of the container ended. */
  readonly terminated?: TerminationFacts;
  /** Why the scheduler finds no node. */
  readonly unschedulable?: string;
  readonly created: string;
  /** Where it was scheduled to. */
  readonly node?: string;
}

export function podFacts(pod: Manifest): PodFacts {
  const status = mapsAt(pod, "status", "containerStatuses").find((entry) => entry["name"] === CONTAINER);
  const scheduled = condition(pod, "PodScheduled");
  return {
    name: pod.metadata.name,
    phase: textAt(pod, "status", "phase") ?? "Pending",
    isReady: condition(pod, "Ready")?.["status"] === "True",
    isTerminating: pod.metadata["deletionTimestamp"] !== undefined,
    isScheduled: textAt(pod, "spec", "nodeName") !== undefined,
    isRunning: valueAt(status, ["state", "running"]) !== undefined,
    restarts: numberAt(status, "restartCount") ?? 0,
    created: textAt(pod, "metadata", "creationTimestamp") ?? "",
    ...whenPresent("node", textAt(pod, "spec", "nodeName")),
    ...whenPresent("imageId", textAt(status, "imageID") || undefined),
    ...whenPresent("waiting", waitingOf(status)),
    ...whenPresent("terminated", terminationOf(status, "state") ?? terminationOf(status, "lastState")),
    ...whenPresent("unschedulable", scheduled?.["status"] === "False" ? textAt(scheduled, "message") : undefined),
  };
}

function whenPresent<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  const fact: { [K in Key]?: Value } = {};
  if (value !== undefined) fact[key] = value;
  return fact;
}

function waitingOf(status: unknown): PodFacts["waiting"] {
  const reason = textAt(status, "state", "waiting", "reason");
  return reason === undefined ? undefined : withMessage({ reason }, textAt(status, "state", "waiting", "message"));
}

function terminationOf(status: unknown, field: "state" | "lastState"): TerminationFacts | undefined {
  const state = valueAt(status, [field, "terminated"]);
  const exitCode = numberAt(state, "exitCode");
  if (exitCode === undefined) return undefined;
  return withMessage({ reason: textAt(state, "reason") ?? "Error", exitCode }, lastWords(textAt(state, "message")));
}

function withMessage<Facts extends object>(facts: Facts, message: string | undefined): Facts & { message?: string } {
  return message === undefined || message === "" ? facts : { ...facts, message: message.trim() };
}

/** The condition of this type in an object's status. */
export function condition(object: Manifest | undefined, type: string): PlainMap | undefined {
  return mapsAt(object, "status", "conditions").find((entry) => entry["type"] === type);
}

/** An event, in its own words. */
export interface EventFacts {
  readonly object: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly time: string;
  /** Milliseconds from its first occurrence to its last; undefined where it does not tell. */
  readonly lasted?: number;
}

export function eventFacts(event: Manifest): EventFacts {
  return {
    object: `${textAt(event, "involvedObject", "kind") ?? "?"}/${textAt(event, "involvedObject", "name") ?? "?"}`,
    type: textAt(event, "type") ?? "Normal",
    reason: textAt(event, "reason") ?? "",
    message: textAt(event, "message") ?? "",
    time: textAt(event, "lastTimestamp") ?? textAt(event, "eventTime") ?? textAt(event, "metadata", "creationTimestamp") ?? "",
    ...whenPresent("lasted", millisecondsBetween(textAt(event, "firstTimestamp"), textAt(event, "lastTimestamp"))),
  };
}

function millisecondsBetween(first: string | undefined, last: string | undefined): number | undefined {
  return first === undefined || last === undefined ? undefined : Date.parse(last) - Date.parse(first);
}

/** Pods that run the Deployment's present template, newest first; those on their way out last. */
export function currentPods({ deployment, replicaSets, pods }: AgentObjects): PodFacts[] {
  const present = revisionOf(deployment);
  const replicaSet = replicaSets.find((candidate) => present !== undefined && revisionOf(candidate) === present);
  const hash = replicaSet?.metadata.labels?.["pod-template-hash"];
  return pods
    .filter((pod) => hash !== undefined && pod.metadata.labels?.["pod-template-hash"] === hash)
    .map(podFacts)
    .toSorted((one, other) => rank(one) - rank(other) || other.created.localeCompare(one.created));
}

function revisionOf(object: Manifest | undefined): string | undefined {
  return object?.metadata.annotations?.["deployment.kubernetes.io/revision"];
}

function rank(pod: PodFacts): number {
  return pod.isTerminating || pod.phase === "Failed" || pod.phase === "Succeeded" ? 1 : 0;
}

/** The digest (`sha256:...`) of what the pod runs. */
export function digestOf(imageId: string | undefined): string | undefined {
  return /sha256:[0-9a-f]{64}$/.exec(imageId ?? "")?.[0];
}
