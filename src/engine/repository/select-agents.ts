import { FrotaError } from "../../spec/error.ts";
import type { AgentSource } from "../../spec/repository.ts";
import { suggestName } from "../../spec/suggestion.ts";

/** The agents of these names, each once and in the names' order; all of them when none is named. Throws AGENT_UNKNOWN (usage). */
export function selectAgents(agents: readonly AgentSource[], names: readonly string[]): readonly AgentSource[] {
  if (names.length === 0) return agents;
  const byName = new Map(agents.map((source) => [source.agent.metadata.name, source]));
  return [...new Set(names)].map((name) => {
    const found = byName.get(name);
    if (found) return found;
    throw unknownAgent(name, [...byName.keys()]);
  });
}

/** AGENT_UNKNOWN for a name that is not among those of the fleet repository, with the nearest of them. */
export function unknownAgent(name: string, known: readonly string[]): FrotaError {
  return new FrotaError({
    code: "AGENT_UNKNOWN",
    message: `the fleet repository has no agent ${name}`,
    next: known.length === 0 ? "it has none yet: `frota new NAME` adds one" : suggestName(name, known).replace("allowed here:", "its agents:"),
    outcome: "usage",
  });
}
