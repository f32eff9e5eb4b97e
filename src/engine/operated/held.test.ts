import { expect, test } from "vitest";
import { NOON, POLICY } from "../../decide/testing/worlds.ts";
import type { FleetPolicy } from "../../decide/policy.ts";
import type { Manifest } from "../../render/manifest.ts";
import { holdOf } from "./held.ts";

const FROZEN: FleetPolicy = { ...POLICY, freezes: [{ from: 0, to: NOON + 3_600_000, reason: "frozen by ana: release day" }] };
const SUSPENDED = { "frota.dev/suspended": JSON.stringify({ by: "ana", reason: "debugging" }) };
const condition = (type: string, status: string, reason = "", message = "") => ({ type, status, reason, message });
const waiting = condition("Reconciling", "True", "RestartPending", "it waits for a restart: Template");
const READY = condition("Ready", "True");

function agent(phase: string, conditions: readonly object[], rest: { readonly generation?: number; readonly annotations?: Readonly<Record<string, string>> } = {}): Manifest {
  const { generation = 1, annotations = {} } = rest;
  return { apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "clovis", generation, annotations }, status: { observedGeneration: 1, phase, conditions } };
}

const behind = [READY, condition("ConfigCurrent", "False", "Suspended")];

test.each<[string, Manifest, FleetPolicy, string | undefined]>([
  ["a restart that waits in a freeze", agent("Ready", [READY, waiting]), FROZEN, "it waits for a restart: Template; frozen until 13:00 UTC: frozen by ana: release day"],
  ["a permit that came before the freeze", agent("Ready", [READY, condition("Reconciling", "True", "Frozen", "frozen until 13:00 UTC: x")]), FROZEN, "frozen until 13:00 UTC: frozen by ana: release day"],
  ["a freeze that has just ended", agent("Ready", [READY, waiting]), POLICY, undefined],
  ["a first start in a freeze goes on", agent("Starting", [condition("Reconciling", "True", "Starting")]), FROZEN, undefined],
  ["nothing to do in a freeze", agent("Ready", [READY, condition("Reconciling", "False", "Settled")]), FROZEN, undefined],
  ["a status that does not answer the declaration", agent("Ready", [READY, waiting], { generation: 2 }), FROZEN, undefined],
  ["a suspended agent that is behind", agent("Suspended", behind, { annotations: SUSPENDED }), POLICY, "suspended by ana: debugging"],
  ["a suspended fleet", agent("Suspended", behind), { ...POLICY, suspended: "suspended by bia: holidays" }, "suspended by bia: holidays"],
  ["a suspended agent that is as declared", agent("Suspended", [READY, condition("ConfigCurrent", "True")], { annotations: SUSPENDED }), POLICY, undefined],
  ["a suspension that has just ended", agent("Suspended", behind), POLICY, undefined],
])("%s", (_name, resource, policy, message) => {
  expect(holdOf(resource, policy, NOON)).toBe(message);
});

test("a restart that somebody asked for waits for a suspended agent, though that is as declared", () => {
  const suspended = agent("Suspended", [READY, condition("ConfigCurrent", "True")], { annotations: SUSPENDED });
  expect(holdOf(suspended, POLICY, NOON, true)).toBe("suspended by ana: debugging");
});
