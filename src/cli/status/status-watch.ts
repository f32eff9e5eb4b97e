import { fleetReport, type AgentChoice, type FleetReport } from "../../engine/status/fleet-report.ts";
import { watchWorld, type WatchedWorld } from "../../engine/status/watch-world.ts";
import type { CliContext } from "../context.ts";
import { writeListing, type ListOutput } from "../terminal/list-output.ts";
import { liveScreen, withViewer } from "../terminal/live-screen.ts";
import type { NamespaceTarget } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { changedAgents, changeLines } from "./status-changes.ts";
import { statusFrame } from "./status-frame.ts";
import { statusText, type StatusView } from "./status-text.ts";
import { reportListing } from "./report-listing.ts";
import { emptyText } from "../target/agent-choice.ts";

/** What to show, and how. */
export interface StatusWatch {
  readonly choice: AgentChoice;
  readonly output: ListOutput | undefined;
}

/** Shows one report after another. */
interface Viewer {
  next(report: FleetReport, lost: string | undefined): void | Promise<void>;
  close(): void;
}

/** Shows how agents are until Ctrl-C: a live table on a terminal, a line for each change elsewhere, with `-o` what changed for programs. */
export async function watchStatus(context: CliContext, { cluster, namespace, declared }: NamespaceTarget, { choice, output }: StatusWatch): Promise<void> {
  const { signal } = context;
  const viewer = viewerFor(context, output, choice);
  // Who was named and is gone is shown as gone.
  let known = declared;
  await withViewer(viewer, signal, async () => {
    for await (const { world, lost } of watchWorld(cluster, { namespace, declared }, signal)) {
      const report = fleetReport(withDeclared(world, known), choice, new Date());
      known = [...declared, ...choice.names];
      if (!signal.aborted) await viewer.next(report, lost);
    }
  });
}

function withDeclared(world: WatchedWorld["world"], declared: readonly string[]): WatchedWorld["world"] {
  return { ...world, declared };
}

function viewerFor(context: CliContext, output: ListOutput | undefined, choice: AgentChoice): Viewer {
  if (output !== undefined && output.type !== "wide") return programViewer(context, output);
  const { stdout, env } = context.process;
  const view = (): StatusView => ({ now: new Date(), output: stdout, paint: painter(stdout, env), isWide: output !== undefined });
  return stdout.isTTY === true ? screenViewer(view) : lineViewer(context, view, choice);
}

function screenViewer(view: () => StatusView): Viewer {
  const screen = liveScreen(view().output);
  return {
    next: (report, lost) => screen.show(statusFrame(report, view(), lost)),
    close: () => screen.close(),
  };
}

/** The table first, then a line for each change. */
function lineViewer({ process: { stdout, stderr } }: CliContext, view: () => StatusView, { selector }: AgentChoice): Viewer {
  let before: FleetReport | undefined;
  let lostBefore: string | undefined;
  const begin = (report: FleetReport) => {
    if (report.agents.length === 0) stderr.write(`${emptyText(report, selector)}\n`);
    else stdout.write(statusText(report, view()));
  };
  return {
    next(report, lost) {
      const { now } = view();
      if (!before) begin(report);
      else for (const line of changeLines(before, report, now)) stdout.write(`${now.toISOString().slice(11, 19)} ${line}\n`);
      if ((lost === undefined) !== (lostBefore === undefined)) stderr.write(lost === undefined ? "the API server answers again\n" : `warning: no answer, trying again: ${lost}\n`);
      [before, lostBefore] = [report, lost];
    },
    close: () => undefined,
  };
}

/** What changed, as the listing of those agents; JSON on one line each time. */
function programViewer({ process: { stdout, stderr } }: CliContext, output: Exclude<ListOutput, { type: "wide" }>): Viewer {
  let before: FleetReport | undefined;
  return {
    async next(report) {
      const agents = changedAgents(before, report);
      before = report;
      if (agents.length === 0) return;
      const listing = reportListing({ ...report, agents });
      if (output.type === "json") stdout.write(`${JSON.stringify(listing.data)}\n`);
      else if (output.type === "yaml") await writeListing(listing, output, { stdout: { write: (text) => stdout.write(`---\n${text}`) }, stderr });
      else await writeListing(listing, output, { stdout, stderr });
    },
    close: () => undefined,
  };
}
