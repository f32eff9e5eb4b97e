import { join, relative } from "node:path";
import type { AgentOutcome, OnApplyEvent } from "../../engine/apply/apply-event.ts";
import { applyFleet, planFleet } from "../../engine/apply/apply-fleet.ts";
import { refusalError } from "../../engine/apply/refusal-error.ts";
import { applyResources } from "../../engine/operated/apply-resources.ts";
import { fleetsIn } from "../../engine/operated/read-operated.ts";
import { AGENT_KIND } from "../../engine/operate/resource-kinds.ts";
import { plainRefusals, requireController, wayOf } from "../../engine/operated/way.ts";
import { renderedWarning } from "../../engine/repository/rendered-warning.ts";
import { hasChanges, type Refusal } from "../../plan/change-set.ts";
import { readRepository } from "../../repository/read-repository.ts";
import type { Manifest } from "../../render/manifest.ts";
import type { LabelSelector } from "../../spec/label-selector.ts";
import { applyView, outcomeText } from "./apply-view.ts";
import { changeText } from "./change-text.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { formatDuration } from "../terminal/duration.ts";
import { EXIT } from "../exit-code.ts";
import { imageReader, secretKeysReader } from "../target/fleet-readers.ts";
import { fleetRun } from "./fleet-run.ts";
import { withFleet, type FleetSession } from "../target/fleet-session.ts";
import { painter } from "../terminal/paint.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

/** Flags of `frota apply`. */
export interface ApplyFlags extends Pick<ClusterFlags, "context" | "repo"> {
  readonly selector?: LabelSelector;
  readonly forceConflicts: boolean;
  /** Apply in the plain way, whatever the cluster has. */
  readonly plain: boolean;
  /** Seconds. */
  readonly timeout: number;
  readonly output?: OutputFormat;
}

/** Flags of `frota diff`. */
export type DiffFlags = Pick<ApplyFlags, "context" | "repo" | "selector" | "output" | "plain">;

/** Shows what applying would change; exit code 1 when there is something, 4 when it would be refused. */
export async function showDiff(
  context: CliContext,
  flags: DiffFlags,
  agents: readonly string[],
): Promise<void> {
  const { changes, checked } = await withFleet(context, flags, agents, async (session) => {
    const live = flags.plain ? [] : await resourcesOf(session);
    const isOperated = live.length > 0;
    // Apply gives resources with force, and so does the controller with what it makes of them: nobody's fields are in their way.
    const run = await fleetRun(context, session, isOperated ? Promise.resolve(live) : undefined);
    return planFleet({ ...run, forceConflicts: isOperated, refusals: flags.plain ? await refusalsOfPlain(session) : [] });
  });
  const { stdout, stderr, env } = context.process;
  for (const warning of checked.warnings) stderr.write(wrapParagraph(`warning: ${warning}`, stderr));
  if (flags.output === undefined) stdout.write(changeText(changes, stdout, painter(stdout, env)));
  else await writeStructured(changes, flags.output, stdout);
  if (changes.refusals.length > 0) context.process.exitCode = EXIT.refused;
  else if (hasChanges(changes)) context.process.exitCode = EXIT.no;
}

async function refusalsOfPlain({ cluster, namespace }: FleetSession): Promise<readonly Refusal[]> {
  return plainRefusals(await wayOf(cluster, namespace, new Date()), namespace);
}

/** The Fleets and Agents of the cluster; none without a Fleet: the agents run in the plain way. */
async function resourcesOf({ cluster, namespace }: FleetSession): Promise<readonly Manifest[]> {
  const fleets = await fleetsIn(cluster, namespace);
  return fleets.length > 0 ? [...fleets, ...(await cluster.list(AGENT_KIND, { namespace }))] : [];
}

/** Makes the cluster run what the files say, in the way that it runs, and shows it happen. */
export async function apply(context: CliContext, flags: ApplyFlags, agents: readonly string[]): Promise<void> {
  const began = performance.now();
  const { stdout, stderr } = context.process;
  const view = applyView(context);
  try {
    const result = await withFleet(context, flags, agents, (session) => applyIn(context, session, { flags, onEvent: view.onEvent }));
    view.close();
    if (flags.output !== undefined) await writeStructured(result, flags.output, stdout);
    stderr.write(`${outcomeText(result.agents)} in ${formatDuration(performance.now() - began)}\n`);
  } finally {
    view.close();
  }
}

interface Applying {
  readonly flags: ApplyFlags;
  readonly onEvent: OnApplyEvent;
}

async function applyIn(context: CliContext, session: FleetSession, { flags, onEvent }: Applying): Promise<{ agents: readonly AgentOutcome[] }> {
  const { cluster, namespace, repository, source, agents } = session;
  const { signal } = context;
  const warning = renderedWarning(repository.source, await readRepository(repository.root), (file) => relative(context.cwd, join(repository.root, file)));
  if (warning !== undefined) onEvent({ type: "warning", message: warning });
  const way = await wayOf(cluster, namespace, new Date());
  const timeout = flags.timeout * 1000;
  if (way.kind === "plain" || flags.plain) {
    const refusals = plainRefusals(way, namespace);
    if (refusals.length > 0) throw refusalError(refusals);
    return applyFleet({ ...(await fleetRun(context, session)), forceConflicts: flags.forceConflicts, timeout, signal, onEvent });
  }
  requireController(way, namespace);
  const readers = { images: imageReader(context, session), secrets: secretKeysReader(context, session) };
  return { agents: await applyResources({ cluster, source, agents, timeout, signal, onEvent, ...readers }) };
}
