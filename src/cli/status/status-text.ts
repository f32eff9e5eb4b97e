import type { AgentStatus } from "../../engine/status/agent-status.ts";
import { enumerate } from "../../decide/words.ts";
import type { FleetReport } from "../../engine/status/fleet-report.ts";
import type { Output } from "../context.ts";
import type { Paint } from "../terminal/paint.ts";
import { fleetText } from "./rollout-text.ts";
import { standstillText } from "./standstill-text.ts";
import { formatFittingTable, formatTable } from "../terminal/table.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

/** A column of the table. */
interface Column {
  readonly title: string;
  readonly cell: (agent: AgentStatus, now: Date, paint: Paint) => string | undefined;
}

/** In the order in which they are read. */
const COLUMNS: readonly Column[] = [
  { title: "AGENT", cell: ({ name }) => name },
  { title: "READY", cell: ({ isReady }, _now, paint) => (isReady ? paint("green", "yes") : paint("red", "no")) },
  { title: "STATUS", cell: ({ state }) => state },
  { title: "SECRETS", cell: ({ secrets }, _now, paint) => (secrets.isSynced ? "synced" : secrets.reason && paint("yellow", secrets.reason)) },
  { title: "IMAGE", cell: ({ image }) => image.openclawVersion ?? /^[^@]*:([\w.-]+)$/.exec(image.reference ?? "")?.[1] },
  { title: "RESTARTS", cell: ({ restarts }) => String(restarts) },
  { title: "AGE", cell: ({ startedAt }, now) => (startedAt === undefined ? undefined : ageText(now.getTime() - Date.parse(startedAt))) },
  { title: "DIGEST", cell: ({ image }) => image.digest?.slice("sha256:".length, "sha256:".length + 12) },
  { title: "VOLUME", cell: ({ volume }) => volumeText(volume) },
];

/**
 * What gives way first on a narrow terminal. A state or a reason is long just when something is wrong: then what it crashed and since when it
 * runs say more than a version does, and what is wrong with volumes and secrets is told below the table anyway.
 */
const LESSER = ["VOLUME", "DIGEST", "IMAGE", "SECRETS"] as const;

function volumeText({ phase, size, requested }: AgentStatus["volume"]): string {
  return [phase, size, requested && `of ${requested}`].filter((part) => part !== undefined).join(" ");
}

/** With `-o wide`. */
const FURTHER: readonly Column[] = [
  { title: "NODE", cell: ({ pod }) => pod?.node },
  { title: "POD", cell: ({ pod }) => pod?.name },
];

/** How a status is shown. */
export interface StatusView {
  readonly now: Date;
  readonly output: Output;
  readonly paint: Paint;
  /** All columns, however wide the terminal is. */
  readonly isWide: boolean;
}

/** The table of agents, and below it what is wrong and what stands still, in words. */
export function statusText(report: FleetReport, view: StatusView): string {
  const { now, output, paint } = view;
  const notes = [...problemTexts(report.agents, paint), ...standstillText(report, now, paint)];
  const told = [notes, [fleetText(withoutFreeze(report), paint)]].map((texts) => texts.flatMap((text) => text.split("\n")).filter((line) => line !== ""));
  const wrapped = told.filter((lines) => lines.length > 0).map((lines) => `\n${lines.map((line) => wrapParagraph(line, output)).join("")}`);
  return agentTable(report.agents, view) + wrapped.join("");
}

/** The table alone. */
export function agentTable(agents: readonly AgentStatus[], { now, output, paint, isWide }: StatusView): string {
  const columns = isWide ? [...COLUMNS, ...FURTHER] : COLUMNS;
  const header = columns.map(({ title }) => title);
  const rows = agents.map((agent) => columns.map(({ cell }) => cell(agent, now, paint) ?? ""));
  if (isWide) return formatTable(header, rows, { write: (text) => output.write(text) });
  const { text, hidden } = formatFittingTable(header, rows, output, LESSER);
  return hidden.length === 0 ? text : text + paint("dim", `${hiddenText(hidden, output)}\n`);
}

/** One line, however narrow the terminal is. */
function hiddenText(hidden: readonly string[], { columns = 80 }: Output): string {
  const named = `(no room for ${hidden.join(", ")}: -o wide)`;
  return named.length <= columns ? named : `(no room for ${hidden.length} columns: -o wide)`;
}

/** What is wrong, agents that have the same trouble together: a paragraph each, with a second line of what to do. */
export function problemTexts(agents: readonly AgentStatus[], paint: Paint): string[] {
  const problems = agents.flatMap(({ name, problems: own }) => own.map(({ message, next }) => ({ name, text: next === undefined ? message : `${message}\n  next: ${next}` })));
  return Array.from(Map.groupBy(problems, ({ text }) => text), ([text, members]) => `${paint("bold", enumerate(members.map(({ name }) => name)))}: ${text}`);
}

/** Who froze it and why is told with the standstills. */
export function withoutFreeze({ operated }: FleetReport): FleetReport["operated"] {
  if (!operated?.fleet) return operated;
  const { frozenUntil: _frozenUntil, ...fleet } = operated.fleet;
  return { ...operated, fleet };
}

/** As kubectl writes ages: `45s`, `12m`, `5h`, `3d`. */
function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
