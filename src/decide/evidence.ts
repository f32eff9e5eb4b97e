import type { AgentStatus } from "./status.ts";
import type { AgentWorld, ImageTarget, PodFacts } from "./world.ts";

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

/** What the agent runs, or is meant to run by its Deployment. Undefined while a template names a tag and no pod says more. */
export function liveDigest({ deployment, pods }: AgentWorld): string | undefined {
  return deployment?.pinnedDigest ?? (deployment ? mainPod(pods)?.digest : undefined);
}

/** {@link liveDigest} with the OpenClaw that it has, as far as that is known. */
export function liveImage(world: AgentWorld): ImageTarget | undefined {
  const digest = liveDigest(world);
  if (digest === undefined) return undefined;
  const { target, permit, deployment, previous, state } = world;
  const known = [target, permit?.image, deployment?.previous, previous?.image].find((image) => image?.digest === digest);
  // What was ready on the state last is what runs, unless it is known better.
  const openclawVersion = known ? known.openclawVersion : state.openclawVersion;
  return { digest, ...(openclawVersion === undefined ? {} : { openclawVersion }) };
}

/** The agent ran before: being down is a loss, not a first start. */
export function hasRun({ state, deployment, previous }: AgentWorld): boolean {
  if (state.openclawVersion !== undefined || (previous?.restarts.length ?? 0) > 1) return true;
  const cause = deployment?.restart?.cause;
  return deployment !== undefined && (!state.needsRecord || (cause !== undefined && cause !== "Created"));
}

/** Why nothing of the agent is written, if so. */
export function suspensionOf({ declared, policy }: AgentWorld): string | undefined {
  return policy.suspended ?? declared?.suspended;
}
