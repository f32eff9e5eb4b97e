import { hasChanges, type AgentChange, type ChangeSet, type FieldDifference, type ObjectChange, type ObjectId } from "../plan/change-set.ts";
import type { Paint } from "./paint.ts";

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

/** One line: how many objects and agents change. */
export function summaryLine(changes: ChangeSet): string {
  if (!hasChanges(changes)) return "No changes: the cluster is what the files say.";
  const count = (action: ObjectChange["action"]) => changes.objects.filter((change) => change.action === action).length;
  const restarts = changes.agents.filter((agent) => agent.action === "restart").map((agent) => agent.name);
  const created = changes.agents.filter((agent) => agent.action === "create").map((agent) => agent.name);
  return [
    `${count("created")} to create, ${count("configured")} to change, ${count("unchanged")} unchanged.`,
    created.length > 0 ? ` New agents: ${created.join(", ")}.` : "",
    restarts.length > 0 ? ` Restarts, one after another: ${restarts.join(", ")}.` : " No running agent restarts.",
  ].join("");
}

function agentLines(agent: AgentChange, changes: ChangeSet, paint: Paint): string[] {
  const title = `${paint("bold", agent.name)}${agentTitle(agent, paint)}`;
  const objects = objectLines(changes.objects.filter((change) => change.agent === agent.name), undefined, paint);
  if (objects.length === 0) return [];
  const configuration = agent.configuration.map(
    (change) =>
      `  configuration ${change.path}: ${valueText(change)} (${change.applies === "restart" ? "with this restart" : "at its next start"})`,
  );
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
    const fields = change.differences.map((difference) => `      ${difference.path}: ${valueText(difference)}`);
    const ownership = fields.length === 0 ? " (only takes ownership of its fields)" : "";
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

/** `Deployment clovis` */
export function idText({ kind, name }: ObjectId): string {
  return `${kind} ${name}`;
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
