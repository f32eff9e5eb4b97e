import type { Manifest } from "../../render/manifest.ts";
import { numberAt, textAt } from "../../spec/plain-field.ts";
import { condition, currentPods, eventFacts, podFacts, type AgentObjects, type EventFacts, type PodFacts, type TerminationFacts } from "./agent-facts.ts";

/** One thing that keeps an agent from being ready, in words. */
export interface Problem {
  /** The cluster's own reason, for example `ImagePullBackOff`. */
  readonly reason: string;
  /** One or more sentences with the cluster's own message. */
  readonly message: string;
  /** What to do about it. */
  readonly next?: string;
  /** Waiting does not help. */
  readonly fatal: boolean;
}

export interface Readiness {
  /** `absent`: there is no Deployment. */
  readonly state: "ready" | "progressing" | "failed" | "absent";
  /** Most telling first. */
  readonly problems: readonly Problem[];
}

/** OpenClaw and the start guard end with it where starting again changes nothing (sysexits.h: EX_CONFIG). */
const EXIT_CONFIGURATION = 78;
/** Starts after which a crashing container is given up: the kubelet's own pauses are then 40 s and longer. */
const CRASHES_TOLERATED = 2;

/**
 * Whether an agent runs what its Deployment says. `generation` is the Deployment's that was written last, so that an answer
 * about an older one does not count.
 */
export function readiness(objects: AgentObjects, generation = 0): Readiness {
  const { deployment } = objects;
  if (!deployment) return { state: "absent", problems: [] };
  if (isRolledOut(objects, generation)) return { state: "ready", problems: [] };
  const problems = problemsOf(objects);
  const failed = isObserved(deployment, generation) && problems.some((problem) => problem.fatal);
  return { state: failed ? "failed" : "progressing", problems };
}

function isObserved(deployment: Manifest, generation: number): boolean {
  const observed = numberAt(deployment, "status", "observedGeneration") ?? 0;
  return observed >= generation && observed >= (numberAt(deployment, "metadata", "generation") ?? 0);
}

function isRolledOut(objects: AgentObjects, generation: number): boolean {
  const { deployment } = objects;
  if (!deployment || !isObserved(deployment, generation)) return false;
  const count = (field: string) => numberAt(deployment, "status", field) ?? 0;
  const wanted = numberAt(deployment, "spec", "replicas") ?? 1;
  const isComplete = count("updatedReplicas") === wanted && count("replicas") === wanted;
  const ready = currentPods(objects).filter((pod) => pod.isReady && !pod.isTerminating);
  return isComplete && count("availableReplicas") >= wanted && ready.length >= wanted;
}

/** Everything that the cluster says against the agent being ready, what is fatal first. */
export function problemsOf(objects: AgentObjects): Problem[] {
  const [pod] = currentPods(objects);
  return [
    ...secretProblems(objects),
    ...claimProblems(objects),
    ...drainProblems(objects),
    ...(pod && !pod.isTerminating ? podProblems(pod, objects) : []),
    ...deploymentProblems(objects),
  ].toSorted((one, other) => Number(other.fatal) - Number(one.fatal));
}

function drainProblems({ pods }: AgentObjects): Problem[] {
  return pods
    .map(podFacts)
    .filter((pod) => pod.isTerminating)
    .map((pod) => ({
      reason: "Draining",
      message: `its previous pod ${pod.name} is finishing its running turns (up to 340 s)`,
      fatal: false,
    }));
}

function secretProblems({ externalSecret, name }: AgentObjects): Problem[] {
  const ready = condition(externalSecret, "Ready");
  if (!externalSecret || ready?.["status"] === "True") return [];
  const said = textAt(ready, "message");
  const events = textAt(ready, "reason") ?? "NotSynced";
  return [
    {
      reason: events,
      message: `the secrets are not synced from Vault: ${said ?? "External Secrets has not reported yet"}`,
      next: `\`frota secrets status ${name}\` shows where the chain is broken`,
      fatal: false,
    },
  ];
}

function claimProblems({ claim, events }: AgentObjects): Problem[] {
  if (!claim || textAt(claim, "status", "phase") === "Bound") return [];
  const said = lastWarning(events, `PersistentVolumeClaim/${claim.metadata.name}`, ANY_EVENT);
  return [
    {
      reason: said?.reason ?? "VolumePending",
      message: `its volume claim ${claim.metadata.name} is ${textAt(claim, "status", "phase") ?? "Pending"}${said ? `: ${said.message}` : ""}`,
      fatal: false,
    },
  ];
}

