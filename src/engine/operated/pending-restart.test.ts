import { expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { OPERATED } from "../operate/annotations.ts";
import { pendingRestart } from "./pending-restart.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const condition = (type: string, status: string, reason = "", message = "") => ({ type, status, reason, message });
const PENDING = [condition("SecretsCurrent", "False", "RestartPending"), condition("Reconciling", "True", "RestartPending", "it waits for a restart: Secret"), condition("Stalled", "False")];
const SUSPENDED = { [OPERATED.suspended]: JSON.stringify({ by: "ana", reason: "debugging" }) };
const FROZEN = { [OPERATED.freeze]: JSON.stringify({ until: "2026-11-23T14:05:00Z", by: "bia", reason: "release day" }) };

function agent(conditions: readonly object[] = PENDING, rest: { readonly annotations?: Readonly<Record<string, string>>; readonly spec?: object } = {}): Manifest {
  return { apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "clovis", annotations: { ...rest.annotations } }, spec: { ...rest.spec }, status: { conditions } };
}

function fleet(rest: { readonly annotations?: Readonly<Record<string, string>>; readonly spec?: object; readonly disrupted?: readonly string[] } = {}): Manifest {
  const spec = {
    nodePool: { name: "bots" }, image: { repository: "registry.example.com/agent" }, storage: { className: "standard" },
    vault: { address: "https://vault.example.com", auth: { role: "agents" } }, ...rest.spec,
  };
  const disruptions = (rest.disrupted ?? []).map((name) => ({ agent: name, cause: "Secret", since: "" }));
  const status = { observedGeneration: 1, conditions: [], agents: {}, rollouts: [], disruptions };
  return { apiVersion: "frota.dev/v1alpha1", kind: "Fleet", metadata: { name: "test", namespace: "bots", annotations: { ...rest.annotations } }, spec, status };
}

const window = { disruption: { freezes: [{ from: "2026-11-23T00:00:00Z", to: "2026-11-23T15:00:00Z", reason: "holidays" }] } };

test.each<[string, Manifest, Manifest, boolean, string, string]>([
  ["its turn", agent(), fleet({ disrupted: ["ana", "clovis", "bia"] }), true, "its turn comes after ana, bia", "frota status clovis"],
  ["nobody else", agent(), fleet({ disrupted: ["clovis"] }), true, "it is next", "frota status clovis"],
  ["a quiet moment", agent([condition("Reconciling", "True", "WaitingForQuiet", "it waits for a quiet moment until 12:10 UTC")]), fleet(), true, "it waits for a quiet moment until 12:10 UTC", "frota status clovis"],
  ["a freeze that somebody asked for", agent(), fleet({ annotations: FROZEN }), true, "frozen until 2026-11-23 14:05 UTC by bia: release day", "wait for its end; earlier: `frota freeze --end`"],
  ["a window of fleet.yaml", agent(), fleet({ spec: window }), true, "frozen until 2026-11-23 15:00 UTC by fleet.yaml: holidays", "wait for its end; earlier: take the window out of spec.disruption.freezes in fleet.yaml and apply that"],
  ["a suspension", agent(PENDING, { annotations: SUSPENDED }), fleet({ annotations: FROZEN }), true, "suspended by ana: debugging", "`frota resume clovis`"],
  ["a suspension in Git", agent(PENDING, { spec: { suspend: true } }), fleet(), true, "suspended by Git (spec.suspend: true)", "take spec.suspend out of its agent.yaml, and apply that"],
  ["a suspension of all", agent(), fleet({ annotations: SUSPENDED }), true, "the fleet is suspended by ana: debugging", "`frota resume --all`"],
  ["people, where it only says so", agent([condition("SecretsCurrent", "False", "RestartDue")]), fleet(), false, "its spec.secrets.onChange is notify, so that only people restart it", "frota restart clovis"],
  ["a change, where it is stalled", agent([condition("Stalled", "True", "Invalid", "spec.env: no")]), fleet(), false, "the controller does not get further: spec.env: no", "frota status clovis"],
])("a restart for a secret waits for %s", (...[, resource, whole, isAutomatic, why, next]) => {
  expect(pendingRestart(resource, { fleet: whole, isLive: true, now: NOW })).toEqual({ isAutomatic, why, next });
});

test("without a live controller nobody restarts it", () => {
  expect(pendingRestart(agent(), { fleet: fleet(), isLive: false, now: NOW })).toMatchObject({ isAutomatic: false, next: "frota controller status" });
});
