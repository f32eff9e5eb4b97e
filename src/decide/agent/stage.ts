import { answerOf, isBeingTried, isExecuted, lastKnownOf, mainPod, readyConditionSince, sinceByOurClock } from "./evidence.ts";
import { GATEWAY_PATIENCE, judgeUnhealthy, judgeUnready, trialEnded, unhealthyWords, type Failure } from "./give-up.ts";
import { secretObstacle } from "./obstacle.ts";
import type { Instant } from "../policy.ts";
import type { AgentWorld, GatewayFacts, PodFacts } from "../world.ts";

/** Where an agent is on its way to running what its Deployment says. */
export interface Stage {
  readonly name: "absent" | "stopped" | "draining" | "starting" | "checking" | "baking" | "settled" | "failed";
  /** The pod that counts. */
  readonly pod?: PodFacts;
  /** CamelCase, stable. */
  readonly reason: string;
  /** In words; it stays the same while the stage does. */
  readonly message: string;
  /** Its gateway serves: the pod is Ready and the gateway does not say otherwise. */
  readonly isHealthy: boolean;
  /** The gateway must be asked, in full: so many milliseconds after it was last. */
  readonly checkAfter?: number;
  /** The stage may change then by time alone. */
  readonly until?: Instant;
}

/** Milliseconds between full checks of a gateway that is waited for, and of one that was given up. */
const ASK_OFTEN = 5_000;
const ASK_SELDOM = 60_000;

const ABSENT: Stage = { name: "absent", reason: "Absent", message: "it has no Deployment", isHealthy: false };

/** Where the agent is at. Total; cheap. */
export function stageOf(world: AgentWorld, now: Instant): Stage {
  const { deployment, pods } = world;
  if (!deployment) return ABSENT;
  const pod = mainPod(pods);
  if (deployment.replicas === 0) return { ...at(pod), name: "stopped", reason: "ScaledToZero", message: "somebody scaled it to zero" };
  const stopping = stoppingPod(pods, pod);
  if (stopping && !(isServing(pod) && stopping !== pod)) return drainingStage(stopping, pod);
  if (isExecuted(world) && !deployment.isObserved) return { ...at(pod), name: "draining", reason: "Restarting", message: "its Deployment begins to replace the pod" };
  return pod ? podStage(world, pod, now) : { name: "starting", reason: "NoPod", message: "its Deployment has not made a pod yet", isHealthy: false };
}

function podStage(world: AgentWorld, pod: PodFacts, now: Instant): Stage {
  const failure = trialFailure(world, pod);
  if (failure) return failed(pod, failure);
  return pod.isReady ? readyStage(world, pod, now) : unreadyStage(world, pod, now);
}

function at(pod: PodFacts | undefined): { readonly pod?: PodFacts; readonly isHealthy: boolean } {
  return pod ? { pod, isHealthy: isServing(pod) } : { isHealthy: false };
}

function isServing(pod: PodFacts | undefined): boolean {
  return pod !== undefined && pod.isReady && pod.isCurrent && !pod.isTerminating;
}

function stoppingPod(pods: readonly PodFacts[], main: PodFacts | undefined): PodFacts | undefined {
  if (main && (main.isTerminating || !main.isCurrent)) return main;
  for (const pod of pods) if (pod !== main && !pod.isFinished) return pod;
  return undefined;
}

function drainingStage(stopping: PodFacts, pod: PodFacts | undefined): Stage {
  const where = stopping.node === undefined ? "" : ` on node ${stopping.node}`;
  const message = `its previous pod ${stopping.name}${where} finishes its running turns`;
  return { ...(pod ? { pod } : {}), name: "draining", reason: "Draining", message, isHealthy: false };
}

function failed(pod: PodFacts, { reason, message }: Failure): Stage {
  return { name: "failed", pod, reason, message, isHealthy: false };
}

/** A trial that failed stays failed until it is taken back, though the container may have come back meanwhile. */
function trialFailure(world: AgentWorld, pod: PodFacts): Failure | undefined {
  if (!isBeingTried(world)) return undefined;
  const known = lastKnownOf(world, pod);
  const conditions = known?.phase === "Failed" ? known.conditions : [];
  const ready = conditions.find(({ type }) => type === "Ready");
  // Where there is no way back, whoever comes up after all is welcome.
  const isHeld = conditions.some(({ type, reason }) => type === "Stalled" && reason !== ready?.reason);
  if (ready?.status === "False" && !isHeld) return { reason: ready.reason, message: ready.message };
  return trialEnded(world, pod);
}

