import type { FleetReport } from "../../engine/status/fleet-report.ts";
import { withReason, type Suspension } from "../../engine/operate/suspension.ts";
import { minuteWords, type Freeze } from "../../engine/operated/standstill.ts";
import { enumerate } from "../../decide/words.ts";
import { formatDuration } from "../terminal/duration.ts";
import type { Paint } from "../terminal/paint.ts";

/** What stands still because a person or Git says so: who, when, why, and how it ends; a paragraph each. */
export function standstillText({ agents, suspension, freezes }: Pick<FleetReport, "agents" | "suspension" | "freezes">, now: Date, paint: Paint): string[] {
  const fleet = suspension ? [suspended("the fleet", suspension, { now, resume: "--all" })] : [];
  const groups = Map.groupBy(agents, (agent) => (agent.suspension ? JSON.stringify([agent.suspension.from, agent.suspension.by, agent.suspension.reason]) : ""));
  groups.delete("");
  const each = Array.from(groups.values(), (members) => {
    const names = members.map(({ name }) => name);
    return members[0]?.suspension ? suspended(enumerate(names), members[0].suspension, { now, resume: names.length === 1 ? (names[0] ?? "") : "AGENT" }, names.length) : "";
  });
  return [...freezes.map((freeze) => frozen(freeze, now)), ...fleet, ...each].map((text) => paint("yellow", text));
}

interface Wording {
  readonly now: Date;
  /** What `frota resume` is given. */
  readonly resume: string;
}

function suspended(who: string, { from, by, at, reason }: Suspension, { now, resume }: Wording, count = 1): string {
  const verb = count === 1 ? "is" : "are";
  if (from === "declaration") return `${who} ${verb} suspended by Git (spec.suspend: true): the controller writes nothing of ${count === 1 ? "it" : "them"}`;
  const since = at === undefined || Number.isNaN(Date.parse(at)) ? "" : ` since ${timeText(at, now)}`;
  return `${withReason(`${who} ${verb} suspended by ${by ?? "somebody"}${since}`, reason)} (ends with \`frota resume ${resume}\`)`;
}

function frozen({ until, from, by, reason }: Freeze, now: Date): string {
  const whose = from === "request" ? `by ${by ?? "somebody"}` : "by fleet.yaml";
  const left = formatDuration(Date.parse(until) - now.getTime());
  return `${withReason(`frozen ${whose} until ${minuteWords(until)} (${left} left)`, reason)}${from === "request" ? " (ends earlier with `frota freeze --end`)" : ""}`;
}

/** `2026-11-23 09:04 UTC (12 min 03 s ago)` */
function timeText(time: string, now: Date): string {
  return `${minuteWords(time)} (${formatDuration(now.getTime() - Date.parse(time))} ago)`;
}
