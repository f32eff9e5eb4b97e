import { structuredPatch } from "diff";
import type { AgentChange, ChangeSet, ConfigurationChange, FieldDifference, ObjectChange } from "../../plan/change-set.ts";
import { isResource } from "../../plan/resource-changes.ts";
import { idText, summaryLine } from "./change-summary.ts";
import type { Output } from "../context.ts";
import { lineLimit } from "../terminal/line-limit.ts";
import type { Paint } from "../terminal/paint.ts";
import { displayWidth } from "../terminal/table.ts";
import { wrapLines, wrapText } from "../terminal/wrapped-text.ts";

/** How lines are painted, and how many columns they may have. */
interface Page {
  readonly paint: Paint;
  readonly limit: number;
}

/**
 * A change set for people: agents with what happens to them, then objects with their fields, then a count. On a terminal, lines that are too long
 * are broken, never cut.
 */
export function changeText(changes: ChangeSet, output: Output, paint: Paint): string {
  const page: Page = { paint, limit: lineLimit(output) };
  const lines = [
    ...objectLines(changes.objects.filter((change) => change.agent === undefined), "the fleet", page),
    ...changes.agents.flatMap((agent) => agentLines(agent, changes, page)),
    ...leftoverLines(changes, paint),
    ...changes.refusals.flatMap((refusal) => [
      paint("red", `refused ${refusal.code}: ${refusal.message}`),
      `  next: ${refusal.next}`,
    ]),
    summaryLine(changes),
  ];
  return wrapLines(`${lines.join("\n")}\n`, output);
}

const APPLIES: Readonly<Record<ConfigurationChange["applies"], string>> = {
  live: "taken over while it runs",
  restart: "with this restart",
  "next-start": "at its next start",
};

function agentLines(agent: AgentChange, changes: ChangeSet, page: Page): string[] {
  const title = `${page.paint("bold", agent.name)}${agentTitle(agent, page.paint)}`;
  const objects = objectLines(changes.objects.filter((change) => change.agent === agent.name), undefined, page);
  if (objects.length === 0 && agent.action === "none") return [];
  const configuration = agent.configuration.flatMap((change) => valueLines(`  configuration ${change.path}`, change, ` (${APPLIES[change.applies]})`, page));
  return [title, ...configuration, ...objects, ""];
}

function agentTitle({ action, isReturning, restartReasons }: AgentChange, paint: Paint): string {
  if (action === "create") return paint("green", isReturning ? " returns on its volume" : " is new");
  if (action === "update") return " changes without a restart";
  if (action === "none") return "";
  const causes = [...new Set(restartReasons.map((reason) => reason.cause))];
  return paint("yellow", ` restarts: ${causes.join(", ")}`);
}

function objectLines(changes: readonly ObjectChange[], title: string | undefined, page: Page): string[] {
  const { paint } = page;
  const lines = changes.flatMap((change) => {
    if (change.action === "unchanged") return [];
    if (change.action === "created") return [paint("green", `  + ${idText(change.id)}`)];
    const fields = change.differences.flatMap((difference) => fieldLines(difference, page));
    const ownership = fields.length === 0 && !isResource(change.id) ? " (only takes ownership of its fields)" : "";
    return [paint("yellow", `  ~ ${idText(change.id)}${ownership}`), ...fields];
  });
  return title === undefined || lines.length === 0 ? lines : [paint("bold", title), ...lines, ""];
}

function leftoverLines({ leftovers }: ChangeSet, paint: Paint): string[] {
  if (leftovers.length === 0) return [];
  return [
    paint("bold", "no longer declared, and left alone"),
    ...leftovers.map((id) => `  - ${idText(id)}`),
    "  (`frota delete <agent>` removes an agent and keeps its volume)",
    "",
  ];
}

function fieldLines(difference: FieldDifference, page: Page): string[] {
  const { path, before, after } = difference;
  const isText = typeof before === "string" && typeof after === "string" && /\n/.test(before + after);
  return isText ? [`      ${path}:`, ...patchLines(before, after, page)] : valueLines(`      ${path}`, difference, "", page);
}

/** A text's changed lines, with a line of context around them. */
function patchLines(before: string, after: string, page: Page): string[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 1 });
  return hunks.flatMap((hunk) => hunk.lines).flatMap((line) => signedLines(line, "        ", page));
}

/** A line that begins with `+`, `-` or a space; what is broken off it is further in than lines are, so that nobody takes it for one. */
function signedLines(line: string, margin: string, { paint, limit }: Page): string[] {
  const color = line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : undefined;
  const parts = wrapText(line, limit - margin.length, "    ");
  return parts.map((part) => `${margin}${color === undefined ? part : paint(color, part)}`);
}

/** In one line; where that is too long, each value in its own. */
function valueLines(title: string, { before, after }: FieldDifference, note: string, page: Page): string[] {
  const line = `${title}: ${oneValue(before)} -> ${oneValue(after)}${note}`;
  if (displayWidth(line) <= page.limit) return [line];
  const [margin = ""] = /^ */.exec(title) ?? [];
  const values = [`-${oneValue(before)}`, `+${oneValue(after)}`];
  return [`${title}${note}:`, ...values.flatMap((value) => signedLines(value, `${margin}  `, page))];
}

/** Long enough for an image with its digest. */
const LONGEST = 160;

function oneValue(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}
