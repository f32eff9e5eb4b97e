import { isBeingTried, isExecuted, liveDigest } from "../agent/evidence.ts";
import type { FleetWorld, ImageRevision } from "../fleet-world.ts";
import { needsOf, type Needs } from "../agent/need.ts";
import { isDown, isUp } from "../agent/obstacle.ts";
import type { Instant } from "../policy.ts";
import { wasTakenBack } from "./revisions.ts";
import { stageOf, type Stage } from "../agent/stage.ts";
import type { AgentWorld } from "../world.ts";

/** What the fleet needs to know about one agent. */
export interface Surveyed {
  readonly world: AgentWorld;
  readonly stage: Stage;
  readonly needs: Needs;
  readonly live: string | undefined;
  readonly isUp: boolean;
  readonly isDown: boolean;
  /** It holds a permit and has acted on it. */
  readonly isExecuted: boolean;
  /** Its first start, or what it was restarted for, did not go well. */
  readonly isFailed: boolean;
  /** It starts on an image that somebody took back meanwhile: it goes back without being waited for. */
  readonly isTakenBack: boolean;
}

/** It has nothing to lose by another restart. */
export function isGivenUp(agent: Surveyed): boolean {
  return agent.isFailed || agent.isTakenBack;
}

/** Looks at each agent once, in the order of their names. */
export function survey(world: FleetWorld, now: Instant): Surveyed[] {
  return inOrder(world.agents).map((agent) => {
    const stage = stageOf(agent, now);
    return {
      world: agent,
      stage,
      needs: needsOf(agent, now),
      live: liveDigest(agent),
      isUp: isUp(agent),
      isDown: isDown(agent, stage),
      isExecuted: isExecuted(agent),
      isFailed: stage.name === "failed",
      isTakenBack: stage.name === "starting" && isTakenBack(agent, world.revisions),
    };
  });
}

function isTakenBack(agent: AgentWorld, revisions: readonly ImageRevision[]): boolean {
  if (!isBeingTried(agent) || agent.declared?.pinned) return false;
  return revisions.some((revision) => revision.digest === agent.permit?.image.digest && wasTakenBack(revision));
}

function inOrder(agents: readonly AgentWorld[]): readonly AgentWorld[] {
  for (let index = 1; index < agents.length; index += 1) {
    if ((agents[index - 1]?.name ?? "") > (agents[index]?.name ?? "")) return agents.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }
  return agents;
}
