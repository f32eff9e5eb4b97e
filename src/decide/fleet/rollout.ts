import type { ImageRevision } from "../fleet-world.ts";
import { hasFailedOn } from "../agent/need.ts";
import { startObstacle } from "../agent/obstacle.ts";
import type { FleetPolicy } from "../policy.ts";
import type { ChannelState } from "./revisions.ts";
import type { Surveyed } from "./survey.ts";
import type { Permit } from "../world.ts";

/** Where one agent is in a rollout. `left-out`: it cannot be moved now, and nobody waits for it. */
type MemberState = "done" | "moving" | "pending" | "failed" | "left-out";

/** An agent of a channel. */
export interface Member {
  readonly agent: Surveyed;
  readonly state: MemberState;
  /** Why it failed, or is left out; without words it is only not there yet. */
  readonly words?: string;
}

/** A wave: it begins when all earlier ones are over. */
export interface Wave {
  readonly name: string;
  readonly members: readonly Member[];
}

/** The rollout of a channel's head. */
export interface Rollout {
  readonly state: ChannelState;
  readonly head: ImageRevision;
  readonly members: readonly Member[];
  readonly waves: readonly Wave[];
  /** The first that is not over. */
  readonly current?: Wave;
  readonly failures: readonly Member[];
  readonly isComplete: boolean;
  /** More agents failed than the budget allows, or that was so once. */
  readonly isHalted: boolean;
}

/** The rollout of a channel, as far as its agents have got. Undefined while nobody knows an image. */
export function rolloutOf(state: ChannelState, agents: readonly Surveyed[], policy: FleetPolicy): Rollout | undefined {
  const { head } = state;
  if (!head) return undefined;
  const members = agents.filter(({ world }) => world.declared?.channel === state.tag && !world.declared.pinned).map((agent) => memberOf(agent, head));
  const waves = wavesOf(members, policy);
  const current = waves.find((wave) => wave.members.some(isOpen));
  const failures = members.filter((member) => member.state === "failed");
  return {
    state,
    head,
    members,
    waves,
    failures,
    isComplete: current === undefined,
    isHalted: head.rejected === "failed" || failures.length > policy.failureBudget,
    ...(current ? { current } : {}),
  };
}

/** The waves of these agents: canaries first, then batches of as many as may be disrupted at once. */
function wavesOf(members: readonly Member[], { canaries, maxDisrupted }: FleetPolicy): Wave[] {
  const first = new Set(canaries);
  const early = first.size === 0 ? [] : members.filter(({ agent }) => first.has(agent.world.name));
  const rest = early.length === 0 ? members : members.filter(({ agent }) => !first.has(agent.world.name));
  const waves: Wave[] = early.length === 0 ? [] : [{ name: "canary", members: early }];
  const size = Math.max(1, Math.floor(maxDisrupted));
  for (let index = 0; index < rest.length; index += size) waves.push({ name: `wave ${index / size + 1}`, members: rest.slice(index, index + size) });
  return waves;
}

/** Somebody still waits for it. */
export function isOpen({ state }: Member): boolean {
  return state === "pending" || state === "moving";
}

function memberOf(agent: Surveyed, head: ImageRevision): Member {
  const { world, live, stage } = agent;
  const isForHead = isPermitFor(world.permit, head);
  if (isForHead && agent.isExecuted && agent.isFailed) return { agent, state: "failed", words: stage.message };
  if (hasFailedOn(world, head, head.attempt)) return { agent, state: "failed", words: failureWords(agent) };
  if (isForHead) return { agent, state: "moving" };
  return live === head.digest ? { agent, state: "done" } : outsider(agent, head);
}

function isPermitFor(permit: Permit | undefined, head: ImageRevision): boolean {
  return permit?.cause === "Image" && permit.image.digest === head.digest && permit.attempt === head.attempt;
}

/** An agent that runs something else. */
function outsider(agent: Surveyed, head: ImageRevision): Member {
  // It is about to be made, on that very image.
  if (!agent.world.deployment) return { agent, state: "left-out" };
  if (agent.live === undefined) return { agent, state: "left-out", words: "nothing says which image it runs" };
  const obstacle = startObstacle(agent.world, head);
  return obstacle ? { agent, state: "left-out", words: obstacle.message } : { agent, state: "pending" };
}

function failureWords({ world }: Surveyed): string {
  const detail = world.deployment?.restart?.cause === "Rollback" ? world.deployment.restart.detail : undefined;
  const known = world.previous?.restarts.findLast(({ cause }) => cause === "Rollback")?.detail;
  return detail ?? known ?? "it went back to its previous image";
}
