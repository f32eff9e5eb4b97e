import type { AgentOutcome, ApplyEvent, OnApplyEvent } from "../../engine/apply/apply-event.ts";
import type { Step } from "../../lab/steps.ts";
import { idText, summaryLine } from "./change-summary.ts";
import type { CliContext } from "../context.ts";
import { painter } from "../terminal/paint.ts";
import { stepView } from "../terminal/step-view.ts";

/** Shows what the engine does while it does it; everything on `stderr`. */
export interface ApplyView {
  readonly onEvent: OnApplyEvent;
  close(): void;
}

const TITLES = {
  create: "starts for the first time",
  return: "returns on its volume",
  restart: "restarts",
  update: "changes without a restart",
  wait: "settles",
} as const;

/** A live line for each agent at work, and one that stays for each that is done. */
export function applyView(context: CliContext): ApplyView {
  const { stderr, env } = context.process;
  const paint = painter(stderr, env);
  const view = stepView(stderr);
  const running = new Map<string, { step: Step; began: number }>();
  const end = (agent: string, isDone: boolean) => {
    const entry = running.get(agent);
    if (!entry) return;
    running.delete(agent);
    const milliseconds = performance.now() - entry.began;
    if (isDone) view.report({ type: "done", step: entry.step, detail: "Ready", milliseconds });
    else view.report({ type: "failed", step: entry.step, error: undefined, milliseconds });
  };
  const start = (agent: string, title: string) => {
    const step: Step = { id: agent, title: `${agent} ${title}`, run: () => Promise.resolve(undefined) };
    running.set(agent, { step, began: performance.now() });
    view.report({ type: "started", step });
  };
  const onEvent = (event: ApplyEvent) => {
    const line = lineOf(event, paint);
    if (line !== undefined) stderr.write(`${line}\n`);
    if (event.type === "agent-started") start(event.agent, TITLES[event.action]);
    if (event.type === "agent-waiting") {
      const step = running.get(event.agent)?.step;
      if (step) view.report({ type: "progress", step, text: event.problems[0]?.message ?? "starting" });
    }
    if (event.type === "agent-ready" || event.type === "agent-failed") end(event.agent, event.type === "agent-ready");
  };
  return { onEvent, close: () => view.close() };
}

/** The line that an event leaves; undefined for those that only change a live one. */
function lineOf(event: ApplyEvent, paint: ReturnType<typeof painter>): string | undefined {
  if (event.type === "planned") return summaryLine(event.changes);
  if (event.type === "applied" && event.agent === undefined) return `  applied ${idText(event.object)}`;
  if (event.type === "note") return `note: ${event.message}`;
  if (event.type === "warning") {
    return paint("yellow", `warning: ${event.agent === undefined ? "" : `${event.agent}: `}${event.message}`);
  }
  return undefined;
}

/** `2 created, 1 unchanged` */
export function outcomeText(agents: readonly AgentOutcome[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of agents) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return Array.from(counts, ([outcome, count]) => `${count} ${outcome}`).join(", ");
}
