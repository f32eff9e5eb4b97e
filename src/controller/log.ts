import { pino, type Logger } from "pino";
import type { AgentAction, FleetAction } from "../decide/action.ts";
import type { OperatorEvent } from "../engine/operate/event.ts";

/** Where log lines go. */
export interface LogOutput {
  write(text: string): void;
}

/** JSON lines: a constant message and fields. Never a secret: nothing that has one is ever passed here. */
export function createLogger(output: LogOutput, level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: "message", formatters: { level: (label) => ({ level: label }) } },
    output,
  );
}

/** Writes what an operator does as log lines. */
export function logEvent(log: Logger, event: OperatorEvent): void {
  switch (event.type) {
    case "acted":
      return logAction(log, event.action, event.took, event.agent);
    case "fleet-acted":
      return logAction(log, event.action, event.took);
    case "failed":
      return log.warn({ agent: event.agent, code: event.code, reason: event.message, retryIn: Math.round(event.retryIn) }, "an action failed");
    case "status":
      return logPhase(log, event);
    case "fleet-seen":
    case "fleet-status":
      return logUnreadable(log, event);
    case "problem":
      return log.warn({ reason: event.message }, "problem");
    default:
      return undefined;
  }
}

function logPhase(log: Logger, { agent, before, status }: Extract<OperatorEvent, { type: "status" }>): void {
  if (before?.phase !== status.phase) log.info({ agent, from: before?.phase, to: status.phase }, "phase changed");
}

function logAction(log: Logger, { type, ...detail }: AgentAction | FleetAction, took: number, agent?: string): void {
  log.info({ agent, action: type, ...plainDetail(detail), took: Math.round(took) }, "acted");
}

/** Once for each process and each change: they stay until somebody deletes them. */
function logUnreadable(log: Logger, event: Extract<OperatorEvent, { type: "fleet-seen" | "fleet-status" }>): void {
  const before = new Set(event.type === "fleet-status" ? event.before?.unreadableRecords : undefined);
  for (const record of event.status.unreadableRecords ?? []) if (!before.has(record)) log.warn({ record }, "unreadable record");
}

/** Maps are not JSON. */
function plainDetail(detail: object): object {
  return Object.fromEntries(Object.entries(detail).map(([key, value]): [string, unknown] => [key, value instanceof Map ? [...value.keys()] : value]));
}
