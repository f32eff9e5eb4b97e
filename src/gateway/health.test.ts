import { describe, expect, test } from "vitest";
import { gatewayHealth, type HealthAnswers } from "./health.ts";
import healthy from "./testdata/healthy.json" with { type: "json" };
import noCredential from "./testdata/no-credential.json" with { type: "json" };
import unconnected from "./testdata/channel-unconnected.json" with { type: "json" };

interface Recorded {
  readonly "/startup": HealthAnswers["startup"];
  readonly health: Record<string, unknown>;
  readonly "channels.status": Record<string, unknown>;
  readonly "models.authStatus"?: Record<string, unknown>;
  readonly "models.list"?: Record<string, unknown>;
}

/** What a real OpenClaw 2026.9.2 answered. */
function answers(recorded: Recorded): HealthAnswers {
  const { "models.authStatus": modelAuth, "models.list": models } = recorded;
  return { startup: recorded["/startup"], health: recorded.health, channels: recorded["channels.status"], ...(modelAuth && { modelAuth }), ...(models && { models }) };
}

const HEALTHY = answers(healthy);
const draining = { ok: false, state: "draining", failing: [] };
const TELEGRAM = { modelProblems: [], connectedChannels: ["telegram"] };

describe("an answer of a real gateway", () => {
  test("of one that works is healthy", () => {
    expect(gatewayHealth(HEALTHY)).toEqual({ state: "healthy", problems: [], modelProblems: [], connectedChannels: [] });
  });

  test("of one whose model has no credential is not, though it says ready; unless that is how it was", () => {
    const { modelProblems, ...judged } = gatewayHealth(answers(noCredential));
    expect(judged).toMatchObject({ state: "unhealthy", problems: ["the agent's model acme/a is not available: provider acme has no credential"] });
    expect(gatewayHealth(answers(noCredential), { modelProblems, connectedChannels: [] }).state).toBe("healthy");
  });

  test("of one whose channel does not get through counts only if it got through before", () => {
    expect(gatewayHealth(answers(unconnected)).state).toBe("healthy");
    expect(gatewayHealth(answers(unconnected), TELEGRAM)).toMatchObject({ state: "unhealthy", problems: ["channel telegram was connected before and is not now"] });
  });
});

describe("an answer made up from OpenClaw's own schema", () => {
  const channels = { channelAccounts: { telegram: [{ accountId: "default", connected: true }, { accountId: "second", running: true, lastError: "401" }], imap: [{ accountId: "default", running: true }] } };

  test.each<[string, HealthAnswers, readonly string[]]>([
    ["a draining gateway", { startup: draining }, ["the gateway is draining"]],
    ["a starting one that says what fails", { startup: { ok: false, state: "starting", failing: ["sidecars"] } }, ["the gateway is starting (sidecars)"]],
    ["a plugin that failed", { ...HEALTHY, health: { ok: true, plugins: { errors: [{ id: "imap" }] } } }, ["plugin imap failed to load"]],
    ["a dead configuration watcher", { ...HEALTHY, health: { ok: true, configReload: { hotReloadStatus: "disabled" } } }, ["the gateway no longer takes configuration changes over"]],
    ["an expired credential", { ...HEALTHY, modelAuth: { providers: [{ provider: "google", status: "expired" }] } }, ["the credential of model provider google is expired"]],
    ["a credential that expires soon", { ...HEALTHY, modelAuth: { providers: [{ provider: "google", status: "expiring" }] } }, []],
    ["another model without a credential", { ...HEALTHY, models: { models: [{ id: "b", provider: "x", available: false }] } }, []],
  ])("%s", (_name, given, problems) => {
    expect(gatewayHealth(given)).toMatchObject({ state: problems.length === 0 ? "healthy" : "unhealthy", problems });
  });

  test("channels without a word on their connection count as connected while they run without an error", () => {
    expect(gatewayHealth({ ...HEALTHY, channels }).connectedChannels).toEqual(["telegram", "imap"]);
    const before = { modelProblems: [], connectedChannels: ["telegram", "telegram/second", "imap", "slack"] };
    expect(gatewayHealth({ ...HEALTHY, channels }, before).problems).toEqual([
      "channel telegram/second was connected before and is not now: 401",
      "channel slack was connected before and is not now",
    ]);
  });

  test("what was not asked counts neither way", () => {
    expect(gatewayHealth({ startup: HEALTHY.startup }, TELEGRAM).state).toBe("healthy");
  });
});
