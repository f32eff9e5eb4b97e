import { expect, test } from "vitest";
import type { AgentStatus } from "../status/agent-status.ts";
import { describeAgents } from "./describe-agents.ts";

const seen: AgentStatus = {
  name: "clovis",
  isReady: true,
  state: "Ready",
  image: {},
  restarts: 0,
  volume: {},
  secrets: { isSynced: true },
  problems: [],
};
const conditions = [{ type: "Ready", status: "False", reason: "Starting", message: "its pod starts", lastTransitionTime: "2026-11-23T06:00:00Z" }];
const resource = { apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "clovis" }, status: { observedGeneration: 1, phase: "Starting", conditions, restarts: [], image: {} } };
const agents = new Map([["clovis", resource]]);

test("the words of a live controller are told", () => {
  expect(describeAgents([seen], { agents, isLive: true })).toMatchObject([{ isReady: false, state: "Starting", problems: [{ message: "its pod starts" }] }]);
});

test("those of one that is gone are old: what the cluster's objects say is told", () => {
  expect(describeAgents([seen], { agents, isLive: false })).toEqual([seen]);
  expect(describeAgents([seen], undefined)).toEqual([seen]);
});
