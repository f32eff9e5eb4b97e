import { FrotaError } from "../../spec/error.ts";
import { AGENT_KIND } from "./resource-kinds.ts";

/** The failure of waiting for agents that a freeze or a suspension keeps as they are, in words by agent: AGENTS_HELD, outcome `held`. */
export function agentsHeld(held: ReadonlyMap<string, string>): FrotaError {
  const [first = ""] = held.keys();
  return new FrotaError({
    code: "AGENTS_HELD",
    message: `the controller has it all, and may not do this now:\n  ${Array.from(held, ([name, words]) => `${name}: ${words}`).join("\n  ")}`,
    where: { ...AGENT_KIND, name: first },
    next: `after a freeze the controller goes on by itself, \`frota freeze --end\` ends one that was asked for; what is suspended goes on after \`frota resume ${first}\` (\`--all\`: the fleet), or where Git says \`suspend\``,
    outcome: "held",
  });
}
