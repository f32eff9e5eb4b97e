import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AgentStatus, FleetStatus } from "../../decide/status.ts";
import type { Manifest } from "../../render/manifest.ts";
import { agentStatusOf, fleetStatusOf } from "./read-status.ts";

const resource = (kind: string, status: unknown): Manifest => ({ apiVersion: "frota.dev/v1alpha1", kind, metadata: { name: "x" }, status });
const digest = `sha256:${"a".repeat(64)}`;
const conditions = [{ type: "Ready", status: "True", reason: "Ready", message: "its gateway serves", observedGeneration: 3, lastTransitionTime: "2026-11-23T12:00:00Z" }] as const;

/** Every field there is: one that is read no more would be news at each turn. */
const AGENT: Required<AgentStatus> = {
  observedGeneration: 3,
  observedFleetGeneration: 2,
  conditions,
  phase: "Baking",
  image: { digest, openclawVersion: "2026.9.2", previousDigest: digest, failedDigest: digest },
  secrets: { vaultChangedAt: "a", refreshedAt: "b", secretChangedAt: "c", processStartedAt: "d", isProven: true },
  restarts: [{ at: "2026-11-23T11:00:00Z", cause: "Image", detail: "from one to another" }],
  seen: { podUid: "u", containerRestarts: 1, restart: "r Image", restartedAt: "2026-11-23T11:00:00Z" },
  acknowledgedOperation: "o1",
  pendingOperation: "o2",
};

const FLEET: Required<FleetStatus> = {
  observedGeneration: 3,
  tag: "latest",
  conditions,
  agents: { total: 3, ready: 2, disrupted: 1 },
  rollouts: [
    {
      channel: "latest", digest, openclawVersion: "2026.9.2", phase: "Progressing", message: "wave 1: ana", waves: [{ name: "wave 1", agents: ["ana"], done: 0, failed: 1 }],
      done: 1, total: 3, failedAgents: [{ name: "bia", reason: "it crashed" }], previousDigest: digest, operations: ["pause", "abort"],
    },
  ],
  disruptions: [{ agent: "ana", cause: "Image", since: "2026-11-23T12:00:00Z" }],
  frozenUntil: "2026-11-23T13:00:00Z",
  unreadableRecords: ["entry ana of the ledger"],
  removalsHeld: { agents: 1, message: "davi runs without being declared" },
  acknowledgedOperation: "o1",
};

describe("a status", () => {
  test("is read as it was written, and once", () => {
    const [agent, fleet] = [resource("Agent", AGENT), resource("Fleet", FLEET)];
    expect([agentStatusOf(agent), fleetStatusOf(fleet)]).toEqual([AGENT, FLEET]);
    expect(agentStatusOf({ ...agent })).toBe(agentStatusOf(agent));
  });

  test("that somebody else wrote into is read without that", () => {
    expect(agentStatusOf(resource("Agent", { ...AGENT, restarts: ["?", ...AGENT.restarts, null], seen: 7, mine: true }))).toEqual({ ...AGENT, seen: undefined });
    expect(fleetStatusOf(resource("Fleet", { ...FLEET, rollouts: [null, ...FLEET.rollouts, {}], mine: true }))).toEqual(FLEET);
  });

  test("that no controller has written yet, as the definitions have it by default, is none", () => {
    const unseen = { observedGeneration: -1 };
    expect([agentStatusOf(resource("Agent", unseen)), fleetStatusOf(resource("Fleet", unseen))]).toEqual([undefined, undefined]);
  });

  test("of anything else is none, and never throws", () => {
    fc.assert(fc.property(fc.jsonValue(), (status) => agentStatusOf(resource("Agent", status)) === undefined && fleetStatusOf(resource("Fleet", status)) === undefined));
    expect([agentStatusOf(undefined), fleetStatusOf(undefined)]).toEqual([undefined, undefined]);
  });
});
