import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { AgentChange } from "../../plan/change-set.ts";
import type { Readiness } from "../observe/readiness.ts";
import { scheduleAgents } from "./schedule-agents.ts";

function change(name: string, action: AgentChange["action"]): AgentChange {
  return { name, action, restartReasons: [], configuration: [] };
}

const ACTIONS = ["create", "restart", "update", "none"] as const;
const STATES = ["ready", "progressing", "failed", "absent"] as const;

test("new agents go together, running ones one by one with those first that are down", () => {
  const states: Record<string, Readiness["state"]> = { a: "absent", b: "ready", c: "failed", d: "ready", e: "progressing" };
  const changes = [change("a", "create"), change("b", "restart"), change("c", "restart"), change("d", "none"), change("e", "none")];
  expect(scheduleAgents(changes, (name) => states[name] ?? "absent")).toEqual({
    together: [{ name: "a", action: "create" }, { name: "e", action: "wait" }],
    oneByOne: [{ name: "c", action: "restart" }, { name: "b", action: "restart" }],
    settled: ["d"],
  });
});

test("one that is created on its old volume returns", () => {
  const { together } = scheduleAgents([{ ...change("a", "create"), isReturning: true }], () => "absent");
  expect(together).toEqual([{ name: "a", action: "return" }]);
});

test("every agent has exactly one turn, and a running one never shares its own", () => {
  const entry = fc.tuple(fc.constantFrom(...ACTIONS), fc.constantFrom(...STATES));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      const changes = entries.map(([action], index) => change(`agent-${index}`, action));
      const stateOf = (name: string) => entries[Number(name.slice("agent-".length))]?.[1] ?? "absent";
      const { together, oneByOne, settled } = scheduleAgents(changes, stateOf);
      const all = [...together.map(({ name }) => name), ...oneByOne.map(({ name }) => name), ...settled];
      expect(all.toSorted()).toEqual(changes.map(({ name }) => name).toSorted());
      expect(together.every(({ action }) => action === "create" || action === "wait")).toBe(true);
    }),
  );
});
