import { isDeepStrictEqual } from "node:util";
import type { AgentStatus } from "../../engine/status/agent-status.ts";
import type { FleetReport } from "../../engine/status/fleet-report.ts";
import { fleetText } from "./rollout-text.ts";
import { standstillText } from "./standstill-text.ts";
import { withoutFreeze } from "./status-text.ts";

const plain = (_style: unknown, text: string): string => text;

/** Agents that are not as they were: new ones as well, not those that are gone. */
export function changedAgents(before: FleetReport | undefined, { agents }: FleetReport): AgentStatus[] {
  const old = new Map(before?.agents.map((agent) => [agent.name, agent]));
  return agents.filter((agent) => !isDeepStrictEqual(withoutTimes(agent), withoutTimes(old.get(agent.name))));
}

/** External Secrets refreshes every minute; that is no news. */
function withoutTimes(agent: AgentStatus | undefined): unknown {
  if (!agent) return undefined;
  const { refreshedAt: _refreshedAt, ...secrets } = agent.secrets;
  return { ...agent, secrets };
}

/** What changed from one report to the next, a line each. */
export function changeLines(before: FleetReport, after: FleetReport, now: Date): string[] {
  const old = new Map(before.agents.map((agent) => [agent.name, agent]));
  const present = new Set(after.agents.map(({ name }) => name));
  return [
    ...fleetLines(before, after, now),
    ...changedAgents(before, after).flatMap((agent) => agentLine(old.get(agent.name), agent)),
    ...before.agents.filter(({ name }) => !present.has(name)).map(({ name }) => `${name}: gone`),
  ];
}

function agentLine(before: AgentStatus | undefined, after: AgentStatus): string[] {
  const [problem] = after.problems;
  const isNews = problem !== undefined && problem.message !== before?.problems[0]?.message;
  const words = [...movedFields(before, after), ...(isNews ? [problem.message] : [])];
  return words.length === 0 ? [] : [`${after.name}: ${words.join(", ")}`];
}

const FIELDS: readonly (readonly [title: string, value: (agent: AgentStatus) => string])[] = [
  ["", ({ state, isReady }) => (isReady || state !== "Ready" ? state : "not Ready")],
  ["image ", ({ image }) => [image.openclawVersion, image.digest?.slice("sha256:".length, "sha256:".length + 12)].filter((part) => part !== undefined).join(" ")],
  ["restarts ", ({ restarts }) => String(restarts)],
  ["secrets ", ({ secrets }) => (secrets.isSynced ? "synced" : (secrets.reason ?? ""))],
  ["pod ", ({ pod }) => pod?.name ?? ""],
];

function movedFields(before: AgentStatus | undefined, after: AgentStatus): string[] {
  return FIELDS.flatMap(([title, value]) => {
    const [was, is] = [before && value(before), value(after)];
    if (was === is || (was === undefined && is === "")) return [];
    return [was ? `${title}${was} -> ${is || "none"}` : `${title}${is}`];
  });
}

/** What concerns the whole fleet and was not so before, and what is so no longer. */
function fleetLines(before: FleetReport, after: FleetReport, now: Date): string[] {
  const [was, is] = [notesOf(before, now), notesOf(after, now)];
  return [...is.filter((note) => !was.includes(note)), ...was.filter((note) => !is.includes(note)).map((note) => `no longer so: ${note}`)];
}

function notesOf(report: FleetReport, now: Date): string[] {
  return [...standstillText(report, now, plain), ...fleetText(withoutFreeze(report), plain).split("\n")].filter((line) => line !== "");
}
