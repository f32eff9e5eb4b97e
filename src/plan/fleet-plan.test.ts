import { describe, expect, test } from "vitest";
import type { AgentChange, ChangeSet, RestartReason } from "./change-set.ts";
import { fleetPlan, isPlanEmpty, type AgentNow, type FleetNow, type Hold } from "./fleet-plan.ts";

const image: RestartReason = { path: "spec.image", cause: "image", before: "r:1", after: "r:2" };
const pinned: RestartReason = { ...image, after: `r@sha256:${"a".repeat(64)}` };
const environment: RestartReason = { path: "spec.template.spec.containers[openclaw].env[A].value", cause: "environment", before: "1", after: "2" };

const agent = (name: string, action: AgentChange["action"], restartReasons: readonly RestartReason[] = []): AgentChange => ({ name, action, restartReasons, configuration: [] });
const changes = (...agents: AgentChange[]): ChangeSet => ({ objects: [], agents, leftovers: [], refusals: [] });

function now(holds: readonly Hold[] = [], rest: Partial<FleetNow> = {}): FleetNow {
  const up: AgentNow = { isUp: true, activity: { state: "busy", message: "tasks run" }, lastRestart: 40_000 };
  return {
    namespace: "bots",
    pace: { way: "operated", maxDisrupted: 1, canaries: [], bakeTime: 120_000, quietWait: 600_000 },
    agents: new Map<string, AgentNow>([["ana", up], ["bia", up], ["clovis", up], ["davi", { isUp: false }]]),
    holds,
    ...rest,
  };
}

describe("fleetPlan", () => {
  test("tells only agents to whom something happens, and counts the others", () => {
    const plan = fleetPlan(changes(agent("ana", "restart", [environment]), agent("bia", "update"), agent("clovis", "none"), agent("eva", "create")), now());
    expect(plan.agents.map(({ name, action, isUp, activity }) => [name, action, isUp, activity?.state])).toEqual([
      ["ana", "restart", true, "busy"],
      ["bia", "update", true, "busy"],
      ["eva", "create", false, undefined],
    ]);
    expect(plan).toMatchObject({ way: "operated", unchanged: 1, duration: { expected: 40_000, restart: { milliseconds: 40_000, samples: 3 } } });
    expect(isPlanEmpty(plan)).toBe(false);
    expect(isPlanEmpty(fleetPlan(changes(agent("clovis", "none")), now()))).toBe(true);
  });

  test("a tag rolls out in waves, a digest of an agent's own does not", () => {
    const plan = fleetPlan(changes(agent("ana", "restart", [image]), agent("bia", "restart", [pinned])), now());
    expect(plan.duration?.waves.map(({ name, agents }) => [name, agents])).toEqual([["waves", ["ana"]], ["restarts", ["bia"]]]);
  });

  test("the plain way knows no waves", () => {
    const plan = fleetPlan(changes(agent("ana", "restart", [image])), now([], { pace: { way: "plain" } }));
    expect(plan.duration?.waves).toMatchObject([{ name: "restarts", batch: 1 }]);
  });

  test("a freeze holds who runs and restarts; not who is down, nor new agents", () => {
    const frozen: Hold = { reason: "Frozen", message: "frozen by ana" };
    const plan = fleetPlan(changes(agent("ana", "restart", [environment]), agent("davi", "restart", [environment]), agent("eva", "create")), now([frozen]));
    expect(plan.agents.map(({ name, heldBy }) => [name, heldBy])).toEqual([["ana", ["Frozen"]], ["davi", []], ["eva", []]]);
    expect(plan.holds).toEqual([frozen]);
    expect(fleetPlan(changes(agent("eva", "create")), now([frozen])).holds).toEqual([]);
  });

  test("a hold of somebody who is not concerned is not told; a paused rollout holds images alone", () => {
    const other: Hold = { reason: "Suspended", message: "clovis is suspended", agents: ["clovis"] };
    const paused: Hold = { reason: "RolloutHeld", message: "the rollout of latest is Paused" };
    const suspended: Hold = { reason: "Suspended", message: "ana is suspended", agents: ["ana"] };
    const plan = fleetPlan(changes(agent("ana", "restart", [environment]), agent("bia", "restart", [image])), now([other, paused, suspended]));
    expect(plan.agents.map(({ heldBy }) => heldBy)).toEqual([["Suspended"], ["RolloutHeld"]]);
    expect(plan.holds).toEqual([paused, suspended]);
  });

  test("what is under way is told of everybody", () => {
    const plan = fleetPlan(changes(agent("ana", "none")), now([], { agents: new Map([["ana", { isUp: true, underWay: "it waits for a restart: Secret" }]]) }));
    expect(plan.underWay).toEqual([{ agent: "ana", message: "it waits for a restart: Secret" }]);
  });
});
