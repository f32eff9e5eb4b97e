import { isBeingTried, isExecuted, lastKnownOf, readyConditionSince, sinceByOurClock } from "./evidence.ts";
import type { Instant } from "../policy.ts";
import type { AgentWorld, PodFacts } from "../world.ts";
import { excerpt } from "../words.ts";

/** Container starts after which a crashing agent is given up: the kubelet's own pauses are then 40 s and longer. */
const CRASHES = 3;
/** OpenClaw and the start guard end with it where starting again changes nothing (sysexits.h: EX_CONFIG). */
const EXIT_CONFIGURATION = 78;
/** The kubelet has then tried to pull about four times. */
const PULL_PATIENCE = 120_000;
/** OpenClaw was measured to start in 11 to 61 s on a contended machine; four times that. */
const START_PATIENCE = 240_000;
/** Longest drain of an old pod: `terminationGracePeriodSeconds` of the rendered pod. */
const DRAIN = 345_000;
/** Channels and model logins are up some seconds after the gateway. */
export const GATEWAY_PATIENCE = 60_000;
/** Readiness fails after 30 s of silence; stalls of OpenClaw's event loop are far shorter. */
const UNREADY_PATIENCE = 60_000;

/** Why an agent is given up, in the cluster's own words. */
export interface Failure {
  /** CamelCase, stable. */
  readonly reason: string;
  readonly message: string;
}

/** A failure, or when its pod is given up if nothing changes until then. */
export type Verdict = { readonly failure: Failure } | { readonly deadline?: Instant };

const PULL_REASONS = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"]);

/** Whether a pod that is not Ready is given up. */
export function judgeUnready(world: AgentWorld, pod: PodFacts, now: Instant): Verdict {
  const crash = crashOf(world, pod);
  if (crash) return { failure: crash };
  if (pod.waiting && PULL_REASONS.has(pod.waiting.reason)) return judgePull(world, pod, now);
  // No node takes it: no fault of what it should run, and it starts as soon as there is room.
  if (pod.unschedulable !== undefined) return {};
  return isBeingTried(world) && wasReady(world, pod) ? judgeLoss(world, pod, now) : judgeStart(world, pod, now);
}

function judgeStart(world: AgentWorld, pod: PodFacts, now: Instant): Verdict {
  // A replacement of a pod that was deleted may have waited for the drain of that one; Recreate makes the new pod afterwards.
  const hasWaited = !isExecuted(world) || lastKnownOf(world, pod)?.restarts.at(-1)?.cause === "PodReplaced";
  const deadline = unreadySince(world, pod, now) + START_PATIENCE + (hasWaited ? DRAIN : 0);
  if (now < deadline) return { deadline };
  return { failure: { reason: "NotReady", message: `its pod did not become Ready in time${endedWords(pod)}` } };
}

/** Whether a pod that is Ready, but whose gateway says that it is not well, is given up. */
export function judgeUnhealthy(world: AgentWorld, pod: PodFacts, now: Instant): Verdict {
  const ready = sinceByOurClock(world, pod.readyChangedAt ?? pod.createdAt, { pod, now });
  const isNews = readyConditionSince(world, pod, "True") !== undefined;
  const unwell = isNews ? now : Math.min(readyConditionSince(world, pod, "False") ?? ready, now);
  const deadline = Math.max(ready, unwell) + GATEWAY_PATIENCE;
  if (now < deadline) return { deadline };
  return { failure: { reason: "GatewayUnhealthy", message: unhealthyWords(world) } };
}

/** A container that ended in its trial after it had been Ready. */
export function trialEnded(world: AgentWorld, pod: PodFacts): Failure | undefined {
  const known = lastKnownOf(world, pod);
  if (!isBeingTried(world) || !known?.seen || pod.restarts <= known.seen.containerRestarts) return undefined;
  const wasUp = known.phase === "Baking" || known.phase === "Checking" || known.phase === "Ready";
  return wasUp ? { reason: "EndedInBake", message: `its gateway ended after it had been Ready${endedWords(pod)}` } : undefined;
}

/** What its gateway says against itself. */
export function unhealthyWords({ gateway }: AgentWorld): string {
  const problems = gateway?.problems ?? [];
  return problems.length > 0 ? `its gateway says: ${excerpt(problems.join("; "))}` : "its gateway says that it is not healthy";
}

function crashOf(world: AgentWorld, pod: PodFacts): Failure | undefined {
  const isWaiting = pod.waiting?.reason === "CrashLoopBackOff";
  const isFinal = isWaiting && pod.ended?.exitCode === EXIT_CONFIGURATION;
  // Between two crashes the container runs for a while: what was given up stays so, or status would flap.
  const isKnown = lastKnownOf(world, pod)?.phase === "Failed";
  const isLoop = pod.restarts >= CRASHES && (isWaiting || isKnown || isExecuted(world));
  if (!isFinal && !isLoop) return undefined;
  return { reason: "CrashLoopBackOff", message: `its container ends again and again${endedWords(pod)}` };
}

function unreadySince(world: AgentWorld, pod: PodFacts, now: Instant): Instant {
  return sinceByOurClock(world, Math.max(pod.createdAt, pod.readyChangedAt ?? 0), { pod, now });
}

function judgePull(world: AgentWorld, pod: PodFacts, now: Instant): Verdict {
  const deadline = unreadySince(world, pod, now) + PULL_PATIENCE;
  if (now < deadline) return { deadline };
  const message = pod.waiting?.message;
  return { failure: { reason: "ImagePullBackOff", message: `its image cannot be pulled${message === undefined ? "" : `: ${excerpt(message)}`}` } };
}

function judgeLoss(world: AgentWorld, pod: PodFacts, now: Instant): Verdict {
  const deadline = unreadySince(world, pod, now) + UNREADY_PATIENCE;
  if (now < deadline) return { deadline };
  return { failure: { reason: "NotReadyInBake", message: `its pod was Ready and is not any more${endedWords(pod)}` } };
}

function wasReady(world: AgentWorld, pod: PodFacts): boolean {
  const phase = lastKnownOf(world, pod)?.phase;
  if (phase === "Baking" || phase === "Ready" || phase === "Checking") return true;
  return pod.restarts === 0 && pod.startedAt !== undefined && (pod.readyChangedAt ?? 0) > pod.startedAt;
}

function endedWords({ ended }: PodFacts): string {
  if (!ended) return "";
  const said = ended.message === undefined || ended.message.trim() === "" ? "" : `: ${excerpt(ended.message)}`;
  const why = ended.reason === "" || ended.reason === "Error" ? "" : ` (${ended.reason})`;
  return `: exit code ${ended.exitCode}${why}${said}`;
}
