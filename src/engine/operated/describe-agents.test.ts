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

test("while the controller only waits for a pod, what keeps that from starting is told in the cluster's words, and as nothing that was given up", () => {
  const noSecret = { reason: "CreateContainerConfigError", message: 'secret "clovis-env" not found', fatal: true };
  const [described] = describeAgents([{ ...seen, isReady: false, state: "CreateContainerConfigError", problems: [noSecret] }], { agents, isLive: true });
  expect(described).toMatchObject({ state: "Starting", problems: [{ ...noSecret, fatal: false }] });
});

test("where the controller knows the reason behind, the cluster's words are not told", () => {
  const failed = { ...resource, status: { ...resource.status, conditions: [{ ...conditions[0], reason: "CrashLoop", message: "its gateway ended twice" }] } };
  const [described] = describeAgents([{ ...seen, isReady: false, problems: [{ reason: "CrashLoopBackOff", message: "back-off", fatal: true }] }], { agents: new Map([["clovis", failed]]), isLive: true });
  expect(described?.problems.map(({ message }) => message)).toEqual(["its gateway ended twice"]);
});
