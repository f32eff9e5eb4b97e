import { pino, type Logger } from "pino";
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
  if (event.type === "acted" || event.type === "fleet-acted") {
    const { type, ...detail } = event.action;
    const agent = event.type === "acted" ? { agent: event.agent } : {};
    log.info({ ...agent, action: type, ...plainDetail(detail), took: Math.round(event.took) }, "acted");
  } else if (event.type === "failed") {
    const { agent, code, message: reason, retryIn } = event;
    log.warn({ agent, code, reason, retryIn: Math.round(retryIn) }, "an action failed");
  } else if (event.type === "status") {
    if (event.before?.phase === event.status.phase) return;
    log.info({ agent: event.agent, from: event.before?.phase, to: event.status.phase }, "phase changed");
  } else if (event.type === "fleet-seen" || event.type === "fleet-status") {
    logUnreadable(log, event);
  } else if (event.type === "problem") {
    log.warn({ reason: event.message }, "problem");
  }
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
