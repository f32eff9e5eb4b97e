import { structuredPatch } from "diff";
import type { AgentChange, ChangeSet, ConfigurationChange, FieldDifference, ObjectChange } from "../../plan/change-set.ts";
import { isResource } from "../../plan/resource-changes.ts";
import { idText, summaryLine } from "./change-summary.ts";
import type { Paint } from "../terminal/paint.ts";

/** A change set for people: agents with what happens to them, then objects with their fields, then a count. */
export function changeText(changes: ChangeSet, paint: Paint): string {
  const lines = [
    ...objectLines(changes.objects.filter((change) => change.agent === undefined), "the fleet", paint),
    ...changes.agents.flatMap((agent) => agentLines(agent, changes, paint)),
    ...leftoverLines(changes, paint),
    ...changes.refusals.flatMap((refusal) => [
      paint("red", `refused ${refusal.code}: ${refusal.message}`),
      `  next: ${refusal.next}`,
    ]),
    summaryLine(changes),
  ];
  return `${lines.join("\n")}\n`;
}

const APPLIES: Readonly<Record<ConfigurationChange["applies"], string>> = {
  live: "taken over while it runs",
  restart: "with this restart",
  "next-start": "at its next start",
};

function agentLines(agent: AgentChange, changes: ChangeSet, paint: Paint): string[] {
  const title = `${paint("bold", agent.name)}${agentTitle(agent, paint)}`;
  const objects = objectLines(changes.objects.filter((change) => change.agent === agent.name), undefined, paint);
  if (objects.length === 0 && agent.action === "none") return [];
  const configuration = agent.configuration.map((change) => `  configuration ${change.path}: ${valueText(change)} (${APPLIES[change.applies]})`);
  return [title, ...configuration, ...objects, ""];
}

function agentTitle({ action, restartReasons }: AgentChange, paint: Paint): string {
  if (action === "create") return paint("green", " is new");
  if (action === "update") return " changes without a restart";
  if (action === "none") return "";
  const causes = [...new Set(restartReasons.map((reason) => reason.cause))];
  return paint("yellow", ` restarts: ${causes.join(", ")}`);
}

function objectLines(changes: readonly ObjectChange[], title: string | undefined, paint: Paint): string[] {
  const lines = changes.flatMap((change) => {
    if (change.action === "unchanged") return [];
    if (change.action === "created") return [paint("green", `  + ${idText(change.id)}`)];
    const fields = change.differences.flatMap((difference) => fieldLines(difference, paint));
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

function fieldLines(difference: FieldDifference, paint: Paint): string[] {
  const { path, before, after } = difference;
  const isText = typeof before === "string" && typeof after === "string" && /\n/.test(before + after);
  return isText
    ? [`      ${path}:`, ...patchLines(before, after, paint)]
    : [`      ${path}: ${valueText(difference)}`];
}

/** A text's changed lines, with a line of context around them. */
function patchLines(before: string, after: string, paint: Paint): string[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 1 });
  const color = (line: string) => {
    if (line.startsWith("+")) return paint("green", line);
    return line.startsWith("-") ? paint("red", line) : line;
  };
  return hunks.flatMap((hunk) => hunk.lines).map((line) => `        ${color(line)}`);
}

function valueText({ before, after }: FieldDifference): string {
  return `${oneValue(before)} -> ${oneValue(after)}`;
}

/** Long enough for an image with its digest. */
const LONGEST = 160;

function oneValue(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}
