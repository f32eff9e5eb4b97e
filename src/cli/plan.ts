import { readOperated } from "../engine/operated/read-operated.ts";
import { wayOf } from "../engine/operated/way.ts";
import { readPlan, type FleetPlanRequest } from "../engine/read-plan.ts";
import { rememberLists } from "../engine/remembered-lists.ts";
import { isPlanEmpty } from "../plan/fleet-plan.ts";
import { agentLabels } from "../render/labels.ts";
import { matchesLabels, type LabelSelector } from "../spec/label-selector.ts";
import type { ApplyFlags } from "./fleet-actions.ts";
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { fleetRun } from "./fleet-run.ts";
import { withFleet, type FleetSession } from "./fleet-session.ts";
import { writeListing, type ListOutput } from "./list-output.ts";
import { painter } from "./paint.ts";
import { planText } from "./plan-text.ts";

/** Flags of `frota plan`. */
export interface PlanFlags extends Pick<ApplyFlags, "context" | "repo" | "plain"> {
  readonly selector?: LabelSelector;
  readonly output?: Exclude<ListOutput, { type: "wide" }>;
}

/** Shows what applying would do to the fleet; exit code 1 when there is something, 4 when it would be refused. */
export async function showPlan(context: CliContext, flags: PlanFlags, names: readonly string[]): Promise<void> {
  const { plan, warnings } = await withFleet(context, flags, names, async (session) => readPlan(await planRequest(context, selectedAgents(session, flags.selector), flags.plain)));
  const { stdout, stderr, env } = context.process;
  for (const warning of warnings) stderr.write(`warning: ${warning}\n`);
  if (flags.output) await writeListing({ data: { ...plan }, names: plan.agents.map(({ name }) => name) }, flags.output, context.process);
  else stdout.write(planText(plan, stdout, painter(stdout, env)));
  if (plan.refusals.length > 0) context.process.exitCode = EXIT.refused;
  else if (!isPlanEmpty(plan)) context.process.exitCode = EXIT.no;
}

function selectedAgents(session: FleetSession, selector: LabelSelector | undefined): FleetSession {
  if (selector === undefined) return session;
  const { fleet } = session.source;
  return { ...session, agents: session.agents.filter(({ agent }) => matchesLabels(selector, agentLabels(fleet, agent))) };
}

/** As `frota apply` would: in the operated way wherever the cluster has Frota's resources. */
async function planRequest(context: CliContext, session: FleetSession, isPlain: boolean): Promise<FleetPlanRequest> {
  const { source, namespace } = session;
  const cluster = rememberLists(session.cluster);
  const now = new Date();
  const way = await wayOf(cluster, namespace, now);
  const common = { fleet: source.fleet, now };
  if (isPlain || way.kind === "plain") return { ...(await fleetRun(context, { ...session, cluster })), ...common };
  const operated = await readOperated(cluster, namespace, now);
  const live = operated ? [operated.resource, ...operated.agents.values()] : [];
  return { ...(await fleetRun(context, { ...session, cluster }, live)), ...common, operated: operated ?? { isLive: way.liveness.isLive } };
}
