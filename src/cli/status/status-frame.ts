import type { AgentStatus } from "../../engine/status/agent-status.ts";
import type { FleetReport } from "../../engine/status/fleet-report.ts";
import { fleetText } from "./rollout-text.ts";
import { standstillText } from "./standstill-text.ts";
import { agentTable, problemTexts, withoutFreeze, type StatusView } from "./status-text.ts";
import { cutLine } from "../terminal/table.ts";

/** A terminal's usual number of lines. */
const ROWS = 24;

/**
 * A report as one screen: what concerns the fleet and what is wrong always has its lines, the table takes the rest. Where it is longer, agents that
 * are as they should be are only counted. No line is broken.
 */
export function statusFrame(report: FleetReport, view: StatusView, lost: string | undefined): string {
  const { now, output, paint } = view;
  const height = Math.max(8, (output.rows ?? ROWS) - 1);
  const fleet = [
    ...(lost === undefined ? [] : [paint("red", `no answer, trying again: ${lost}`)]),
    ...standstillText(report, now, paint),
    ...fleetText(withoutFreeze(report), paint).split("\n"),
  ].filter((line) => line !== "");
  const notes = [...fleet, ...problemTexts(report.agents, paint).flatMap((text) => text.split("\n"))];
  const room = Math.floor((height - 3) / 2);
  const told = notes.length <= room ? notes : [...notes.slice(0, room - 1), paint("dim", `... and ${notes.length - room + 1} more lines: frota status`)];
  const table = fittingTable(report.agents, view, height - 2 - told.length);
  const lines = [headline(report, view), ...table, ...(told.length > 0 ? ["", ...told] : [])];
  return lines.map((line) => `${cutLine(line, output.columns ?? 80)}\n`).join("");
}

function headline({ namespace, agents }: FleetReport, { now, paint }: StatusView): string {
  const ready = agents.filter(({ isReady }) => isReady).length;
  const words = `${ready} of ${agents.length} Ready`;
  return `${paint("bold", namespace)}  ${paint(ready === agents.length ? "green" : "yellow", words)}  ${paint("dim", `${now.toISOString().slice(11, 19)} UTC, Ctrl-C ends`)}`;
}

/** The table in at most so many lines, its header included. */
function fittingTable(agents: readonly AgentStatus[], view: StatusView, room: number): string[] {
  const all = linesOf(agentTable(agents, view));
  if (all.length <= room) return all;
  const rest = agents.filter((agent) => !needsAttention(agent));
  // Its header, the line that names what has no room, and the one that counts.
  const shown = [...agents.filter(needsAttention), ...rest].slice(0, Math.max(1, room - 3));
  const isAllWell = shown.length >= agents.length - rest.length;
  const count = agents.length - shown.length;
  return [...linesOf(agentTable(shown, view)), view.paint("dim", `... and ${count} more${isAllWell ? ", all Ready" : ""}`)];
}

function linesOf(text: string): string[] {
  return text.trimEnd().split("\n");
}

function needsAttention({ isReady, problems, suspension, state }: AgentStatus): boolean {
  return !isReady || problems.length > 0 || suspension !== undefined || state !== "Ready";
}
