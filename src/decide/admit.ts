import type { FleetDecision } from "./action.ts";
import type { FleetWorld } from "./fleet-world.ts";
import type { Instant } from "./policy.ts";

/**
 * Who may be disrupted now, how images roll out, and the fleet's whole status. Total. An agent is disrupted only with an
 * entry in the ledger as it was read back from the cluster.
 */
export function admit(world: FleetWorld, now: Instant): FleetDecision {
  void now;
  return {
    actions: [],
    targets: new Map(),
    status: {
      observedGeneration: world.generation,
      conditions: [],
      agents: { total: world.agents.length, ready: 0, disrupted: world.ledger.permits.size },
      rollouts: [],
      disruptions: [],
    },
  };
}
