import type { FleetWorld } from "../../decide/fleet-world.ts";
import type { Instant } from "../../decide/policy.ts";
import type { AgentWorld } from "../../decide/world.ts";
import type { FleetCache } from "./fleet-cache.ts";
import type { Memory } from "./memory.ts";

/**
 * What the cluster, and the engine's memory, say about one agent now. The same object again while nothing of it changed. An
 * agent that nobody declares and nothing is left of is a world of nothing.
 */
export function observeAgent(cache: FleetCache, memory: Memory, name: string, now: Instant): AgentWorld {
  void cache;
  void memory;
  void now;
  void name;
  throw new Error("not written yet");
}

/** What the cluster, and the engine's memory, say about the fleet now; undefined while there is no valid Fleet. */
export function observeFleet(cache: FleetCache, memory: Memory, now: Instant): FleetWorld | undefined {
  void cache;
  void memory;
  void now;
  throw new Error("not written yet");
}
