import type { Cluster } from "../../cluster/cluster.ts";
import { readConfigMapsAhead } from "../../engine/apply/read-live.ts";
import { AGENT_LABEL } from "../../engine/observe/agent-facts.ts";
import { readOperated } from "../../engine/operated/read-operated.ts";
import { plainRefusals, wayOf } from "../../engine/operated/way.ts";
import { readPlan, type FleetPlanRequest } from "../../engine/plan/read-plan.ts";
import { rememberLists } from "../../engine/observe/remembered-lists.ts";
import { isPlanEmpty } from "../../plan/fleet-plan.ts";
import { FrotaError } from "../../spec/error.ts";
import type { ApplyFlags } from "./fleet-actions.ts";
import { DRY_RUN } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { fleetRun } from "./fleet-run.ts";
import { withFleet, type FleetSession } from "../target/fleet-session.ts";
import { writeListing, type ListOutput } from "../terminal/list-output.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";
import { planText } from "./plan-text.ts";

/** Flags of `frota plan`. */
export interface PlanFlags extends Pick<ApplyFlags, "context" | "repo" | "selector" | "plain"> {
  readonly output?: Exclude<ListOutput, { type: "wide" }>;
}

/** Shows what applying would do to the fleet; exit code 1 when there is something, 4 when it would be refused. */
export async function showPlan(context: CliContext, flags: PlanFlags, names: readonly string[], headline = ""): Promise<void> {
  const early = readAhead(context, flags);
  const { plan, warnings } = await withFleet(context, flags, names, async (session) => {
    const cluster = await early;
    try {
      return await readPlan(await planRequest(context, { ...session, cluster: cluster ?? rememberLists(session.cluster) }, flags.plain));
    } finally {
      cluster?.close();
    }
  });
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

/** Kinds of which a fleet has one or two objects for each agent, and which a plan compares. */
const READ = [
  ["apps/v1", "Deployment"],
  ["v1", "PersistentVolumeClaim"],
  ["v1", "Service"],
  ["v1", "ServiceAccount"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["external-secrets.io/v1", "ExternalSecret"],
] as const;

/**
 * Asks for everything at once while the repository is still read: of a large fleet both take a second. Undefined where there is no cluster or
 * no namespace; why, is told when they are needed.
 */
async function readAhead(context: CliContext, flags: PlanFlags): Promise<Cluster | undefined> {
  try {
    const { cluster: direct, namespace } = await openNamespace(context, flags);
    const cluster = rememberLists(direct);
    // Whoever needs one of them hears of its failure.
    void Promise.allSettled([
      ...READ.map(([apiVersion, kind]) => cluster.list({ apiVersion, kind }, { namespace })),
      readConfigMapsAhead(cluster, namespace),
      cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector: AGENT_LABEL }),
    ]);
    return cluster;
  } catch (error) {
    if (error instanceof FrotaError) return undefined;
    throw error;
  }
}

/** As `frota apply` would: in the operated way wherever the cluster has Frota's resources. */
async function planRequest(context: CliContext, session: FleetSession, isPlain: boolean): Promise<FleetPlanRequest> {
  const { cluster, source, namespace } = session;
  const now = new Date();
  const common = { fleet: source.fleet, now };
  const way = await wayOf(cluster, namespace, now);
  if (isPlain || way.kind === "plain") return { ...(await fleetRun(context, session)), ...common, refusals: plainRefusals(way, namespace) };
  const operated = await readOperated(cluster, namespace, now);
  const live = operated ? [operated.resource, ...operated.agents.values()] : [];
  return { ...(await fleetRun(context, session, live)), ...common, operated: operated ?? { isLive: way.liveness.isLive } };
}
