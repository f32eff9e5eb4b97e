import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { FleetStatus, RolloutStatus } from "../../decide/status.ts";
import type { AgentStatus } from "../../engine/status/agent-status.ts";
import type { FleetReport } from "../../engine/status/fleet-report.ts";
import type { Output } from "../context.ts";
import { painter } from "../terminal/paint.ts";
import { changedAgents, changeLines } from "./status-changes.ts";
import { statusFrame } from "./status-frame.ts";
import { statusText } from "./status-text.ts";
import { displayWidth } from "../terminal/table.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const DIGEST = `sha256:${"ab12cd34ef56".repeat(5)}abcd`;

function agent(name: string, rest: Partial<AgentStatus> = {}): AgentStatus {
  return {
    name,
    isReady: true,
    state: "Ready",
    image: { reference: "registry.example/agent:latest", digest: DIGEST, openclawVersion: "2026.9.2" },
    restarts: 0,
    startedAt: "2026-11-23T11:00:00Z",
    pod: { name: `${name}-75b9c7d8f4-x2x9z`, node: "pool-bots-1" },
    volume: { claim: `${name}-state`, phase: "Bound", size: "20Gi" },
    secrets: { isSynced: true },
    problems: [],
    ...rest,
  };
}

const REPORT: FleetReport = {
  namespace: "bots",
  operated: undefined,
  freezes: [{ until: "2026-11-23T14:30:00Z", from: "request", by: "ana@desk", reason: "Clóvis presents to the board" }],
  agents: [
    agent("clementina"),
    agent("clovis", { suspension: { from: "request", by: "Otávio@desk", at: "2026-11-23T11:48:00Z", reason: "Clóvis debugs himself" }, state: "Suspended" }),
    agent("roberval", {
      isReady: false,
      state: "CrashLoopBackOff",
      restarts: 3,
      secrets: { isSynced: false, reason: "SecretSyncedError" },
      problems: [{ reason: "SecretSyncedError", message: "the secrets are not synced from Vault: could not get secret data from provider: permission denied", next: "`frota secrets status roberval` shows where the chain is broken", fatal: false }],
    }),
  ],
};

const terminal = (columns: number, rows = 24): Output => ({ write: () => undefined, isTTY: true, columns, rows });
const file: Output = { write: () => undefined };
const text = (output: Output, env: Record<string, string> = { NO_COLOR: "1" }, { isWide = false, report = REPORT } = {}) => statusText(report, { now: NOW, output, paint: painter(output, env), isWide });

const frame = (report: FleetReport, output: Output, lost?: string) => statusFrame(report, { now: NOW, output, paint: painter(output, { NO_COLOR: "1" }), isWide: false }, lost);

