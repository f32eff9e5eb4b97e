import { liveImage } from "./evidence.ts";
import type { FleetWorld } from "./fleet-world.ts";
import { needsImage, openRequest } from "./need.ts";
import { activeFreeze, startObstacle } from "./obstacle.ts";
import type { Instant } from "./policy.ts";
import type { PrePulls } from "./pre-pull.ts";
import { planRestart } from "./restart.ts";
import type { Rollout } from "./rollout.ts";
import type { Surveyed } from "./survey.ts";
import { RESTART_NEEDS, type ImageTarget, type Permit, type RestartNeed } from "./world.ts";

/** A restart that an agent wants and may have as soon as there is room. */
interface Candidate {
  readonly agent: Surveyed;
  readonly needs: readonly RestartNeed[];
  readonly image: ImageTarget;
  readonly attempt: number;
}

/** What grants are decided on. */
export interface GrantContext {
  readonly agents: readonly Surveyed[];
  readonly rollouts: readonly Rollout[];
  readonly prePulls: PrePulls;
  readonly now: Instant;
}

/** New permits by agent, and when to look again. */
export interface Grants {
  readonly permits: ReadonlyMap<string, Permit>;
  readonly wakeAt?: Instant;
}

/** Grants what there is room for, to those first whose last restart is longest ago. `held` are the permits that stand. */
export function grantPermits(world: FleetWorld, held: ReadonlyMap<string, Permit>, context: GrantContext): Grants {
  const { agents, now } = context;
  const permits = new Map<string, Permit>();
  const freeze = activeFreeze(world.policy, now);
  let wakeAt = Number.POSITIVE_INFINITY;
  const candidates: Candidate[] = [];
  const moves = imageMoves(context.rollouts);
  const failedCauses = causesOfFailures(agents);
  for (const agent of agents) {
    if (agent.needs.secretAt !== undefined) wakeAt = Math.min(wakeAt, agent.needs.secretAt);
    const candidate = candidateOf(agent, moves, held, now);
    if (!candidate || isBlocked(candidate, failedCauses)) continue;
    if (freeze && agent.isUp) wakeAt = Math.min(wakeAt, freeze.to);
    else candidates.push(candidate);
  }
  let room = candidates.length === 0 ? 0 : world.policy.maxDisrupted - disrupted(agents, held);
  for (const candidate of candidates.sort(byTurn)) {
    const { agent, needs, image } = candidate;
    if (agent.isUp && room <= 0) continue;
    if (needs[0] === "Image" && !context.prePulls.isThere(agent, image)) continue;
    if (agent.isUp) room -= 1;
    permits.set(agent.world.name, permitFor(candidate, now));
  }
  return { permits, ...(Number.isFinite(wakeAt) ? { wakeAt } : {}) };
}

/** Agents that are down, or may be taken down at any moment. */
function disrupted(agents: readonly Surveyed[], held: ReadonlyMap<string, Permit>): number {
  let count = held.size;
  for (const { world, isDown } of agents) if (isDown && !held.has(world.name)) count += 1;
  return count;
}

/** The rollout that each agent may follow now. */
function imageMoves(rollouts: readonly Rollout[]): Map<string, Rollout> {
  const moves = new Map<string, Rollout>();
  for (const rollout of rollouts) {
    if (rollout.isHalted || rollout.state.isPaused) continue;
    for (const { agent, state } of rollout.current?.members ?? []) if (state === "pending") moves.set(agent.world.name, rollout);
    // Who is given up on another image has nothing to lose by a new one.
    for (const { agent, state } of rollout.isComplete ? [] : rollout.members) if (state === "pending" && agent.isFailed && !agent.isUp) moves.set(agent.world.name, rollout);
  }
  return moves;
}

function candidateOf(agent: Surveyed, moves: ReadonlyMap<string, Rollout>, held: ReadonlyMap<string, Permit>, now: Instant): Candidate | undefined {
  const { world, needs } = agent;
  const { declared, deployment, name } = world;
  if (!declared || !deployment) return undefined;
  // Whoever failed after its restart keeps its place until something else is to be tried.
  if (held.has(name) && !(agent.isExecuted && agent.isFailed && !planRestart(world, agent.stage, now).action)) return undefined;
  const rollout = moves.get(name);
  const pin = declared.pinned && needsImage(world, declared.pinned, 0) ? declared.pinned : undefined;
  const next = rollout?.head ?? pin;
  if (!next && needs.now.length === 0) return undefined;
  const image = next ? targetOf(next) : (liveImage(world) ?? world.target);
  if (!image || startObstacle(world, image)) return undefined;
  return { agent, needs: next ? RESTART_NEEDS.filter((need) => need === "Image" || needs.now.includes(need)) : needs.now, image, attempt: rollout?.head.attempt ?? 0 };
}

function targetOf({ digest, openclawVersion }: ImageTarget): ImageTarget {
  return openclawVersion === undefined ? { digest } : { digest, openclawVersion };
}

/** Causes whose restart some agent did not survive, apart from images, which have a budget of their own. */
function causesOfFailures(agents: readonly Surveyed[]): ReadonlyMap<RestartNeed, ReadonlySet<string>> {
  const causes = new Map<RestartNeed, Set<string>>();
  for (const { world, isExecuted, isFailed } of agents) {
    if (!isExecuted || !isFailed || !world.permit || world.permit.cause === "Image") continue;
    for (const cause of [world.permit.cause, ...world.permit.also]) causes.set(cause, (causes.get(cause) ?? new Set()).add(world.name));
  }
  return causes;
}

function isBlocked({ agent, needs }: Candidate, failures: ReadonlyMap<RestartNeed, ReadonlySet<string>>): boolean {
  return failures.size > 0 && !(agent.isExecuted && agent.isFailed) && needs.some((need) => failures.has(need));
}

/** Who is down first; then whoever was not restarted for longest; then by name. */
function byTurn({ agent: one }: Candidate, { agent: other }: Candidate): number {
  if (one.isUp !== other.isUp) return one.isUp ? 1 : -1;
  const [last, otherLast] = [one.world.deployment?.restart?.at ?? 0, other.world.deployment?.restart?.at ?? 0];
  return last - otherLast || (one.world.name < other.world.name ? -1 : 1);
}

function permitFor({ agent, needs, image, attempt }: Candidate, now: Instant): Permit {
  const [cause = "Requested", ...also] = needs;
  const request = needs.includes("Requested") ? `${openRequest(agent.world)?.id ?? ""}.` : "";
  // The resource version tells this permit from any earlier one of the agent, even if clocks were set back.
  const id = `${request}${now.toString(36)}-${agent.world.deployment?.resourceVersion ?? "0"}`;
  return { id, cause, also, grantedAt: now, image, attempt: cause === "Image" ? attempt : 0, ...(agent.isUp ? {} : { isExtra: true }) };
}
