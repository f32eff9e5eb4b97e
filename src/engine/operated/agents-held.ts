import { FrotaError } from "../../spec/error.ts";
import type { Hold } from "./hold.ts";
import { AGENT_KIND } from "../operate/resource-kinds.ts";

/** The failure of waiting for agents that a freeze, a suspension or what a Secret lacks keeps as they are, by agent: AGENTS_HELD, outcome `held`. */
export function agentsHeld(held: ReadonlyMap<string, Hold>): FrotaError {
  const [first = ""] = held.keys();
  const ends = [...new Set(Array.from(held.values(), ({ next }) => next))];
  return new FrotaError({
    code: "AGENTS_HELD",
    message: `the controller has it all, and may not do this now:\n  ${Array.from(held, ([name, { words }]) => `${name}: ${words}`).join("\n  ")}`,
    where: { ...AGENT_KIND, name: first },
    next: `the controller goes on by itself when that is over: ${ends.slice(0, MAX_ENDS).join("; ")}`,
    outcome: "held",
  });
}

/** Ways out that are told: hundreds of agents may each be suspended. */
const MAX_ENDS = 4;
