import { renderAgent } from "../render/agent.ts";
import { renderFleet } from "../render/fleet.ts";
import { FrotaError } from "../spec/error.ts";
import type { FleetSource } from "../spec/repository.ts";
import { suggestName } from "../spec/suggestion.ts";
import type { DeclaredFleet } from "./declared-fleet.ts";

/**
 * Renders a fleet, or only the named agents of it. Throws FrotaError AGENT_UNKNOWN (usage) for a name that the
 * repository does not have.
 */
export function declareFleet({ fleet, agents }: FleetSource, names: readonly string[] = []): DeclaredFleet {
  const known = agents.map(({ agent }) => agent.metadata.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new FrotaError({
      code: "AGENT_UNKNOWN",
      message: `the fleet repository has no agent ${unknown}`,
      next: suggestName(unknown, known),
      outcome: "usage",
    });
  }
  const chosen = names.length === 0 ? agents : agents.filter(({ agent }) => names.includes(agent.metadata.name));
  return {
    name: fleet.metadata.name,
    namespace: fleet.metadata.namespace,
    objects: renderFleet(fleet),
    agents: chosen.map((source) => ({
      name: source.agent.metadata.name,
      objects: renderAgent(fleet, source),
      secretPath: `${fleet.spec.vault.path}/${source.agent.metadata.name}`,
      requiredSecrets: source.agent.spec.secrets.required,
    })),
    isWhole: names.length === 0,
  };
}
