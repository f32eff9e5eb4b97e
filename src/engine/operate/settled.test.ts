import { expect, test } from "vitest";
import type { AgentStatus, Condition, FleetStatus } from "../../decide/status.ts";
import { settlednessOf } from "./settled.ts";

const condition = (type: Condition["type"], status: Condition["status"], message: string): Condition => ({
  type, status, message, reason: "Reason", observedGeneration: 2, lastTransitionTime: "2026-01-01T00:00:00Z",
});

function agent(conditions: readonly Condition[], rest: Partial<AgentStatus> = {}) {
  const secrets = { isProven: true };
  const status: AgentStatus = { observedGeneration: 2, observedFleetGeneration: 5, conditions, phase: "Ready", image: {}, secrets, restarts: [], ...rest };
  return { name: "clovis", generation: 2, status };
}

function fleet(phase?: FleetStatus["rollouts"][number]["phase"], waves: FleetStatus["rollouts"][number]["waves"] = []): FleetStatus {
  const rollout = { channel: "latest", digest: "sha256:1", message: "words", waves, done: 0, total: 1, failedAgents: [] };
  const rollouts = phase === undefined ? [] : [{ ...rollout, phase }];
  return { observedGeneration: 5, conditions: [], agents: { total: 1, ready: 1, disrupted: 0 }, rollouts, disruptions: [] };
}

const ready = condition("Ready", "True", "it serves");
const starting = condition("Ready", "False", "it starts");
const reconciling = condition("Reconciling", "True", "a restart is due");
const stalled = condition("Stalled", "True", "the API server refused it");

test.each([
  ["ready and nothing to do", [agent([ready])], fleet("Complete"), "settled", []],
  ["starting", [agent([starting])], fleet(), "working", ["clovis: it starts"]],
  ["ready, but a restart is due", [agent([ready, reconciling])], fleet(), "working", ["clovis: a restart is due"]],
  ["stalled", [agent([starting, stalled])], fleet(), "stalled", ["clovis: the API server refused it"]],
  ["one stalled, another still starts", [agent([stalled]), agent([starting])], fleet(), "working", ["clovis: it starts"]],
  ["suspended", [agent([condition("Ready", "True", "it is suspended")], { phase: "Suspended" })], fleet(), "stalled", ["clovis: it is suspended"]],
  ["an older generation", [agent([ready], { observedGeneration: 1 })], fleet(), "working", ["clovis: its declaration was not looked at yet"]],
  ["an older generation of the Fleet", [agent([ready], { observedFleetGeneration: 4 })], fleet(), "working", ["clovis: its declaration was not looked at yet"]],
  ["a rollout under way", [agent([ready])], fleet("Progressing"), "working", ["image latest: words"]],
  ["agents on their way back", [agent([ready])], fleet("RollingBack"), "working", ["image latest: words"]],
  ["a pause with nothing under way", [agent([ready])], fleet("Paused"), "settled", []],
  ["a paused rollout", [agent([ready])], fleet("Paused", [{ name: "wave 1", agents: ["clovis"], done: 0, failed: 0 }]), "stalled", ["image latest: words"]],
  ["a halted rollout", [agent([ready])], fleet("Halted"), "stalled", ["image latest: words"]],
  ["a fleet that was not looked at", [agent([ready])], undefined, "working", ["the fleet was not looked at yet"]],
] as const)("%s", (...[, agents, status, state, words]) => {
  expect(settlednessOf(agents, status, 5)).toEqual({ state, words });
});
