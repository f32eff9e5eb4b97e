import type { Instant } from "../policy.ts";
import type { AgentStatus } from "../status.ts";
import type { AgentWorld, DeploymentFacts, GatewayFacts, ImageTarget, PodFacts } from "../world.ts";
import { instantOf } from "../words.ts";

/** The pod that counts: of the present template before others, alive before stopping, the newest. */
export function mainPod(pods: readonly PodFacts[]): PodFacts | undefined {
  let best: PodFacts | undefined;
  for (const pod of pods) {
    if (!pod.isFinished && (best === undefined || rank(pod) > rank(best) || (rank(pod) === rank(best) && pod.createdAt >= best.createdAt))) best = pod;
  }
  return best;
}

function rank(pod: PodFacts): number {
  return (pod.isTerminating ? 0 : 2) + (pod.isCurrent ? 1 : 0);
}

/** Its process began at least once, and may have written to the agent's state. */
export function hasStarted({ startedAt, restarts, ended }: PodFacts): boolean {
  return startedAt !== undefined || restarts > 0 || ended !== undefined;
}

/** The restart that the permit allows has been written. */
export function isExecuted({ permit, deployment }: AgentWorld): boolean {
  return permit !== undefined && deployment?.restart?.id === permit.id;
}

/** A new image is on trial: until its bake is over, a failure leads back to the previous one. */
export function isBeingTried(world: AgentWorld): boolean {
  const { deployment, permit } = world;
  return isExecuted(world) && deployment?.restart?.cause === "Image" && deployment.pinnedDigest === permit?.image.digest;
}

/** The previous status, if it is about this very pod. */
export function lastKnownOf({ previous }: AgentWorld, pod: PodFacts): AgentStatus | undefined {
  return previous?.seen?.podUid === pod.uid ? previous : undefined;
}

/** What the gateway of this very process said last. */
export function answerOf({ gateway }: AgentWorld, pod: PodFacts | undefined): GatewayFacts | undefined {
  if (!gateway || gateway.podUid !== pod?.uid) return undefined;
  return gateway.restarts === undefined || gateway.restarts === pod.restarts ? gateway : undefined;
}

/** What the agent runs, or is meant to run by its Deployment. Undefined while a template names a tag and no pod says more. */
export function liveDigest({ deployment, pods }: AgentWorld): string | undefined {
  return deployment?.pinnedDigest ?? (deployment ? mainPod(pods)?.digest : undefined);
}

/** When `Ready` last changed, by the status about this very pod: by the engine's clock, and later than the pod says at most by moments. */
export function readyConditionSince(world: AgentWorld, pod: PodFacts, status: "True" | "False"): Instant | undefined {
  const ready = lastKnownOf(world, pod)?.conditions.find(({ type }) => type === "Ready");
  return ready?.status === status ? instantOf(ready.lastTransitionTime) : undefined;
}

/** A time that the cluster says; one from the future, by a clock that was set back, cannot be measured from: the status says when we saw it. */
export function sinceByOurClock(world: AgentWorld, at: Instant, { pod, now }: { readonly pod: PodFacts; readonly now: Instant }): Instant {
  if (at <= now + CLOCK_TOLERANCE) return at;
  return Math.min(readyConditionSince(world, pod, pod.isReady ? "True" : "False") ?? readyConditionSince(world, pod, "False") ?? now, now);
}

/** Clocks of nodes, API server and engine differ by so much at most, normally. */
const CLOCK_TOLERANCE = 60_000;

/** {@link liveDigest} with the OpenClaw that it has, as far as that is known. */
export function liveImage(world: AgentWorld): ImageTarget | undefined {
  const digest = liveDigest(world);
  if (digest === undefined) return undefined;
  const { target, permit, deployment, previous, state, pods } = world;
  const running = pods.find((pod) => pod.openclawVersion !== undefined && pod.digest === digest);
  const known = running ?? [target, permit?.image, deployment?.previous, previous?.image].find((image) => image?.digest === digest);
  // What is Ready on the state is on record; what is not may be anything.
  const isReady = pods.some((pod) => pod.isReady && pod.digest === digest);
  const openclawVersion = known ? known.openclawVersion : isReady ? state.openclawVersion : undefined;
  return { digest, ...(openclawVersion === undefined ? {} : { openclawVersion }) };
}

/** The agent ran before: being down is a loss, not a first start. */
export function hasRun({ state, deployment, previous }: AgentWorld): boolean {
  if (state.openclawVersion !== undefined || (previous?.restarts.length ?? 0) > 1) return true;
  return deployment !== undefined && (!state.needsRecord || isNotNew(deployment));
}

/** Restarted before; or deployed in the plain way, before there was anybody to record that it ran. */
function isNotNew({ restart, pinnedDigest }: DeploymentFacts): boolean {
  return pinnedDigest === undefined || (restart !== undefined && restart.cause !== "Created");
}

/** Why nothing of the agent is written, if so. */
export function suspensionOf({ declared, policy }: AgentWorld): string | undefined {
  return policy.suspended ?? declared?.suspended;
}
