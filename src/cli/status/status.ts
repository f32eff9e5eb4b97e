import { fleetReport, readFleetWorld, type FleetReport } from "../../engine/status/fleet-report.ts";
import type { LabelSelector } from "../../spec/label-selector.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { writeListing, type ListOutput } from "../terminal/list-output.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { reportListing } from "./report-listing.ts";
import { emptyText } from "../target/agent-choice.ts";
import { statusText } from "./status-text.ts";

/** Flags of `frota status`. */
export interface StatusFlags extends ClusterFlags {
  readonly selector?: LabelSelector;
  readonly output?: ListOutput;
  readonly watch: boolean;
}

/** Shows how agents are, once or until Ctrl-C; exit code 1 when one is not ready. */
export async function showStatus(context: CliContext, flags: StatusFlags, names: readonly string[]): Promise<void> {
  const target = await openNamespace(context, flags);
  const choice = { names, selector: flags.selector };
  try {
    if (flags.watch) {
      const { watchStatus } = await import("./status-watch.ts");
      await watchStatus(context, target, { choice, output: flags.output });
      return;
    }
    const report = fleetReport(await readFleetWorld(target.cluster, target, new Date()), choice, new Date());
    await printReport(context, report, flags);
    if (report.agents.some((agent) => !agent.isReady)) context.process.exitCode = EXIT.no;
  } finally {
    target.cluster.close();
  }
}

async function printReport(context: CliContext, report: FleetReport, { output, selector }: StatusFlags): Promise<void> {
  const { stdout, stderr, env } = context.process;
  if (output !== undefined && output.type !== "wide") return writeListing(reportListing(report), output, context.process);
  if (report.agents.length === 0) stderr.write(`${emptyText(report, selector)}\n`);
  else stdout.write(statusText(report, { now: new Date(), output: stdout, paint: painter(stdout, env), isWide: output !== undefined }));
}
