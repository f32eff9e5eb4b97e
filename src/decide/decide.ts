import type { AgentDecision } from "./action.ts";
import { agentActions, announcements } from "./agent/agent-actions.ts";
import { agentStatus } from "./agent/agent-status.ts";
import { assess } from "./agent/assessment.ts";
import type { Instant } from "./policy.ts";
import { decideRemoval } from "./removal.ts";
import type { AgentWorld } from "./world.ts";

/**
 * What the engine does next for one agent, and its whole status. Total: any world gives an answer. It needs no memory of
 * earlier decisions: a crash between any two actions is resumed from what can be observed.
 */
export function decide(world: AgentWorld, now: Instant): AgentDecision {
  if (!world.declared) return decideRemoval(world, now);
  const assessment = assess(world, now);
  const status = agentStatus(assessment);
  const { actions, wakeAt } = agentActions(assessment);
  const events = announcements(assessment, status);
  return {
    actions: events.length === 0 ? actions : [...actions, ...events],
    status,
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
}
