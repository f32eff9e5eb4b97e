import { expect, test } from "vitest";
import type { FleetStatus } from "../decide/status.ts";
import { createLogger, logEvent } from "./log.ts";

const status = (...unreadableRecords: string[]): FleetStatus => ({
  observedGeneration: 1,
  conditions: [],
  agents: { total: 0, ready: 0, disrupted: 0 },
  rollouts: [],
  disruptions: [],
  ...(unreadableRecords.length > 0 ? { unreadableRecords } : {}),
});

test("a record that nobody can read is logged once for each change, and once by each process", () => {
  const lines: unknown[] = [];
  const log = createLogger({ write: (text) => void lines.push(JSON.parse(text)) }, "info");
  const first = status("entry clovis of the ledger");
  logEvent(log, { type: "fleet-seen", status: first });
  logEvent(log, { type: "fleet-status", before: first, status: first });
  logEvent(log, { type: "fleet-status", before: first, status: status("entry clovis of the ledger", "ControllerRevision x") });
  logEvent(log, { type: "fleet-status", before: first, status: status() });
  expect(lines).toMatchObject([
    { level: "warn", message: "unreadable record", record: "entry clovis of the ledger" },
    { level: "warn", message: "unreadable record", record: "ControllerRevision x" },
  ]);
});
