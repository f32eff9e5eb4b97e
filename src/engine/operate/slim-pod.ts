import type { PrePull } from "../../decide/fleet-world.ts";
import type { PodFacts } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { RESTART_CONFIG_ANNOTATION, SECRET_ANNOTATION } from "../../render/names.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";
import { AGENT_LABEL, condition, CONTAINER, digestOf } from "../observe/agent-facts.ts";
import { OPERATED, RESTARTED_AT } from "./annotations.ts";
import { timeAt } from "./parse.ts";
import { lastWords } from "../observe/last-words.ts";
import { present } from "./present.ts";

/** What is kept of a pod of ours. */
export interface KeptPod {
  /** The agent whose it is; absent for a pod that brings an image to a node. */
  readonly agent?: string;
  readonly prePull?: PrePull;
  /** Whether it is current depends on other objects, and its OpenClaw on what the registry says. */
  readonly facts: Omit<PodFacts, "isCurrent" | "openclawVersion">;
  /** Name of the ReplicaSet that made it. */
  readonly replicaSet?: string;
  /** Where its gateway listens. */
  readonly address?: string;
}

/** What is kept of a pod. */
export function slimPod(pod: Manifest): KeptPod {
  const owner = mapsAt(pod, "metadata", "ownerReferences").find((reference) => reference["controller"] === true);
  const prePull = prePullOf(pod);
  return {
    facts: podFacts(pod),
    ...present({
      prePull,
      agent: prePull ? undefined : pod.metadata.labels?.[AGENT_LABEL],
      replicaSet: textAt(owner, "name"),
      address: textAt(pod, "status", "podIP"),
    }),
  };
}

function podFacts(pod: Manifest): KeptPod["facts"] {
  const phase = textAt(pod, "status", "phase");
  const status = mapsAt(pod, "status", "containerStatuses").find((entry) => entry["name"] === CONTAINER);
  const ready = condition(pod, "Ready");
  const annotations = pod.metadata.annotations ?? {};
  return {
    uid: textAt(pod, "metadata", "uid") ?? "",
    name: pod.metadata.name,
    isTerminating: pod.metadata["deletionTimestamp"] !== undefined,
    isFinished: phase === "Succeeded" || phase === "Failed",
    createdAt: timeAt(pod, "metadata", "creationTimestamp") ?? 0,
    isReady: ready?.["status"] === "True",
    restarts: numberAt(status, "restartCount") ?? 0,
    ...present({
      node: textAt(pod, "spec", "nodeName"),
      readyChangedAt: timeAt(ready, "lastTransitionTime"),
      startedAt: timeAt(status, "state", "running", "startedAt"),
      digest: digestOf(textAt(status, "imageID")),
      secretDigest: annotations[SECRET_ANNOTATION],
      restartConfig: annotations[RESTART_CONFIG_ANNOTATION],
      restartedAt: annotations[RESTARTED_AT],
      waiting: waitingOf(status),
      ended: endOf(status, "state") ?? endOf(status, "lastState"),
      unschedulable: unschedulableOf(pod),
    }),
  };
}

function unschedulableOf(pod: Manifest): string | undefined {
  const scheduled = condition(pod, "PodScheduled");
  return scheduled?.["status"] === "False" ? (textAt(scheduled, "message") ?? "no reason given") : undefined;
}

function waitingOf(status: unknown): PodFacts["waiting"] {
  const reason = textAt(status, "state", "waiting", "reason");
  return reason === undefined ? undefined : { reason, ...present({ message: messageAt(status, "state", "waiting", "message") }) };
}

function endOf(status: unknown, field: "state" | "lastState"): PodFacts["ended"] {
  const end = valueAt(status, [field, "terminated"]);
  const exitCode = numberAt(end, "exitCode");
  if (exitCode === undefined) return undefined;
  return { reason: textAt(end, "reason") ?? "Error", exitCode, ...present({ message: lastWords(messageAt(end, "message")) }) };
}

function messageAt(data: unknown, ...path: readonly string[]): string | undefined {
  return textAt(data, ...path)?.trim() || undefined;
}

/** Why a container waits when its image cannot be brought. */
const PULL_FAILURES: ReadonlySet<string> = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"]);

/**
 * What a pod with annotation `frota.dev/pre-pull` (the digest) says about its image on the node of its `nodeName`. It did its
 * work as soon as a container was made, whatever became of that.
 */
function prePullOf(pod: Manifest): PrePull | undefined {
  const digest = pod.metadata.annotations?.[OPERATED.prePull];
  if (digest === undefined) return undefined;
  const [status] = mapsAt(pod, "status", "containerStatuses");
  const isMade = ["running", "terminated"].some((state) => valueAt(status, ["state", state]) !== undefined);
  const failure = isMade ? undefined : pullFailure(pod, waitingOf(status));
  const state = isMade ? "done" : failure === undefined ? "pulling" : "failed";
  // A pod does not say since when it waits.
  const at = timeAt(pod, "metadata", "creationTimestamp");
  return { node: textAt(pod, "spec", "nodeName") ?? "", digest, state, ...present({ message: failure, at }) };
}

function pullFailure(pod: Manifest, waiting: PodFacts["waiting"]): string | undefined {
  if (waiting && PULL_FAILURES.has(waiting.reason)) return waiting.message ?? waiting.reason;
  if (textAt(pod, "status", "phase") !== "Failed") return undefined;
  return textAt(pod, "status", "message") ?? textAt(pod, "status", "reason") ?? "the pod failed";
}
