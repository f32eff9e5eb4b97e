import { renderAgent } from "../../render/agent.ts";
import { renderFleet } from "../../render/fleet.ts";
import type { FleetSource } from "../../spec/repository.ts";
import type { DeclaredFleet } from "./declared-fleet.ts";
import { selectAgents } from "../repository/select-agents.ts";

/**
 * Renders a fleet, or only the named agents of it. Throws FrotaError AGENT_UNKNOWN (usage) for a name that the
 * repository does not have.
 */
export function declareFleet({ fleet, agents }: FleetSource, names: readonly string[] = []): DeclaredFleet {
  const chosen = selectAgents(agents, names);
  return {
    name: fleet.metadata.name,
    namespace: fleet.metadata.namespace,
    objects: renderFleet(fleet),
    agents: chosen.map((source) => ({
      name: source.agent.metadata.name,
      objects: renderAgent(fleet, source),
      secretPath: `${fleet.spec.vault.path}/${source.agent.metadata.name}`,
      requiredSecrets: source.agent.spec.secrets.required,
      // The kubelet swaps the file that a locked agent reads.
      delivery: source.agent.spec.configuration.mode === "locked" ? "live" : "start",
    })),
    isWhole: chosen.length === agents.length,
  };
}