describe("statusText", () => {
  test("at 80 columns", () => {
    expect(text(terminal(80))).toMatchInlineSnapshot(`
      "AGENT       READY  STATUS            SECRETS            IMAGE     RESTARTS  AGE
      clementina  yes    Ready             synced             2026.9.2  0         60m
      clovis      yes    Suspended         synced             2026.9.2  0         60m
      roberval    no     CrashLoopBackOff  SecretSyncedError  2026.9.2  3         60m
      (no room for DIGEST, VOLUME: -o wide)

      roberval: the secrets are not synced from Vault: could not get secret data from
        provider: permission denied
        next: \`frota secrets status roberval\` shows where the chain is broken
      frozen by ana@desk until 2026-11-23 14:30 UTC (2 h 30 min left): Clóvis presents
        to the board (ends earlier with \`frota freeze --end\`)
      clovis is suspended by Otávio@desk since 2026-11-23 11:48 UTC (12 min 00 s ago):
        Clóvis debugs himself (ends with \`frota resume clovis\`)
      "
    `);
  });

  test("in trouble, with long words for it, restarts and age stay, and what gives way is named", () => {
    const troubled = agent("roberval", { isReady: false, state: "CreateContainerConfigError", restarts: 7, secrets: { isSynced: false, reason: "SecretSyncedError" } });
    const lines = text(terminal(80), { NO_COLOR: "1" }, { report: { ...REPORT, agents: [troubled] } }).split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "AGENT     READY  STATUS                      SECRETS            RESTARTS  AGE",
      "roberval  no     CreateContainerConfigError  SecretSyncedError  7         60m",
      "(no room for IMAGE, DIGEST, VOLUME: -o wide)",
    ]);
  });

  test("until the version is known, a tag stands for it, and nothing for a digest", () => {
    const images = { tagged: ":latest", pinned: `@${DIGEST}`, bare: "" };
    const agents = Object.entries(images).map(([name, version]) => agent(name, { image: { reference: `registry.example:5000/agent${version}` } }));
    const report = { ...REPORT, agents };
    const rows = text(terminal(140), { NO_COLOR: "1" }, { report }).split("\n").slice(1, 4);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 5))).toEqual([
      ["tagged", "yes", "Ready", "synced", "latest"],
      ["pinned", "yes", "Ready", "synced", "-"],
      ["bare", "yes", "Ready", "synced", "-"],
    ]);
  });

  test("a volume that was raised and did not grow yet says so", () => {
    const raised = agent("ana", { volume: { claim: "ana-state", phase: "Bound", size: "20Gi", requested: "25Gi" } });
    expect(text(terminal(140), { NO_COLOR: "1" }, { report: { ...REPORT, agents: [raised] } })).toContain("Bound 20Gi of 25Gi\n");
  });

  test("at 140 columns", () => {
    expect(text(terminal(140))).toMatchInlineSnapshot(`
      "AGENT       READY  STATUS            SECRETS            IMAGE     RESTARTS  AGE  DIGEST        VOLUME
      clementina  yes    Ready             synced             2026.9.2  0         60m  ab12cd34ef56  Bound 20Gi
      clovis      yes    Suspended         synced             2026.9.2  0         60m  ab12cd34ef56  Bound 20Gi
      roberval    no     CrashLoopBackOff  SecretSyncedError  2026.9.2  3         60m  ab12cd34ef56  Bound 20Gi

      roberval: the secrets are not synced from Vault: could not get secret data from provider: permission denied
        next: \`frota secrets status roberval\` shows where the chain is broken
      frozen by ana@desk until 2026-11-23 14:30 UTC (2 h 30 min left): Clóvis presents to the board (ends earlier with \`frota freeze --end\`)
      clovis is suspended by Otávio@desk since 2026-11-23 11:48 UTC (12 min 00 s ago): Clóvis debugs himself (ends with \`frota resume clovis\`)
      "
    `);
  });

  test("in a file, with all columns", () => {
    expect(text(file, {}, { isWide: true })).toMatchInlineSnapshot(`
      "AGENT       READY  STATUS            SECRETS            IMAGE     RESTARTS  AGE  DIGEST        VOLUME      NODE         POD
      clementina  yes    Ready             synced             2026.9.2  0         60m  ab12cd34ef56  Bound 20Gi  pool-bots-1  clementina-75b9c7d8f4-x2x9z
      clovis      yes    Suspended         synced             2026.9.2  0         60m  ab12cd34ef56  Bound 20Gi  pool-bots-1  clovis-75b9c7d8f4-x2x9z
      roberval    no     CrashLoopBackOff  SecretSyncedError  2026.9.2  3         60m  ab12cd34ef56  Bound 20Gi  pool-bots-1  roberval-75b9c7d8f4-x2x9z

      roberval: the secrets are not synced from Vault: could not get secret data from provider: permission denied
        next: \`frota secrets status roberval\` shows where the chain is broken
      frozen by ana@desk until 2026-11-23 14:30 UTC (2 h 30 min left): Clóvis presents to the board (ends earlier with \`frota freeze --end\`)
      clovis is suspended by Otávio@desk since 2026-11-23 11:48 UTC (12 min 00 s ago): Clóvis debugs himself (ends with \`frota resume clovis\`)
      "
    `);
  });

  test.each([60, 80, 100, 140])("no line is longer than a terminal of %i columns, in color as well", (columns) => {
    const colored = text(terminal(columns), {});
    expect(colored).toContain("\u001B[");
    expect(stripVTControlCharacters(colored)).toBe(text(terminal(columns)));
    expect(Math.max(...colored.split("\n").map(displayWidth))).toBeLessThanOrEqual(columns);
  });

  const halted: RolloutStatus = {
    channel: "latest",
    digest: DIGEST,
    phase: "Halted",
    message: "Clóvis não ficou pronto com a imagem nova: no node takes its pod: 0/3 nodes are available: 3 Insufficient memory",
    waves: [],
    done: 1,
    total: 3,
    failedAgents: [],
  };
  const fleetStatus: FleetStatus = { observedGeneration: 1, conditions: [], agents: { total: 3, ready: 2, disrupted: 0 }, rollouts: [halted], disruptions: [] };
  const operated: FleetReport["operated"] = { agents: new Map(), fleet: fleetStatus, resource: { apiVersion: "frota.dev/v1alpha1", kind: "Fleet", metadata: { name: "bots" } }, isLive: false };
  const troubled = { report: { ...REPORT, operated } };

  test.each([40, 60, 80])("of an operated fleet in trouble no line is longer than %i columns, and no word is lost", (columns) => {
    const lines = stripVTControlCharacters(text(terminal(columns), {}, troubled)).split("\n");
    expect(lines.filter((line) => displayWidth(line) > columns && line.trim().includes(" "))).toEqual([]);
    expect(lines.join(" ").replaceAll(/\s+/g, " ")).toContain(`rollout of latest ab12cd34ef56: Halted, 1 of 3: ${halted.message}`);
    expect(text(file, {}, troubled)).toContain(`\nrollout of latest ab12cd34ef56: Halted, 1 of 3: ${halted.message}\n`);
  });

  test("agents in the same trouble are told together", () => {
    const problems = [{ reason: "Frozen", message: "no controller looks after it", fatal: false }];
    const agents = ["a", "b", "c", "d", "e", "f", "g"].map((name) => agent(name, { problems }));
    expect(statusText({ ...REPORT, agents, freezes: [] }, { now: NOW, output: file, paint: painter(file, {}), isWide: false })).toContain("a, b, c, d, e and 2 more: no controller looks after it\n");
  });
});

