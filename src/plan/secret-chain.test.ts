import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secretChain } from "./secret-chain.ts";
import { stalePods, type LinkState } from "./secret-links.ts";
import type { SecretObservations } from "./secret-observations.ts";

const NOW = at("12:00:00");

function at(clock: string): Date {
  return new Date(`2026-11-22T${clock}Z`);
}

/** Written 11:00, synced 11:00:30 and ever since, restarted 11:05: all is well. */
function healthy(changes: Partial<SecretObservations> = {}): SecretObservations {
  return {
    agent: "clovis",
    declared: ["GITHUB_TOKEN"],
    vault: {
      state: "found",
      value: { path: "kv/agents/clovis", version: 3, createdAt: at("11:00:00"), deleted: false, keys: ["GITHUB_TOKEN", "OTHER"] },
    },
    sync: { state: "found", value: { ready: true, message: "", refreshedAt: at("11:59:30"), refreshInterval: 60 } },
    secret: { state: "found", value: { keys: ["GITHUB_TOKEN", "OTHER"], createdAt: at("09:00:00"), changedAt: at("11:00:30") } },
    processes: [{ pod: "clovis-1", startedAt: at("11:05:00") }],
    ...changes,
  };
}

function lostAs(state: string): object {
  return state === "absent" ? { state } : { state, reason: "no answer" };
}

function changed(base: SecretObservations, changes: readonly Change[]): SecretObservations {
  return changes.reduce((before, change) => Object.assign(before, change(before)), base);
}

type Change = (base: SecretObservations) => Partial<SecretObservations>;

const vault = (values: object): Change => ({ vault: base }) =>
  base.state === "found" ? { vault: { state: "found", value: { ...base.value, ...values } } } : {};
const sync = (values: object): Change => ({ sync: base }) =>
  base.state === "found" ? { sync: { state: "found", value: { ...base.value, ...values } } } : {};
const secret = (values: object): Change => ({ secret: base }) =>
  base.state === "found" ? { secret: { state: "found", value: { ...base.value, ...values } } } : {};
const processes = (...list: SecretObservations["processes"]): Change => () => ({ processes: list });

