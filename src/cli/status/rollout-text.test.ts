import { describe, expect, test } from "vitest";
import type { FleetStatus, RolloutStatus } from "../../decide/status.ts";
import { rolloutFrame, rolloutText, wrappedRollouts } from "./rollout-text.ts";

const plain = (_style: unknown, text: string) => text;
const rollout = (changes: Partial<RolloutStatus>): RolloutStatus => ({
  channel: "latest", digest: `sha256:${"b".repeat(64)}`, phase: "Complete", message: "words", waves: [], done: 3, total: 3, failedAgents: [], ...changes,
});

test.each<[string, Partial<RolloutStatus>, string | undefined]>([
  ["a pause", { phase: "Paused" }, "`frota rollout resume` lets it go on"],
  ["a halt", { phase: "Halted", operations: ["start"] }, "push a mended image, or try this one again with `frota rollout start`"],
  ["what was taken back", { phase: "Held", operations: ["start", "pause"] }, "`frota rollout start` takes it up again"],
  ["what waits for the registry", { phase: "Held", operations: ["pause"] }, undefined],
  ["agents on their way back", { phase: "RollingBack", operations: ["start"] }, undefined],
])("says what only a person can do about %s", (_name, changes, next) => {
  const text = rolloutText({ observedGeneration: 1, conditions: [], agents: { total: 3, ready: 3, disrupted: 0 }, rollouts: [rollout(changes)], disruptions: [] }, plain);
  expect(text).toContain(`latest bbbbbbbbbbbb  ${changes.phase}  3 of 3\n  words\n`);
  expect(/next: (.*)/.exec(text)?.[1]).toBe(next);
});

test.each([[{ isTTY: true, columns: 60 }, 60], [{}, 1000]])("shown once on %j, no line is longer than %i, and no word is lost", (terminal, limit) => {
  const message = `wave 1: bia: ${"its pod starts ".repeat(9)}`.trim();
  const text = wrappedRollouts({ observedGeneration: 1, conditions: [], agents: { total: 3, ready: 3, disrupted: 0 }, rollouts: [rollout({ message })], disruptions: [] }, { write: () => undefined, ...terminal }, plain);
  expect(text.split("\n").filter((line) => line.length > limit)).toEqual([]);
  expect(text.replaceAll(/\s+/g, " ")).toContain(message);
});

describe("on a terminal of 80 columns", () => {
  const waves = Array.from({ length: 30 }, (_, index) => ({ name: `wave ${index + 1}`, agents: ["ana", "bia"], done: 1, failed: 0 }));
  const message = "wave 1: bia: its pod starts: Unschedulable: 0/3 nodes are available: 1 node(s) had untolerated taint, 2 Insufficient memory";
  const frame = (own: readonly RolloutStatus["waves"][number][]) => {
    const status: FleetStatus = { observedGeneration: 1, conditions: [], agents: { total: 60, ready: 60, disrupted: 0 }, rollouts: [rollout({ phase: "Progressing", message, waves: own })], disruptions: [] };
    return rolloutFrame(status, { write: () => undefined, isTTY: true, columns: 80, rows: 24 }, plain).split("\n").slice(0, -1);
  };

  test("long words are broken, not cut", () => {
    const lines = frame(waves.slice(0, 1));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.map((line) => line.trim()).join(" ")).toContain(message);
  });

  test("what has no room is counted", () => {
    const lines = frame(waves);
    expect(lines).toHaveLength(23);
    expect(lines.at(-1)).toBe("... and 11 more lines: frota rollout status");
  });
});