describe("statusFrame", () => {
  test("at 80 columns and 24 lines", () => {
    expect(frame(REPORT, terminal(80), "connection refused")).toMatchInlineSnapshot(`
      "bots  2 of 3 Ready  12:00:00 UTC, Ctrl-C ends
      AGENT       READY  STATUS            SECRETS            IMAGE     RESTARTS  AGE
      clementina  yes    Ready             synced             2026.9.2  0         60m
      clovis      yes    Suspended         synced             2026.9.2  0         60m
      roberval    no     CrashLoopBackOff  SecretSyncedError  2026.9.2  3         60m
      (no room for DIGEST, VOLUME: -o wide)

      no answer, trying again: connection refused
      frozen by ana@desk until 2026-11-23 14:30 UTC (2 h 30 min left): Clóvis present…
      clovis is suspended by Otávio@desk since 2026-11-23 11:48 UTC (12 min 00 s ago)…
      roberval: the secrets are not synced from Vault: could not get secret data from…
        next: \`frota secrets status roberval\` shows where the chain is broken
      "
    `);
  });

  test.each([
    [8, 40],
    [12, 80],
    [24, 80],
    [50, 140],
  ])("of a thousand agents fits %i lines of %i columns, and who is in trouble is on it", (rows, columns) => {
    const agents = Array.from({ length: 1000 }, (_, index) => agent(`agent-${String(index).padStart(4, "0")}`));
    agents[700] = agent("agent-0700", { isReady: false, state: "Draining" });
    const lines = frame({ ...REPORT, agents, freezes: [] }, terminal(columns, rows)).trimEnd().split("\n");
    expect(lines.length).toBeLessThan(Math.max(rows, 9));
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
    expect(lines.join("\n")).toContain("agent-0700");
    expect(lines.join("\n")).toMatch(/\.\.\. and \d+ more, all Ready/);
  });

  test("many troubles leave room for the table", () => {
    const agents = Array.from({ length: 50 }, (_, index) => agent(`a${index}`, { isReady: false, state: "Failed", problems: [{ reason: "X", message: `trouble ${index}`, fatal: true }] }));
    const shown = frame({ ...REPORT, agents }, terminal(80));
    expect(shown.trimEnd().split("\n").length).toBeLessThanOrEqual(23);
    expect(shown).toMatch(/a0 +no +Failed/);
    expect(shown).toMatch(/more lines: frota status/);
    expect(shown).not.toContain("all Ready");
  });
});

describe("changes", () => {
  const [clementina, clovis, roberval] = REPORT.agents as [AgentStatus, AgentStatus, AgentStatus];

  test("are told a line each, by field", () => {
    const { suspension: _suspension, ...resumed } = clovis;
    const draining = { ...clementina, isReady: false, state: "Draining", problems: [{ reason: "Draining", message: "its previous pod finishes", fatal: false }] };
    const after = { ...REPORT, freezes: [], agents: [draining, { ...resumed, state: "Ready" }, agent("ana")] };
    expect(changeLines(REPORT, after, NOW)).toEqual([
      "no longer so: frozen by ana@desk until 2026-11-23 14:30 UTC (2 h 30 min left): Clóvis presents to the board (ends earlier with `frota freeze --end`)",
      "no longer so: clovis is suspended by Otávio@desk since 2026-11-23 11:48 UTC (12 min 00 s ago): Clóvis debugs himself (ends with `frota resume clovis`)",
      "clementina: Ready -> Draining, its previous pod finishes",
      "clovis: Suspended -> Ready",
      "ana: Ready, image 2026.9.2 ab12cd34ef56, restarts 0, secrets synced, pod ana-75b9c7d8f4-x2x9z",
      "roberval: gone",
    ]);
  });

  test("a refresh of External Secrets is none", () => {
    const after = { ...REPORT, agents: [{ ...clementina, secrets: { isSynced: true, refreshedAt: "2026-11-23T12:00:00Z" } }, clovis, roberval] };
    expect(changedAgents(REPORT, after)).toEqual([]);
    expect(changedAgents(undefined, REPORT)).toEqual(REPORT.agents);
  });
});
