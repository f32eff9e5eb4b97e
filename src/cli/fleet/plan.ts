import { plainRefusals } from "../../engine/operated/way.ts";
import { readPlan, type FleetPlanRequest } from "../../engine/plan/read-plan.ts";
import { rememberLists } from "../../engine/observe/remembered-lists.ts";
import { isPlanEmpty } from "../../plan/fleet-plan.ts";
import type { ApplyFlags } from "./fleet-actions.ts";
import { DRY_RUN } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { fleetRun } from "./fleet-run.ts";
import { withFleet, type FleetSession } from "../target/fleet-session.ts";
import { writeListing, type ListOutput } from "../terminal/list-output.ts";
import { painter } from "../terminal/paint.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";
import { planText } from "./plan-text.ts";
import { beginReading, readAhead, sent, type Ahead } from "./read-ahead.ts";

/** Flags of `frota plan`. */
export interface PlanFlags extends Pick<ApplyFlags, "context" | "repo" | "selector" | "plain"> {
  readonly output?: Exclude<ListOutput, { type: "wide" }>;
}

/** Shows what applying would do to the fleet; exit code 1 when there is something, 4 when it would be refused. */
export async function showPlan(context: CliContext, flags: PlanFlags, names: readonly string[], headline = ""): Promise<void> {
  const early = readAhead(context, flags);
  await sent(early);
  const planning = withFleet(context, flags, names, async (session) => {
    const ahead = (await early) ?? beginReading(rememberLists(session.cluster), session.namespace);
    return readPlan(await planRequest(context, { ...session, cluster: ahead.cluster }, ahead, flags.plain));
  });
  const { plan, warnings } = await planning.finally(async () => (await early)?.cluster.close());
  const { stdout, stderr, env } = context.process;
  stderr.write(headline);
  for (const warning of warnings) stderr.write(wrapParagraph(`warning: ${warning}`, stderr));
  if (flags.output) await writeListing({ data: { ...plan }, names: plan.agents.map(({ name }) => name) }, flags.output, context.process);
  else stdout.write(planText(plan, stdout, painter(stdout, env)));
  if (plan.refusals.length > 0) context.process.exitCode = EXIT.refused;
  else if (!isPlanEmpty(plan)) context.process.exitCode = EXIT.no;
}

/** What `frota apply --dry-run` does: the plan, with exit code 0 where applying could begin. */
export async function sayApply(context: CliContext, { output, ...flags }: ApplyFlags, names: readonly string[]): Promise<void> {
  await showPlan(context, { ...flags, ...(output === undefined ? {} : { output: { type: output } }) }, names, DRY_RUN);
  if (context.process.exitCode === EXIT.no) context.process.exitCode = EXIT.ok;
}

/** As `frota apply` would: in the operated way wherever the cluster has Frota's resources. */
async function planRequest(context: CliContext, session: FleetSession, { way: reading, operated: resources }: Ahead, isPlain: boolean): Promise<FleetPlanRequest> {
  const { source, namespace } = session;
  const common = { fleet: source.fleet, now: new Date() };
  const way = await reading;
  if (isPlain || way.kind === "plain") return { ...(await fleetRun(context, session)), ...common, refusals: plainRefusals(way, namespace) };
  const live = resources.then((operated) => (operated ? [operated.resource, ...operated.agents.values()] : []));
  // What cannot be rendered is told before the cluster's answer is waited for.
  live.catch(() => undefined);
  const run = await fleetRun(context, session, live);
  return { ...run, ...common, operated: (await resources) ?? { isLive: way.liveness.isLive } };
}
