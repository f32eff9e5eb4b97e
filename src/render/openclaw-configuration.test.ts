import { expect, test } from "vitest";
import { agentSchema, API_VERSION } from "../spec/agent.ts";
import { declaredConfiguration, needsRestart, restartHash } from "./openclaw-configuration.ts";

function declared(openclaw: Record<string, unknown>): Readonly<Record<string, unknown>> {
  return declaredConfiguration(agentSchema.parse({ apiVersion: API_VERSION, kind: "Agent", metadata: { name: "clovis" }, spec: { openclaw } }));
}

test("what Frota needs is declared, and the agent's declaration goes over it", () => {
  expect(declared({ gateway: { controlUi: { enabled: false } }, plugins: { entries: { own: { enabled: true } } } })).toEqual({
    gateway: {
      mode: "local",
      port: 18789,
      bind: "lan",
      auth: { mode: "token" },
      controlUi: { enabled: false },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    plugins: { entries: { "admin-http-rpc": { enabled: true }, own: { enabled: true } } },
  });
});

test.each([
  ["models", false],
  ["models.providers.google.baseUrl", false],
  ["plugins.entries.own.enabled", false],
  ["plugins.load", true],
  ["plugins.load.paths", true],
  ["plugins.installs", true],
  ["gateway.port", true],
  ["modelsOfAnotherKind", true],
  ["anything.unknown", true],
])("changing %s needs a restart: %s", (key, restarts) => {
  expect(needsRestart(key.split("."))).toBe(restarts);
});

const before = { gateway: { port: 1, bind: "lan" }, models: { mode: "merge" }, plugins: { entries: { a: {} }, load: { paths: ["/a"] } } };

test.each<[string, Record<string, unknown>, boolean]>([
  ["another order of keys", { plugins: { load: { paths: ["/a"] }, entries: { a: {} } }, models: { mode: "merge" }, gateway: { bind: "lan", port: 1 } }, true],
  ["hot keys changed", { ...before, models: {}, plugins: { entries: { b: {} }, load: { paths: ["/a"] } } }, true],
  ["hot keys gone", { gateway: before.gateway, plugins: { load: { paths: ["/a"] } } }, true],
  ["a cold key beneath a hot one changed", { ...before, plugins: { entries: { a: {} }, load: { paths: ["/b"] } } }, false],
  ["a cold key changed", { ...before, gateway: { port: 2, bind: "lan" } }, false],
  ["a cold key added", { ...before, agents: {} }, false],
])("the hash with %s", (_, after, same) => {
  expect(restartHash(after) === restartHash(before)).toBe(same);
  expect(restartHash(after)).toMatch(/^[0-9a-f]{16}$/);
});

test.each([
  ["agents.defaults.model.primary", false],
  ["tools.deny", false],
  ["gateway.http.endpoints.responses.enabled", false],
  ["mcp.servers.x", false],
  ["mcp.apps.enabled", true],
  ["plugins.load.paths", true],
  ["channels.telegram", true],
  ["env.vars.TZ", true],
  ["gateway.port", true],
])("delivered to a running gateway, %s needs a restart: %s", (key, restarts) => {
  expect(needsRestart(key.split("."), "live")).toBe(restarts);
});

test("the hash for a running gateway leaves out what that takes over, and nothing else", () => {
  const agents = { defaults: { model: { primary: "google/a" } } };
  expect(restartHash({ ...before, agents }, "live")).toBe(restartHash(before, "live"));
  expect(restartHash({ ...before, agents }, "start")).not.toBe(restartHash(before, "start"));
  expect(restartHash({ ...before, env: {} }, "live")).not.toBe(restartHash(before, "live"));
});
