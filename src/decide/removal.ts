import type { AgentDecision } from "./action.ts";
import type { Instant } from "./policy.ts";
import type { AgentWorld } from "./world.ts";
import { enumerate } from "./words.ts";

/** CustomResourceDefinition agents.frota.dev: deleting it deletes every Agent, without anybody having wanted that. */
export interface AgentDefinition {
  readonly uid: string;
  readonly isTerminating: boolean;
}

/** Who is declared, and what runs besides. */
export interface Roster {
  /** Absent: there is none. */
  readonly definition?: AgentDefinition;
  /** `uid` of the definition under which everything that ran was last declared, as it is on record in the ledger. */
  readonly recorded?: string;
  /** How many Agents are declared. */
  readonly declared: number;
  /** What a controller made and nobody declares, by agent, in the order of their names. */
  readonly orphans: readonly Orphan[];
}

/** Something that is left of an agent which nobody declares. */
interface Orphan {
  readonly name: string;
  /** It has a Deployment. */
  readonly isRunning: boolean;
  /** When that was noticed. */
  readonly noticedAt: Instant;
}

/** An Agent that is gone for a moment only (replaced, restored) takes nothing down: milliseconds until it counts as deleted. */
export const REMOVAL_GRACE = 5_000;
/** Milliseconds until a held removal is looked at again, should no watch tell. */
const LOOK = 30_000;

/**
 * Why what runs of undeclared agents is not removed, in words; undefined where their deletion counts as a wish. All Agents at once are
 * hardly ever one, and whoever deletes their definition, and even makes it again, has said nothing about agents.
 */
export function removalHold({ definition, recorded, declared, orphans }: Roster): string | undefined {
  if (orphans.length === 0) return undefined;
  if (!definition) return "the definition agents.frota.dev is not there";
  if (definition.isTerminating) return "the definition agents.frota.dev is being deleted";
  if (definition.uid !== recorded) return "the definition agents.frota.dev is a new one, and not all that runs was declared since";
  const running = orphans.filter(({ isRunning }) => isRunning).length;
  return declared === 0 && running > 1 ? `not one Agent is declared, but ${running} run` : undefined;
}

/** `uid` of the definition, when it is to be put on record: everything that runs is declared under it. */
export function definitionToRecord({ definition, recorded, orphans }: Roster): string | undefined {
  const isWhole = definition !== undefined && !definition.isTerminating && orphans.length === 0;
  return isWhole && definition.uid !== recorded ? definition.uid : undefined;
}

/** What is held, and how to go on; undefined while nothing is, or only for a moment. */
export function heldRemovals(roster: Roster | undefined, now: Instant): { readonly agents: number; readonly message: string } | undefined {
  const hold = roster && removalHold(roster);
  if (!roster || hold === undefined || now < (graceEnd(roster) ?? 0)) return undefined;
  const names = enumerate(roster.orphans.map(({ name }) => name));
  const message = `${names} run without being declared, and are not removed: ${hold}; apply the fleet again, or remove each on purpose with \`frota delete NAME\``;
  return { agents: roster.orphans.length, message };
}

/** From when on a hold is told of. */
export function graceEnd({ orphans }: Roster): Instant | undefined {
  let first: Instant | undefined;
  for (const { noticedAt } of orphans) if (first === undefined || noticedAt < first) first = noticedAt;
  return first === undefined ? undefined : first + REMOVAL_GRACE;
}

/** What becomes of an agent that nobody declares. */
export function decideRemoval({ policy, removal }: AgentWorld, now: Instant): AgentDecision {
  if (policy.suspended !== undefined) return { actions: [] };
  if (!removal) return { actions: [{ type: "remove" }] };
  if (removal.hold !== undefined) return { actions: [], wakeAt: now + LOOK };
  const end = removal.noticedAt + REMOVAL_GRACE;
  // A clock that was set back must not make it wait for long.
  return now < end && now >= removal.noticedAt ? { actions: [], wakeAt: end } : { actions: [{ type: "remove" }] };
}