function podProblems(pod: PodFacts, { events, name }: AgentObjects): Problem[] {
  if (pod.unschedulable !== undefined) {
    const next = "add a node to the pool, or lower the agent's resources.requests";
    return [{ reason: "FailedScheduling", message: `no node takes its pod: ${pod.unschedulable}`, next, fatal: false }];
  }
  return [...containerProblems(pod, name), ...eventProblems(pod, events)];
}

function containerProblems(pod: PodFacts, name: string): Problem[] {
  if (pod.waiting && pod.waiting.reason !== "ContainerCreating" && pod.waiting.reason !== "PodInitializing") {
    return [waitingProblem(pod, pod.waiting, name)];
  }
  return pod.terminated && !pod.isReady ? [endProblem(pod, name)] : [];
}

function waitingProblem(pod: PodFacts, waiting: NonNullable<PodFacts["waiting"]>, name: string): Problem {
  if (waiting.reason === "CrashLoopBackOff") return endProblem(pod, name);
  const message = `${waiting.reason}: ${waiting.message ?? "no message"}`;
  if (/^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$/.test(waiting.reason)) {
    const isFinal = /not found|manifest unknown|denied|unauthorized|invalid reference|InvalidImageName|ErrImageNeverPull/i;
    const next = "check the image's name and tag with `frota image check`, and the pull secret";
    return { reason: waiting.reason, message, next, fatal: isFinal.test(message) };
  }
  const next = waiting.reason === "CreateContainerConfigError" ? `\`frota secrets status ${name}\` shows where what it misses is lost, and what to do` : undefined;
  return { reason: waiting.reason, message, ...(next === undefined ? {} : { next }), fatal: false };
}

function endProblem(pod: PodFacts, name: string): Problem {
  const end = pod.terminated;
  const times = pod.restarts > 0 ? ` (${pod.restarts} restarts)` : "";
  const isMemory = end?.reason === "OOMKilled";
  return {
    reason: pod.waiting?.reason ?? end?.reason ?? "Error",
    message: `its gateway ended${times}: ${end ? howItEnded(end) : "no exit code"}`,
    next: isMemory ? "raise resources.limits.memory" : `\`frota logs ${name} --previous\` shows its last words`,
    fatal: isGivenUp(pod),
  };
}

function isGivenUp({ isRunning, restarts, terminated, waiting }: PodFacts): boolean {
  if (isRunning) return false;
  return restarts >= CRASHES_TOLERATED || (terminated?.exitCode === EXIT_CONFIGURATION && waiting !== undefined);
}

function howItEnded({ exitCode, reason, message }: TerminationFacts): string {
  return [`exit code ${exitCode}, ${reason}`, message].filter((part) => part !== undefined).join(": ");
}

const ANY_EVENT = /^/;
const TELLING_EVENTS = /^(?:FailedMount|FailedAttachVolume|Unhealthy|FailedCreatePodSandBox|Evicted)$/;

/**
 * Milliseconds. A new pod's first mounts may be forbidden or time out, until the node's authorizer and the kubelet's caches know
 * of it. The kubelet tries again after 0.5 s, and then after twice as long each time.
 */
const MOUNTS_SETTLE = 10_000;

/** Events that say more than the pod's status: failing mounts and probes. */
function eventProblems(pod: PodFacts, events: AgentObjects["events"]): Problem[] {
  const lasting = events.filter((event) => !isMountSettling(eventFacts(event)));
  const said = lastWarning(lasting, `Pod/${pod.name}`, TELLING_EVENTS);
  return said ? [{ reason: said.reason, message: `${said.reason}: ${said.message}`, fatal: false }] : [];
}

function isMountSettling({ reason, lasted }: EventFacts): boolean {
  return reason === "FailedMount" && lasted !== undefined && lasted < MOUNTS_SETTLE;
}

function deploymentProblems({ deployment }: AgentObjects): Problem[] {
  const failure = condition(deployment, "ReplicaFailure");
  const progressing = condition(deployment, "Progressing");
  const problems: Problem[] = [];
  if (failure?.["status"] === "True") {
    problems.push({
      reason: textAt(failure, "reason") ?? "ReplicaFailure",
      message: `its pod cannot be created: ${textAt(failure, "message") ?? "no message"}`,
      fatal: true,
    });
  }
  if (progressing?.["status"] === "False") {
    problems.push({
      reason: textAt(progressing, "reason") ?? "ProgressDeadlineExceeded",
      message: textAt(progressing, "message") ?? "the Deployment made no progress in time",
      fatal: true,
    });
  }
  return problems;
}

function lastWarning(events: AgentObjects["events"], object: string, reasons: RegExp) {
  return events.map(eventFacts).findLast((event) => event.object === object && event.type === "Warning" && reasons.test(event.reason));
}
