import { permitObstacle } from "../agent/obstacle.ts";
import type { Instant } from "../policy.ts";
import type { Rollout } from "./rollout.ts";
import type { Surveyed } from "./survey.ts";
import type { FleetWorld } from "../fleet-world.ts";
import type { Permit } from "../world.ts";

/** A permit that was taken back stays in the ledger for so long: an engine that lost its Lease stops acting in less. */
const WITHDRAWAL_GRACE = 30_000;

/** The ledger as it should be, before anything is granted. */
export interface Cleared {
  readonly permits: Map<string, Permit>;
  readonly isChanged: boolean;
  /** A grace is over then. */
  readonly wakeAt?: Instant;
}

/** Gives up the permits of agents that are settled, and takes back those that nobody may act on any more. */
export function clearLedger(world: FleetWorld, { agents, rollouts, now }: { readonly agents: readonly Surveyed[]; readonly rollouts: readonly Rollout[]; readonly now: Instant }): Cleared {
  const permits = new Map<string, Permit>();
  if (world.ledger.permits.size === 0) return { permits, isChanged: false };
  const holders = new Map(agents.filter(({ world: { permit } }) => permit).map((agent) => [agent.world.name, agent]));
  let isChanged = false;
  let wakeAt = Number.POSITIVE_INFINITY;
  for (const [name, permit] of world.ledger.permits) {
    const next = nextPermit(permit, holders.get(name), { rollouts, now });
    if (next !== permit) isChanged = true;
    if (next) permits.set(name, next);
    if (next?.withdrawnAt !== undefined) wakeAt = Math.min(wakeAt, next.withdrawnAt + WITHDRAWAL_GRACE);
  }
  return { permits, isChanged, ...(Number.isFinite(wakeAt) ? { wakeAt } : {}) };
}

function nextPermit(permit: Permit, agent: Surveyed | undefined, context: { readonly rollouts: readonly Rollout[]; readonly now: Instant }): Permit | undefined {
  if (agent?.isExecuted && agent.world.permit?.id === permit.id) return isOver(agent) ? undefined : permit;
  if (permit.withdrawnAt !== undefined) return Math.abs(context.now - permit.withdrawnAt) >= WITHDRAWAL_GRACE ? undefined : permit;
  return agent && isStanding(agent, permit, context) ? permit : { ...permit, withdrawnAt: context.now };
}

function isStanding({ world, isUp }: Surveyed, permit: Permit, { rollouts, now }: { readonly rollouts: readonly Rollout[]; readonly now: Instant }): boolean {
  const { declared } = world;
  const rollout = declared?.pinned ? undefined : rollouts.find(({ state }) => state.tag === declared?.channel);
  if (!declared || permitObstacle(world, permit, now, rollout?.state.target ?? world.target)) return false;
  return !isUp || permit.cause !== "Image" || !rollout || !isStopped(rollout);
}

/** It was paused or halted before the permit was acted on. */
function isStopped({ isHalted, state }: Rollout): boolean {
  return isHalted || state.isPaused;
}

function isOver({ world, stage }: Surveyed): boolean {
  return !world.declared || stage.name === "settled";
}