describe("secretChain", () => {
  test.each<[string, readonly Change[], LinkState, readonly string[]]>([
    ["all is well", [], "ok", []],
    ["nothing in Vault", [() => ({ vault: { state: "absent" } })], "broken", ["VAULT_SECRET_MISSING"]],
    ["a declared key missing in Vault and Secret", [vault({ keys: ["OTHER"] }), secret({ keys: ["OTHER"] })], "broken", ["VAULT_KEYS_MISSING", "SECRET_KEYS_MISSING"]],
    ["a declared key just added in Vault", [vault({ createdAt: at("11:59:50") }), secret({ keys: ["OTHER"] })], "waiting", ["SYNC_BEHIND", "SECRET_KEYS_MISSING"]],
    ["the newest version deleted", [vault({ deleted: true })], "broken", ["VAULT_SECRET_DELETED"]],
    ["Vault out of reach, the rest well", [() => ({ vault: { state: "unknown", reason: "sealed" } })], "unknown", ["VAULT_UNKNOWN"]],
    ["written after the last sync, in time", [vault({ createdAt: at("11:59:40") })], "waiting", ["SYNC_BEHIND"]],
    ["written and synced in one second, as by force", [vault({ createdAt: at("11:59:30.400") })], "ok", []],
    ["written after the last sync, overdue", [vault({ createdAt: at("11:58:00") }), sync({ refreshedAt: at("11:57:30") })], "broken", ["SYNC_LATE"]],
    ["the operator stopped", [sync({ refreshedAt: at("11:30:00") })], "broken", ["SYNC_LATE"]],
    ["two syncs missed only", [sync({ refreshedAt: at("11:57:30") })], "ok", []],
    ["refreshed only on request, and not behind", [sync({ refreshedAt: at("11:00:30"), refreshInterval: 0 })], "ok", []],
    ["refreshed only on request, and behind", [sync({ refreshedAt: at("10:00:00"), refreshInterval: 0 })], "broken", ["SYNC_BEHIND"]],
    ["the sync fails", [sync({ ready: false, message: "permission denied" })], "broken", ["SYNC_FAILED"]],
    ["the store is not ready", [() => ({ storeFailure: "invalid role name" })], "broken", ["SECRET_STORE_NOT_READY"]],
    ["never synced", [sync({ ready: false, refreshedAt: undefined })], "waiting", ["SYNC_NEVER"]],
    ["no ExternalSecret", [() => ({ sync: { state: "absent" } })], "broken", ["EXTERNAL_SECRET_MISSING"]],
    ["no Secret", [() => ({ secret: { state: "absent" } })], "broken", ["SECRET_MISSING", "PROCESS_UNKNOWN"]],
    ["a process from before the change", [processes({ pod: "clovis-1", startedAt: at("11:00:00") })], "broken", ["PROCESS_STALE"]],
    ["one that started in the second of the change", [processes({ pod: "clovis-1", startedAt: at("11:00:30") })], "broken", ["PROCESS_STALE"]],
    ["one that started in the second of the Secret's creation", [secret({ createdAt: at("11:00:30") }), processes({ pod: "clovis-1", startedAt: at("11:00:30") })], "ok", []],
    ["one of two pods stale", [processes({ pod: "a", startedAt: at("11:05:00") }, { pod: "b", startedAt: at("10:00:00") })], "broken", ["PROCESS_STALE"]],
    ["no time of the change", [secret({ changedAt: undefined })], "unknown", ["PROCESS_UNKNOWN"]],
    ["a pod that waits", [processes({ pod: "clovis-1", waiting: "CreateContainerConfigError" })], "waiting", ["PROCESS_NOT_STARTED"]],
    ["no pod", [processes()], "ok", []],
  ])("%s", (_case, changes, state, codes) => {
    const observations = changed(healthy(), changes);
    const chain = secretChain(observations, NOW);
    expect(chain.links.flatMap(({ code }) => code ?? [])).toEqual(codes);
    expect(chain.state).toBe(state);
  });

  test.each([
    ["unseal it with `vault operator unseal`", "unseal it with `vault operator unseal`"],
    [undefined, "set VAULT_ADDR and run `vault login`"],
  ])("a Vault that could not be asked leads to what its answer says is next (%s)", (next, told) => {
    const chain = secretChain({ ...healthy(), vault: { state: "unknown", reason: "sealed", ...(next !== undefined && { next }) } }, NOW);
    expect(chain.links.find(({ link }) => link === "vault")?.next).toBe(told);
  });

  const HMAC = "0a1b2c3d".repeat(8);
  test.each<[string, readonly Change[], string, string | undefined]>([
    ["the plain way has none", [], "ok", undefined],
    ["a pod made for the present Secret", [secret({ digest: HMAC }), processes({ pod: "a", startedAt: at("11:05:00"), secretDigest: HMAC })], "ok", "HMAC 0a1b2c3d"],
    ["a value that came back is the one that the process has", [secret({ digest: HMAC, changedAt: at("11:10:00") }), processes({ pod: "a", startedAt: at("11:05:00"), secretDigest: HMAC })], "ok", "HMAC 0a1b2c3d: it had these values before they were written again"],
    ["a pod made for another state, and older", [secret({ digest: HMAC }), processes({ pod: "a", startedAt: at("10:00:00"), secretDigest: "other" })], "broken PROCESS_STALE PROOF_OPEN", "made for another state"],
    ["a container that began anew in such a pod", [secret({ digest: HMAC }), processes({ pod: "a", startedAt: at("11:05:00"), secretDigest: "other" })], "waiting PROOF_OPEN", "a restart settles it"],
    ["without the key", [processes({ pod: "a", startedAt: at("11:05:00"), secretDigest: HMAC })], "unknown PROOF_UNKNOWN", "cannot be read"],
  ])("proof: %s", (_case, changes, verdict, message) => {
    const { state, links } = secretChain(changed(healthy(), changes), NOW);
    expect([state, ...links.flatMap(({ code }) => code ?? [])].join(" ")).toBe(verdict);
    const proof = links.find(({ link }) => link === "proof")?.message;
    if (message === undefined) expect(proof).toBeUndefined();
    else expect(proof).toContain(message);
  });

  const proven = [secret({ digest: HMAC }), processes({ pod: "a", startedAt: at("11:05:00"), secretDigest: HMAC })];
  test.each<[string, readonly Change[], string, readonly [string, Date][] | undefined]>([
    ["as the Secret says", [], "HMAC 0a1b2c3d", [["vault", at("11:00:00")], ["synced", at("11:00:30")], ["process", at("11:05:00")]]],
    ["as the controller noted", [() => ({ broughtAt: at("11:00:29") })], "HMAC 0a1b2c3d", [["vault", at("11:00:00")], ["synced", at("11:00:29")], ["process", at("11:05:00")]]],
    ["not by a later sync, which brought the same", [() => ({ broughtAt: at("11:42:00") })], "HMAC 0a1b2c3d", [["vault", at("11:00:00")], ["synced", at("11:00:30")], ["process", at("11:05:00")]]],
    ["without Vault", [() => ({ vault: { state: "unknown", reason: "sealed" } })], "HMAC 0a1b2c3d", [["synced", at("11:00:30")], ["process", at("11:05:00")]]],
    ["none where Vault got the same values again", [vault({ createdAt: at("11:10:00") }), sync({ refreshedAt: at("11:59:30") })], "written again", undefined],
  ])("the steps of the way are in order: %s", (_case, changes, message, steps) => {
    const proof = secretChain(changed(healthy(), [...proven, ...changes]), NOW).links.find(({ link }) => link === "proof");
    expect(proof?.message).toContain(message);
    expect(proof?.steps?.map(({ step, at: time }) => [step, time])).toEqual(steps);
  });

  test.each<[string, SecretObservations["restart"], LinkState, string, string]>([
    ["by people", undefined, "broken", "runs with its older values", "frota restart clovis"],
    ["by a controller, when it may", { isAutomatic: true, why: "its turn comes after ana", next: "frota status clovis" }, "waiting", "older values; the controller restarts it: its turn comes after ana", "frota status clovis"],
    ["by a controller that is not there", { isAutomatic: false, why: "no controller is live", next: "frota controller status" }, "broken", "older values; no controller is live", "frota controller status"],
  ])("a process from before the change is restarted %s", (...[, restart, state, message, next]) => {
    const chain = secretChain(changed(healthy(), [processes({ pod: "clovis-1", startedAt: at("11:00:00") }), () => (restart ? { restart } : {})]), NOW);
    expect(chain.state).toBe(state);
    expect(chain.links.at(-1)).toMatchObject({ code: "PROCESS_STALE", state, message: expect.stringContaining(message), next });
  });

  test("tells what is missing, what is stale and what to do", () => {
    const chain = secretChain(
      healthy({
        declared: ["GITHUB_TOKEN", "LINEAR_API_KEY"],
        processes: [{ pod: "clovis-1", startedAt: at("10:00:00") }],
      }),
      NOW,
    );
    expect(chain).toMatchObject({ vaultVersion: 3, missingKeys: ["LINEAR_API_KEY"], stalePods: ["clovis-1"] });
    expect(chain.links.map(({ next }) => next)).toEqual([
      "frota secrets set clovis LINEAR_API_KEY",
      undefined,
      "frota secrets set clovis LINEAR_API_KEY",
      "frota restart clovis",
    ]);
  });

  test("every link that is not ok says why and has a code; ok ones have none", () => {
    const observed = fc.constantFrom<"found" | "absent" | "unknown">("found", "absent", "unknown");
    const moment = fc.integer({ min: -10_000, max: 0 }).map((seconds) => new Date(+NOW + seconds * 1000));
    const property = fc.property(
      fc.record({ vault: observed, sync: observed, secret: observed }),
      fc.record({ created: moment, refreshed: moment, changed: moment, started: moment }),
      (states, times) => {
        const base = healthy({ processes: [{ pod: "p", startedAt: times.started }] });
        const changes = [vault({ createdAt: times.created }), sync({ refreshedAt: times.refreshed }), secret({ changedAt: times.changed })];
        const mended = changed(base, changes);
        const lost = Object.fromEntries(Object.entries(states).flatMap(([key, state]) => (state === "found" ? [] : [[key, lostAs(state)]])));
        const chain = secretChain({ ...mended, ...lost }, NOW);
        for (const link of chain.links) {
          expect(link.message).not.toBe("");
          expect(link.state === "ok").toBe(link.code === undefined);
        }
        const stale = stalePods({ ...mended, ...lost });
        expect(chain.links.some(({ code }) => code === "PROCESS_STALE")).toBe(stale.length > 0);
      },
    );
    fc.assert(property);
  });
});
