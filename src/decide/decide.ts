import type { AgentDecision } from "./action.ts";
import type { Instant } from "./policy.ts";
import type { AgentWorld } from "./world.ts";

/**
 * What the engine does next for one agent, and its whole status. Total: any world gives an answer. It needs no memory of
 * earlier decisions: a crash between any two actions is resumed from what can be observed.
 */
export function decide(world: AgentWorld, now: Instant): AgentDecision {
  void world;
  void now;
  return { actions: [] };
}
