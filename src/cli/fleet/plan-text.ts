import type { ConfigurationChange, FieldDifference, ObjectChange } from "../../plan/change-set.ts";
import { isPlanEmpty, type Activity, type FleetPlan, type PlannedAgent } from "../../plan/fleet-plan.ts";
import type { RestartDuration, Wave } from "../../plan/restart-duration.ts";
import { enumerate } from "../../decide/words.ts";
import { idText } from "./change-summary.ts";
import type { Output } from "../context.ts";
import { formatDuration } from "../terminal/duration.ts";
import type { Paint } from "../terminal/paint.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

/** A plan for people: what happens to whom, how long it takes and how it is estimated, what would keep it back. */
export function planText(plan: FleetPlan, output: Output, paint: Paint): string {
  const { duration, holds, refusals } = plan;
  const blocks = [
    [headline(plan, paint)],
    agentLines(plan.agents, paint),
    fleetLines(plan, paint),
    duration ? durationLines(duration, plan, paint) : [],
    holds.length > 0 ? [paint("yellow", "held back until somebody, or the clock, says so:"), ...enumerated(holds.map(({ message }) => `  ${message}`))] : [],
    plan.underWay.length > 0 ? ["under way already, whatever is applied:", ...enumerated(grouped(plan.underWay))] : [],
    refusals.flatMap(({ code, message, next }) => [paint("red", `refused ${code}: ${message}`), `  next: ${next}`]),
  ];
  return blocks.filter((lines) => lines.length > 0).map((lines) => lines.map((line) => wrapParagraph(line, output)).join("")).join("\n");
}

