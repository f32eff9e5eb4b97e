import { expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { fleetHolds, holdOf, isResumed, type FleetHolds } from "./held.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const SPEC = { nodePool: { name: "bots" }, image: { repository: "registry.example.com/agent" }, storage: { className: "standard" }, vault: { address: "https://vault.example.com", auth: { role: "agents" } } };

function holds(annotations: Readonly<Record<string, string>> = {}, spec: object = {}): FleetHolds {
  return fleetHolds({ apiVersion: "frota.dev/v1alpha1", kind: "Fleet", metadata: { name: "test", namespace: "bots", annotations }, spec: { ...SPEC, ...spec } }, NOW);
}

const NONE = holds();
const REQUEST = { "frota.dev/freeze": JSON.stringify({ until: "2026-11-23T13:00:00Z", by: "ana", reason: "release day" }) };
const WINDOW = { disruption: { freezes: [{ from: "2026-11-23T00:00:00Z", to: "2026-11-23T15:00:00Z", reason: "holidays" }] } };
const FROZEN = holds(REQUEST);
const SUSPENDED = { "frota.dev/suspended": JSON.stringify({ by: "ana", reason: "debugging" }) };
const condition = (type: string, status: string, reason = "", message = "") => ({ type, status, reason, message });
const waiting = condition("Reconciling", "True", "RestartPending", "it waits for a restart: Template");
const READY = condition("Ready", "True");

function agent(phase: string, conditions: readonly object[], rest: { readonly generation?: number; readonly annotations?: Readonly<Record<string, string>> } = {}): Manifest {
  const { generation = 1, annotations = {} } = rest;
  return { apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "clovis", generation, annotations }, status: { observedGeneration: 1, phase, conditions } };
}

const behind = [READY, condition("ConfigCurrent", "False", "Suspended")];

const [THEN, WINDOW_END] = ["wait for its end; earlier: ", "take the window out of spec.disruption.freezes in fleet.yaml and apply that"];

test.each<[string, Manifest, FleetHolds, string, string]>([
  ["a restart that waits in a freeze", agent("Ready", [READY, waiting]), FROZEN, "it waits for a restart: Template; frozen until 2026-11-23 13:00 UTC by ana: release day", `${THEN}\`frota freeze --end\``],
  ["a permit that came before the freeze", agent("Ready", [READY, condition("Reconciling", "True", "Frozen", "frozen until 13:00 UTC: x")]), FROZEN, "frozen until 2026-11-23 13:00 UTC by ana: release day", `${THEN}\`frota freeze --end\``],
  ["a window of fleet.yaml, which no command ends", agent("Ready", [READY, waiting]), holds({}, WINDOW), "it waits for a restart: Template; frozen until 2026-11-23 15:00 UTC by fleet.yaml: holidays", `${THEN}${WINDOW_END}`],
  ["both", agent("Ready", [READY, waiting]), holds(REQUEST, WINDOW), "it waits for a restart: Template; frozen until 2026-11-23 15:00 UTC by fleet.yaml: holidays", `${THEN}\`frota freeze --end\`, and ${WINDOW_END}`],
  ["a suspended agent that is behind", agent("Suspended", behind, { annotations: SUSPENDED }), NONE, "suspended by ana: debugging", "`frota resume clovis`"],
  ["an agent that Git suspends", { ...agent("Suspended", behind), spec: { suspend: true } }, NONE, "suspended by Git (spec.suspend: true)", "take spec.suspend out of its agent.yaml, and apply that"],
  ["a window that nobody can read", agent("Suspended", behind), holds({}, { disruption: { freezes: [{ from: "18:00", to: "19:00", timeZone: "Nowhere/Else", reason: "x" }] } }), "a freeze window has an unknown time zone", "mend spec.disruption.freezes in fleet.yaml, and apply that"],
  ["a suspended fleet", agent("Suspended", behind), holds(SUSPENDED), "the fleet is suspended by ana: debugging", "`frota resume --all`"],
  ["a fleet that Git suspends", agent("Suspended", behind), holds({}, { suspend: true }), "the fleet is suspended by Git (spec.suspend: true)", "take spec.suspend out of fleet.yaml, and apply that"],
])("%s is told, with what ends it", (...[, resource, fleet, words, next]) => {
  expect(holdOf(resource, fleet)).toEqual({ words, next });
});

test.each<[string, Manifest, FleetHolds]>([
  ["a freeze that has just ended", agent("Ready", [READY, waiting]), NONE],
  ["a first start in a freeze, which goes on", agent("Starting", [condition("Reconciling", "True", "Starting")]), FROZEN],
  ["a freeze with nothing to do", agent("Ready", [READY, condition("Reconciling", "False", "Settled")]), FROZEN],
  ["a status that does not answer the declaration", agent("Ready", [READY, waiting], { generation: 2 }), FROZEN],
  ["a suspended agent that is as declared", agent("Suspended", [READY, condition("ConfigCurrent", "True")], { annotations: SUSPENDED }), NONE],
  ["a suspension that has just ended", agent("Suspended", behind), NONE],
])("%s holds nothing", (_name, resource, fleet) => {
  expect(holdOf(resource, fleet)).toBeUndefined();
});

const lacking = condition("SecretsCurrent", "False", "MissingKeys", "its Secret clovis-env lacks GITHUB_TOKEN");

const seen = (resource: Manifest, request: string): Manifest => ({ ...resource, status: { ...valueAt(resource, ["status"]) as object, pendingOperation: request } });

const LACKING: readonly (readonly [string, Manifest])[] = [
  ["that waits for a restart", agent("Ready", [READY, waiting, lacking])],
  ["that cannot start for it", agent("Starting", [condition("Reconciling", "True", "MissingKeys"), lacking])],
  ["that the controller gave up", agent("Failed", [condition("Stalled", "True", "Exited"), lacking])],
];

test.each(LACKING)("a Secret that lacks a key holds the request that the controller has seen, of an agent %s, and nothing that is not asked for", (_name, resource) => {
  const next = "`frota secrets status clovis` shows where it is lost, and what to do";
  expect(holdOf(seen(resource, "r2"), NONE, "r2")).toEqual({ words: "its Secret clovis-env lacks GITHUB_TOKEN", next });
  expect(holdOf(seen(resource, "r2"), NONE)).toBeUndefined();
});

test.each(LACKING)("what a status of before the request says of the Secret of an agent %s holds nothing: the key may have come since", (_name, resource) => {
  expect(holdOf(resource, NONE, "r2")).toBeUndefined();
  expect(holdOf(seen(resource, "r1"), NONE, "r2")).toBeUndefined();
});

test.each<[string, Manifest, FleetHolds, boolean]>([
  ["was just resumed", agent("Suspended", behind), NONE, true],
  ["is suspended", agent("Suspended", behind, { annotations: SUSPENDED }), NONE, false],
  ["is suspended with its fleet", agent("Suspended", behind), holds(SUSPENDED), false],
  ["was never suspended", agent("Ready", [READY]), NONE, false],
])("the status of an agent that %s is of before: %s", (_name, resource, fleet, isBefore) => {
  expect(isResumed(resource, fleet)).toBe(isBefore);
});

test("a restart that somebody asked for waits for a suspended agent, though that is as declared", () => {
  const suspended = agent("Suspended", [READY, condition("ConfigCurrent", "True")], { annotations: SUSPENDED });
  expect(holdOf(suspended, NONE, "r1")?.words).toBe("suspended by ana: debugging");
});