function unreadyStage(world: AgentWorld, pod: PodFacts, now: Instant): Stage {
  const lack = secretObstacle(world);
  if (lack) return { name: "starting", pod, reason: lack.reason, message: lack.message, isHealthy: false };
  const verdict = judgeUnready(world, pod, now);
  if ("failure" in verdict) return failed(pod, verdict.failure);
  const until = verdict.deadline === undefined ? {} : { until: verdict.deadline };
  if (pod.unschedulable !== undefined) {
    return { name: "starting", pod, reason: "Unschedulable", message: `no node takes its pod: ${pod.unschedulable}`, isHealthy: false };
  }
  return { name: "starting", pod, reason: "Starting", message: "its pod starts", isHealthy: false, ...until };
}

function readyStage(world: AgentWorld, pod: PodFacts, now: Instant): Stage {
  const gateway = answerOf(world, pod);
  const known = wasFoundHealthy(world, pod);
  const isUnwell = gateway !== undefined && (gateway.state === "unhealthy" || (wasUnhealthy(world, pod) && !isFullyHealthy(gateway, pod, now)));
  if (isUnwell) return unwellStage(world, pod, now);
  if (known || (gateway && isFullyHealthy(gateway, pod, now))) return bakeStage(world, pod, now);
  return uncheckedStage(world, pod, gateway, now);
}

/** With a clock that is behind, an answer of the gateway counts for so long. */
const CLOCK_BEHIND_VALID = 10_000;

function isFullyHealthy(gateway: GatewayFacts, pod: PodFacts, now: Instant): boolean {
  return gateway.depth === "full" && gateway.state === "healthy" && isSinceReady(gateway, pod, now);
}

function isSinceReady({ checkedAt }: GatewayFacts, pod: PodFacts, now: Instant): boolean {
  // A pod that became Ready in the future: the engine's clock is behind, and its own times say nothing about the pod's.
  const readyAt = pod.readyChangedAt ?? 0;
  return checkedAt >= (readyAt > now ? now - CLOCK_BEHIND_VALID : readyAt);
}

/** Said of a pod that is Ready, and whose gateway could not be asked. */
export const NOT_ASKED = "PodReady";

/** The status says that this very process was found healthy: gateways need not be asked again because the engine began anew. */
function wasFoundHealthy(world: AgentWorld, pod: PodFacts): boolean {
  const reason = readyReason(world, pod);
  return reason !== undefined && reason !== NOT_ASKED;
}

/** Why this very process counts as Ready by the status, if it does. */
function readyReason(world: AgentWorld, pod: PodFacts): string | undefined {
  const known = lastKnownOf(world, pod);
  if (known?.seen?.containerRestarts !== pod.restarts) return undefined;
  return known.conditions.find(({ type, status }) => type === "Ready" && status === "True")?.reason;
}

function wasUnhealthy(world: AgentWorld, pod: PodFacts): boolean {
  const known = lastKnownOf(world, pod);
  return known?.conditions.some(({ type, status, reason }) => type === "Ready" && status === "False" && reason === "GatewayUnhealthy") ?? false;
}

function unwellStage(world: AgentWorld, pod: PodFacts, now: Instant): Stage {
  const verdict = judgeUnhealthy(world, pod, now);
  if ("failure" in verdict) return { ...failed(pod, verdict.failure), checkAfter: ASK_SELDOM };
  const until = verdict.deadline === undefined ? {} : { until: verdict.deadline };
  return { name: "checking", pod, reason: "GatewayUnhealthy", message: unhealthyWords(world), isHealthy: false, checkAfter: ASK_OFTEN, ...until };
}

function uncheckedStage(world: AgentWorld, pod: PodFacts, gateway: GatewayFacts | undefined, now: Instant): Stage {
  const deadline = sinceByOurClock(world, pod.readyChangedAt ?? pod.createdAt, { pod, now }) + GATEWAY_PATIENCE;
  // Not to be asked is no proof of anything: a trial waits, who only came back counts as well.
  const isUnasked = gateway ? gateway.state === "unknown" && isSinceReady(gateway, pod, now) : readyReason(world, pod) === NOT_ASKED;
  if (isUnasked && !isExecuted(world) && now >= deadline) {
    return { name: "settled", pod, reason: NOT_ASKED, message: "its pod is Ready; its gateway could not be asked", isHealthy: true, checkAfter: ASK_SELDOM };
  }
  const until = now < deadline ? { until: deadline } : {};
  return { name: "checking", pod, reason: "Checking", message: "its pod is Ready and its gateway is asked", isHealthy: true, checkAfter: ASK_OFTEN, ...until };
}

function bakeStage(world: AgentWorld, pod: PodFacts, now: Instant): Stage {
  const ready = sinceByOurClock(world, pod.readyChangedAt ?? pod.createdAt, { pod, now });
  const until = Math.max(ready, Math.min(readyConditionSince(world, pod, "True") ?? now, now)) + world.policy.bakeTime;
  if (isBeingTried(world) && now < until) {
    return { name: "baking", pod, reason: "Baking", message: "it runs the new image and is watched", isHealthy: true, until };
  }
  return { name: "settled", pod, reason: "Ready", message: "its gateway serves", isHealthy: true };
}
