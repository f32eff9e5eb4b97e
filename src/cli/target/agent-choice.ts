import { chosenAgents, namesAndSelector, readFleetWorld } from "../../engine/status/fleet-report.ts";
import { FrotaError } from "../../spec/error.ts";
import type { LabelSelector } from "../../spec/label-selector.ts";
import type { NamespaceTarget } from "./namespace-target.ts";

/** The ways to say which agents a command changes. */
export interface ChoiceFlags {
  readonly all: boolean;
  readonly selector?: LabelSelector;
}

/** Throws AGENTS_NOT_NAMED (usage) unless agents are chosen in exactly one way: nothing is done to all by accident. */
export function requireChoice(verb: string, { all, selector }: ChoiceFlags, names: readonly string[]): void {
  const ways = [all, selector !== undefined, names.length > 0].filter(Boolean).length;
  if (ways === 1) return;
  throw new FrotaError({
    code: "AGENTS_NOT_NAMED",
    message: ways > 1 ? `the agents to ${verb} are chosen in more than one way` : `name the agents to ${verb}, or select them with -l, or give --all`,
    next: ways > 1 ? "either names, or -l, or --all" : `frota ${verb} clovis`,
    outcome: "usage",
  });
}

/** Whose logs or events are shown: the named, or the selected; nobody where neither is given. Throws AGENTS_NOT_NAMED for both, AGENT_UNKNOWN. */
export async function shownAgents(target: NamespaceTarget, selector: LabelSelector | undefined, names: readonly string[]): Promise<readonly string[]> {
  if (selector === undefined) return names;
  if (names.length > 0) throw namesAndSelector();
  return selectedAgents(target, selector);
}

/** The agents of a namespace that are selected, or all of them without a selector. Throws AGENT_UNKNOWN (usage) where nobody is. */
export async function selectedAgents({ cluster, namespace, declared }: NamespaceTarget, selector: LabelSelector | undefined): Promise<readonly string[]> {
  const found = chosenAgents(await readFleetWorld(cluster, { namespace, declared: [] }, new Date()), { names: [], selector });
  if (found.length > 0) return found;
  throw new FrotaError({
    code: "AGENT_UNKNOWN",
    message: emptyText({ namespace }, selector),
    next: declared.length > 0 ? "`frota status` lists the agents; `frota apply` creates those of the repository" : "`frota status` lists the agents",
    outcome: "usage",
  });
}

/** Why nothing is listed, in words. */
export function emptyText({ namespace }: { readonly namespace: string }, selector: LabelSelector | undefined): string {
  if (selector !== undefined) return `no agent of namespace ${namespace} has labels ${selector.text}`;
  return `namespace ${namespace} has no agents; \`frota apply\` creates them`;
}
