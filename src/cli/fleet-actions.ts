import { applyFleet, planFleet } from "../engine/apply-fleet.ts";
import { hasChanges } from "../plan/change-set.ts";
import { applyView, outcomeText } from "./apply-view.ts";
import { changeText } from "./change-text.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "./context.ts";
import { formatDuration } from "./duration.ts";
import { EXIT } from "./exit-code.ts";
import { fleetRun } from "./fleet-run.ts";
import { withFleet } from "./fleet-session.ts";
import { painter } from "./paint.ts";
import { writeStructured, type OutputFormat } from "./structured-output.ts";

/** Flags of `frota apply`. */
export interface ApplyFlags extends Pick<ClusterFlags, "context" | "repo"> {
  readonly forceConflicts: boolean;
  /** Seconds. */
  readonly timeout: number;
  readonly output?: OutputFormat;
}

/** Shows what applying would change; exit code 1 when there is something, 4 when it would be refused. */
export async function showDiff(
  context: CliContext,
  flags: Pick<ApplyFlags, "context" | "repo" | "output">,
  agents: readonly string[],
): Promise<void> {
  const { changes, checked } = await withFleet(context, flags, agents, (session) => planFleet(fleetRun(context, session)));
  const { stdout, stderr, env } = context.process;
  for (const warning of checked.warnings) stderr.write(`warning: ${warning}\n`);
  if (flags.output === undefined) stdout.write(changeText(changes, painter(stdout, env)));
  else await writeStructured(changes, flags.output, stdout);
  if (changes.refusals.length > 0) context.process.exitCode = EXIT.refused;
  else if (hasChanges(changes)) context.process.exitCode = EXIT.no;
}

/** Makes the cluster run what the files say, and shows it happen. */
export async function apply(context: CliContext, flags: ApplyFlags, agents: readonly string[]): Promise<void> {
  const began = performance.now();
  const { stdout, stderr } = context.process;
  const view = applyView(context);
  try {
    const result = await withFleet(context, flags, agents, (session) =>
      applyFleet({
        ...fleetRun(context, session),
        forceConflicts: flags.forceConflicts,
        timeout: flags.timeout * 1000,
        signal: context.signal,
        onEvent: view.onEvent,
      }),
    );
    view.close();
    if (flags.output !== undefined) await writeStructured(result, flags.output, stdout);
    stderr.write(`${outcomeText(result.agents)} in ${formatDuration(performance.now() - began)}\n`);
  } finally {
    view.close();
  }
}
