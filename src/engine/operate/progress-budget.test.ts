import { expect, test } from "vitest";
import type { AgentStatus } from "../../decide/status.ts";
import { ProgressBudget } from "./progress-budget.ts";

function status(phase: AgentStatus["phase"], acknowledgedOperation?: string): AgentStatus {
  const rest = acknowledgedOperation === undefined ? {} : { acknowledgedOperation };
  return { observedGeneration: 1, conditions: [], phase, image: {}, secrets: { isProven: false }, restarts: [], ...rest };
}

function spent(): { budget: ProgressBudget; pass: (milliseconds: number) => void } {
  let now = 0;
  const budget = new ProgressBudget(() => now);
  while (budget.mayTell(undefined, status("Starting")));
  return { budget, pass: (milliseconds) => void (now += milliseconds) };
}

test("a small fleet tells every step at once", () => {
  const budget = new ProgressBudget(() => 0);
  const told = Array.from({ length: 25 }, () => budget.mayTell(undefined, status("Starting")));
  expect(told.filter(Boolean)).toHaveLength(20);
});

test("a large one tells one more step each second", () => {
  const { budget, pass } = spent();
  pass(999);
  expect(budget.mayTell(undefined, status("Checking"))).toBe(false);
  pass(1);
  expect(budget.mayTell(undefined, status("Checking"))).toBe(true);
  expect(budget.mayTell(undefined, status("Checking"))).toBe(false);
});

test.each(["Ready", "Failed", "Baking", "WaitingForQuiet", "Suspended"] as const)("%s is always told", (phase) => {
  expect(spent().budget.mayTell(status("Starting"), status(phase))).toBe(true);
});

test("that an agent is no longer Ready is always told", () => {
  expect(spent().budget.mayTell(status("Ready"), status("Draining"))).toBe(true);
});

test("that somebody's request was seen is told at once", () => {
  expect(spent().budget.mayTell(status("Starting", "7"), { ...status("Starting", "7"), pendingOperation: "8" })).toBe(true);
});

test("what somebody asked for is acknowledged at once", () => {
  expect(spent().budget.mayTell(status("Draining"), status("Draining", "7"))).toBe(true);
});
