import { liveImage } from "../agent/evidence.ts";
import type { FleetWorld, ImageRevision } from "../fleet-world.ts";
import { needsImage, openRequest } from "../agent/need.ts";
import { activeFreeze, startObstacle } from "../agent/obstacle.ts";
import type { Instant } from "../policy.ts";
import type { PrePulls } from "./pre-pull.ts";
import { planRestart } from "../agent/restart.ts";
import type { Member, Rollout } from "./rollout.ts";
import { isGivenUp, type Surveyed } from "./survey.ts";
import type { AgentWorld, ImageTarget, Permit, RestartNeed } from "../world.ts";

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
  const { candidates, wakeAt } = candidatesOf(world, held, context);
  const permits = new Map<string, Permit>();
  let room = candidates.length === 0 ? 0 : world.policy.maxDisrupted - disrupted(context.agents, held);
  for (const candidate of candidates.sort(byTurn)) {
    const { agent, needs, image } = candidate;
    if (agent.isUp && room <= 0) continue;
    if (needs[0] === "Image" && !context.prePulls.isThere(agent, image)) continue;
    if (agent.isUp) room -= 1;
    permits.set(agent.world.name, permitFor(candidate, context.now));
  }
  return { permits, ...(Number.isFinite(wakeAt) ? { wakeAt } : {}) };
}

interface Candidates {
  readonly candidates: Candidate[];
  /** When to look again; infinite: need not be. */
  readonly wakeAt: Instant;
}

function candidatesOf(world: FleetWorld, held: ReadonlyMap<string, Permit>, { agents, rollouts, now }: GrantContext): Candidates {
  const freeze = activeFreeze(world.policy, now);
  const moves = imageMoves(rollouts);
  const failures = causesOfFailures(agents);
  const candidates: Candidate[] = [];
  let wakeAt = Number.POSITIVE_INFINITY;
  for (const agent of agents) {
    if (agent.needs.secretAt !== undefined) wakeAt = Math.min(wakeAt, agent.needs.secretAt);
    const head = moves.get(agent.world.name)?.head;
    const candidate = mayAsk(agent, { held, head, now }) ? candidateOf(agent, head) : undefined;
    if (!candidate || isBlocked(candidate, failures)) continue;
    if (freeze && agent.isUp) wakeAt = Math.min(wakeAt, freeze.to);
    else candidates.push(candidate);
  }
  return { candidates, wakeAt };
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
    const current = new Set(rollout.current?.members);
    for (const member of rollout.members) if (mayMove(member, current)) moves.set(member.agent.world.name, rollout);
  }
  return moves;
}

/** Its wave has begun; or it is given up on another image, or starts on one that was taken back, and has nothing to lose by a new one. */
function mayMove(member: Member, current: ReadonlySet<Member>): boolean {
  return member.state === "pending" && (current.has(member) || (isGivenUp(member.agent) && !member.agent.isUp));
}

/** Whoever failed after its restart, or starts on an image that was taken back, keeps its permit until something else is to be tried. */
function mayAsk(agent: Surveyed, { held, head, now }: { readonly held: ReadonlyMap<string, Permit>; readonly head: ImageRevision | undefined; readonly now: Instant }): boolean {
  const { world, stage } = agent;
  if (!world.declared || !world.deployment) return false;
  if (!held.has(world.name)) return true;
  return agent.isTakenBack ? head !== undefined : agent.isExecuted && agent.isFailed && !planRestart(world, stage, now).action;
}

function candidateOf(agent: Surveyed, head: ImageRevision | undefined): Candidate | undefined {
  const { world, needs } = agent;
  const next = head ?? pinOf(world);
  const all: readonly RestartNeed[] = next ? ["Image", ...needs.now] : needs.now;
  if (all.length === 0) return undefined;
  const image = next ? targetOf(next) : (liveImage(world) ?? world.target);
  return image && !startObstacle(world, image) ? { agent, needs: all, image, attempt: head?.attempt ?? 0 } : undefined;
}

function pinOf(world: AgentWorld): ImageTarget | undefined {
  const pinned = world.declared?.pinned;
  return pinned && needsImage(world, pinned, 0) ? pinned : undefined;
}

function targetOf({ digest, openclawVersion }: ImageTarget): ImageTarget {
  return openclawVersion === undefined ? { digest } : { digest, openclawVersion };
}

/** Causes whose restart some agent did not survive that was well before, apart from images, which have a budget of their own. */
function causesOfFailures(agents: readonly Surveyed[]): ReadonlyMap<RestartNeed, ReadonlySet<string>> {
  const causes = new Map<RestartNeed, Set<string>>();
  for (const { world, isExecuted, isFailed } of agents) {
    if (!isExecuted || !isFailed || !world.permit || world.permit.cause === "Image" || world.permit.isRemedy) continue;
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
  return restartedAt(one) - restartedAt(other) || (one.world.name < other.world.name ? -1 : 1);
}

function restartedAt({ world }: Surveyed): Instant {
  return world.deployment?.restart?.at ?? 0;
}

function permitFor({ agent, needs, image, attempt }: Candidate, now: Instant): Permit {
  const [cause = "Requested", ...also] = needs;
  const request = needs.includes("Requested") ? `${openRequest(agent.world)?.id ?? ""}.` : "";
  // The resource version tells this permit from any earlier one of the agent, even if clocks were set back.
  const id = `${request}${now.toString(36)}-${agent.world.deployment?.resourceVersion ?? "0"}`;
  return { id, cause, also, grantedAt: now, image, attempt: cause === "Image" ? attempt : 0, ...(agent.isUp ? {} : { isExtra: true }), ...(isGivenUp(agent) ? { isRemedy: true } : {}) };
}