function headline(plan: FleetPlan, paint: Paint): string {
  const where = `${paint("bold", plan.namespace)}, ${plan.way === "operated" ? "operated" : "the plain way"}`;
  if (isPlanEmpty(plan)) return `${where}: no changes, the cluster is what the files say`;
  const count = (action: PlannedAgent["action"]) => plan.agents.filter((agent) => agent.action === action).length;
  const returning = plan.agents.filter(({ isReturning }) => isReturning).length;
  const without = count("restart") === 0 ? "without a restart" : "without one";
  const words = [
    counted(count("create") - returning, "new agent"),
    counted(returning, "agent that returns on its volume", "agents that return on their volumes"),
    counted(count("restart"), "restart"),
    counted(count("update"), `agent that changes ${without}`, `agents that change ${without}`),
    counted(plan.unchanged, "agent that stays as it is", "agents that stay as they are"),
    counted(plan.fleet.length, "object of the fleet", "objects of the fleet"),
  ];
  return `${where}: ${words.filter((word) => word !== "").join(", ")}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return count === 0 ? "" : `${count} ${count === 1 ? one : many}`;
}

/** Lines shown of a list that may have as many as there are agents. */
const SHOWN = 10;

function enumerated(lines: readonly string[]): string[] {
  return lines.length <= SHOWN ? [...lines] : [...lines.slice(0, SHOWN), `  ... and ${lines.length - SHOWN} more (-o json has all)`];
}

function grouped(underWay: FleetPlan["underWay"]): string[] {
  return Array.from(Map.groupBy(underWay, ({ message }) => message), ([message, members]) => `  ${enumerate(members.map(({ agent }) => agent))}: ${message}`);
}

/** Agents to whom the same happens are told together. */
function agentLines(agents: readonly PlannedAgent[], paint: Paint): string[] {
  const told = agents.map((agent) => ({ name: agent.name, title: titleOf(agent, paint), activity: activityOf(agent), lines: changeLines(agent) }));
  return Array.from(Map.groupBy(told, ({ title, activity, lines }) => [title, activity?.state, ...lines].join("\n")).values()).flatMap((members) => {
    const [{ title, activity, lines } = { title: "", lines: [] }] = members;
    const isAlike = members.every((member) => member.activity?.message === activity?.message);
    const now = activity ? `; ${activityText(isAlike ? activity : { ...activity, message: `${activity.message}, and other reasons` }, paint)}` : "";
    return [`${paint("bold", enumerate(members.map(({ name }) => name)))}: ${title}${now}`].concat(lines);
  });
}

function titleOf({ action, isReturning, reasons }: PlannedAgent, paint: Paint): string {
  if (action === "create") return paint("green", isReturning ? "returns on its volume" : "new");
  if (action === "update") return "no restart";
  const causes = [...new Set(reasons.map(({ cause }) => cause))].join(", ");
  return paint("yellow", `restart for ${causes}`);
}

interface ActivityNow {
  readonly state: Activity["state"] | "down";
  readonly message: string;
}

/** What matters of agents that are going to restart. */
function activityOf({ action, isUp, activity }: PlannedAgent): ActivityNow | undefined {
  if (action !== "restart") return undefined;
  return isUp ? (activity ?? { state: "unknown", message: "its gateway was not asked" }) : { state: "down", message: "" };
}

function activityText({ state, message }: ActivityNow, paint: Paint): string {
  if (state === "down" || state === "idle") return `${state} now`;
  return state === "busy" ? paint("red", `busy now: ${message}`) : `busy or not is unknown: ${message}`;
}

const APPLIES = { live: "while it runs", restart: "with this restart", "next-start": "at its next start" } as const satisfies Record<ConfigurationChange["applies"], string>;

function changeLines(agent: PlannedAgent): string[] {
  if (agent.action === "create") return [];
  const keys = agent.configuration.map((change) => `  configuration ${change.path}: ${valuesText(change)} (${APPLIES[change.applies]})`);
  // The hash of the configuration is told by its keys.
  const fields = agent.reasons.filter(({ path, cause }) => !(path.includes("restart-config") && keys.length > 0) && cause !== "").map((reason) => `  ${shortPath(reason.path)}: ${valuesText(reason)}`);
  const others = agent.objects.flatMap((change) => otherLine(change, agent));
  return [...enumerated(keys), ...enumerated(fields), ...others];
}

/** What no key and no reason tells. */
function otherLine({ id, differences }: ObjectChange, { name, action }: PlannedAgent): string[] {
  const isTold = (id.kind === "Deployment" && action === "restart") || (id.kind === "ConfigMap" && id.name === `${name}-config`);
  if (isTold || (id.kind === "Agent" && differences.length === 0)) return [];
  const part = id.name === name ? "" : ` ${id.name.replace(`${name}-`, "")}`;
  const paths = [...new Set(differences.map(({ path }) => path))];
  return [`  ${id.kind}${part}${paths.length === 0 ? "" : `: ${enumerate(paths, 3)}`}`];
}

function fleetLines({ fleet, leftovers }: FleetPlan, paint: Paint): string[] {
  const changes = fleet.flatMap(({ id, action, differences }) => [
    action === "created" ? paint("green", `  + ${idText(id)}`) : `  ~ ${idText(id)}`,
    ...differences.map((difference) => `    ${shortPath(difference.path)}: ${valuesText(difference)}`),
  ]);
  const left = leftovers.length === 0 ? [] : [`no longer declared, and left alone: ${enumerate(leftovers.map(idText))}`];
  return [...(changes.length > 0 ? [paint("bold", "the fleet"), ...changes] : []), ...left];
}

/** Without what every path of a pod template begins with. */
function shortPath(path: string): string {
  return path.replace(/^spec\.template\.(?:spec\.containers\[openclaw\]\.|spec\.|metadata\.)?/, "").replace(/^spec\./, "");
}

/** Characters of a value that are shown. */
const LONGEST = 48;
/** Characters that both values have, shown before those in which they differ. */
const SHARED = 16;

/** Long values from where they differ, as two images of one registry do only at their end. */
function valuesText({ before, after }: Pick<FieldDifference, "before" | "after">): string {
  const values = [before, after].map((value) => (value === undefined ? "(none)" : JSON.stringify(value)));
  const [old = "", now = ""] = values;
  const same = sharedLength(old, now);
  const from = Math.max(old.length, now.length) > LONGEST && same > LONGEST / 2 ? same - SHARED : 0;
  return values.map((text) => shownFrom(text, from)).join(" -> ");
}

function sharedLength(one: string, other: string): number {
  const index = one.split("").findIndex((letter, at) => letter !== other[at]);
  return index === -1 ? one.length : index;
}

function shownFrom(text: string, from: number): string {
  const rest = from > 0 ? `"…${text.slice(from)}` : text;
  return rest.length <= LONGEST ? rest : `${rest.slice(0, LONGEST)}…`;
}

function durationLines(duration: RestartDuration, { way }: FleetPlan, paint: Paint): string[] {
  const { expected, longest, restart, waves, busy } = duration;
  const upTo = longest > expected ? `, up to ${roughly(longest)} where agents are busy` : "";
  const basis = restart.samples > 0 ? `the median of ${counted(restart.samples, "restart")} on record` : "assumed: no restart is on record";
  return [
    `${paint("bold", `takes about ${roughly(expected)}`)}${upTo}:`,
    `  a restart takes ${formatDuration(restart.milliseconds)} (${basis})`,
    ...waves.map((wave) => `  ${waveText(wave, way)}`),
    ...(busy.batches > 0 ? [`  ${counted(busy.batches, "batch", "batches")} with agents that may be busy, each waited for up to ${formatDuration(busy.wait)} (${way === "operated" ? "quietWait, then " : ""}the drain of running turns)`] : []),
  ];
}

/** An estimate is not told to the second. */
function roughly(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 2) return formatDuration(milliseconds);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const WAVES = { canary: "canaries first", waves: "then the others", restarts: "restarts" } as const;

function waveText({ name, agents, batch, batches, bakeTime }: Wave, way: FleetPlan["way"]): string {
  const pace = way === "plain" ? "one after another" : `${batch} at once (maxDisrupted), ${counted(batches, "batch", "batches")}`;
  const bake = bakeTime === 0 ? "" : `, each watched for ${formatDuration(bakeTime)} (bakeTime)`;
  return `${WAVES[name]}: ${enumerate(agents)}: ${pace}${bake}`;
}
