import type { FleetAction } from "../action.ts";
import { liveDigest } from "../agent/evidence.ts";
import type { FleetWorld, ImageRevision } from "../fleet-world.ts";
import { previousOf, type ChannelState } from "./revisions.ts";
import type { AgentWorld } from "../world.ts";

/** Revisions kept of each channel for going back, beyond those that are needed: as many as a Deployment keeps. */
const HISTORY_LIMIT = 10;

/**
 * Forgets old revisions. Kept are: what each channel is at and goes back to, what its tag means, what an agent runs, ran, failed on or may get, what the last
 * request marked, every rejected one (its mark keeps the image from being tried again), and the newest others.
 */
export function forgetRevisions(world: FleetWorld, states: readonly ChannelState[]): FleetAction[] {
  // The usual case costs nothing.
  if (states.every(({ revisions }) => revisions.length <= HISTORY_LIMIT)) return [];
  const used = new Set(world.agents.flatMap(digestsOf));
  return states.flatMap((state) => {
    const { revisions, head, target, channel } = state;
    const marked = revisions.filter(({ operation }) => operation !== undefined && operation === world.operation?.id);
    const needed = new Set([head, target, ...marked, ...revisions.filter(({ rejected }) => rejected !== undefined)]);
    const isUsed = ({ digest }: ImageRevision) => used.has(digest) || digest === channel?.resolved?.digest;
    const others = revisions.filter((revision) => !needed.has(revision) && !isUsed(revision)).toSorted((one, other) => other.revision - one.revision);
    return others.slice(HISTORY_LIMIT).filter((revision) => revision !== previousOf(state)).map(({ name }) => ({ type: "forget-revision", name }) as const);
  });
}

/** Images that the agent has to do with. */
function digestsOf(agent: AgentWorld): string[] {
  const { deployment, permit, pods, declared } = agent;
  const digests = [liveDigest(agent), deployment?.previous?.digest, deployment?.failed?.digest, permit?.image.digest, declared?.pinned?.digest];
  return [...digests, ...pods.map(({ digest }) => digest)].filter((digest) => digest !== undefined);
}
