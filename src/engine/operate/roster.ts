import type { Instant } from "../../decide/policy.ts";
import { removalHold, type Roster } from "../../decide/removal.ts";
import type { AgentWorld } from "../../decide/world.ts";
import { OPERATED } from "./annotations.ts";
import type { FleetCache } from "./fleet-cache.ts";
import type { Memory } from "./memory.ts";
import { present } from "./present.ts";

interface RosterMemo {
  readonly names: readonly string[];
  readonly fleetVersion: number;
  readonly roster: Roster;
  readonly removals: ReadonlyMap<string, NonNullable<AgentWorld["removal"]>>;
}

const memos = new WeakMap<FleetCache, RosterMemo>();

/** Who is declared, and what runs besides. The same object again while nothing of it changed. */
export function rosterOf(cache: FleetCache, memory: Memory, now: Instant): Roster {
  return memoOf(cache, memory, now).roster;
}

/** Of an agent that is not declared, what its removal depends on. */
export function removalOf(cache: FleetCache, memory: Memory, agent: string, now: Instant): AgentWorld["removal"] {
  return memoOf(cache, memory, now).removals.get(agent);
}

function memoOf(cache: FleetCache, memory: Memory, now: Instant): RosterMemo {
  const names = cache.agentNames();
  const { fleetVersion } = cache;
  const known = memos.get(cache);
  if (known?.names === names && known.fleetVersion === fleetVersion) return known;
  const orphans = names.length === cache.agentCount ? [] : findOrphans(cache, memory, names, now);
  memory.undeclared.clear();
  for (const { name, noticedAt } of orphans) memory.undeclared.set(name, noticedAt);
  const roster = { declared: cache.agentCount, orphans, ...present({ definition: cache.definition(), recorded: recordedDefinition(cache) }) };
  const hold = present({ hold: removalHold(roster) });
  const memo = { names, fleetVersion, roster, removals: new Map(orphans.map(({ name, noticedAt }) => [name, { noticedAt, ...hold }])) };
  memos.set(cache, memo);
  return memo;
}

function findOrphans(cache: FleetCache, memory: Memory, names: readonly string[], now: Instant): Roster["orphans"] {
  const undeclared = names.filter((name) => !cache.agent(name));
  return undeclared.map((name) => ({ name, isRunning: cache.deployment(name) !== undefined, noticedAt: memory.undeclared.get(name) ?? now }));
}

/** `uid` of the definition that is on record. */
export function recordedDefinition(cache: FleetCache): string | undefined {
  return cache.ledger()?.metadata.annotations?.[OPERATED.agentDefinition];
}
