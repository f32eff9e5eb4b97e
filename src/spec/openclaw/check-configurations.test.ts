import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assembleFleet } from "../assemble.ts";
import { isPlainMap, valueAt } from "../plain-data.ts";
import { checkConfigurations } from "./check-configurations.ts";
import { pruneSchema } from "./json-schema.ts";
import { createValidator } from "./validator.ts";
import { OPENCLAW_SCHEMA_FILE } from "./version.ts";

const parsed: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "../../../schemas", OPENCLAW_SCHEMA_FILE), "utf8"));
const schema = isPlainMap(parsed) ? parsed : {};

function agentText(name: string): string {
  return `apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata: {name: ${name}}\nspec:\n  openclaw:\n    agents: {defaults: {modle: x}}\n`;
}

function faults(configuration: unknown): string[] {
  return createValidator(schema, [configuration])(configuration).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("OpenClaw's schema is a valid one", () => {
  const ajv = new Ajv({ strict: false });
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
});

// What `openclaw config validate` of 2026.9.2 says about the same files was compared by hand.
describe("accepted as OpenClaw accepts it", () => {
  test.each([
    [{}],
    [{ agents: { defaults: { model: { primary: "google/gemini-3-pro-preview" } } } }],
    [{ channels: { telegram: { botToken: "${TELEGRAM_BOT_TOKEN}" } } }],
    [{ channels: { telegram: { botToken: { source: "env", provider: "default", id: "TELEGRAM_BOT_TOKEN" } } } }],
    [{ models: { providers: { google: { baseUrl: "${BASE_URL}", models: [] } } } }],
    [{ plugins: { entries: { "admin-http-rpc": { enabled: true } } } }],
    [{ hooks: { enabled: true, token: "${HOOKS_TOKEN}" } }],
    [{ gateway: { http: { endpoints: { chatCompletions: { enabled: true } } }, controlUi: { allowedOrigins: ["https://a.example.com"] } } }],
  ])("%j", (configuration) => {
    expect(faults(configuration)).toEqual([]);
  });
});

describe("refused as OpenClaw refuses it, in words and without the noise of unions", () => {
  test.each([
    [{ foo: 1 }, ["foo: OpenClaw knows no setting `foo` in `openclaw`"]],
    [{ agents: { defaults: { modle: 1 } } }, ["agents.defaults.modle: OpenClaw knows no setting `modle` in `openclaw.agents.defaults`"]],
    [{ agents: { defaults: { model: 5 } } }, ["agents.defaults.model: `openclaw.agents.defaults.model` must be text or a map"]],
    [{ gateway: { mode: "locl" } }, ["gateway.mode: `openclaw.gateway.mode` must be `local` or `remote`"]],
    [{ gateway: { port: "${PORT}" } }, ["gateway.port: `openclaw.gateway.port` must be a whole number"]],
    [{ gateway: { port: 70000 } }, ["gateway.port: `openclaw.gateway.port` must be at most 65535"]],
    [
      { models: { providers: { google: { apiKey: { source: "env", provider: "default" } } } } },
      ["models.providers.google.apiKey: `openclaw.models.providers.google.apiKey` has no `id`"],
    ],
    [
      { models: { providers: { google: { models: [{ id: 1, name: "x" }] } } } },
      ["models.providers.google.models.0.id: `openclaw.models.providers.google.models[0].id` must be text"],
    ],
    [[], [": `openclaw` must be a map"]],
  ])("%j", (configuration, expected) => {
    expect(faults(configuration)).toEqual(expected);
  });
});

test("what was meant is suggested from all of OpenClaw's settings", () => {
  const configuration = { gateway: { bindd: "lan" }, channels: { telegram: { dmPolicy: "pairng" } }, hooks: { enabled: "yes" } };
  const fixes = createValidator(schema, [configuration])(configuration).map(({ fix }) => fix);
  expect(fixes).toEqual(expect.arrayContaining(["did you mean `bind`?", "did you mean `pairing`?", "write `true` or `false`"]));
});

test("a fault stands where its value was written, in agent.yaml or in the fleet's defaults", () => {
  const fleet = `apiVersion: frota.dev/v1alpha1
kind: Fleet
metadata: {name: f, namespace: bots}
spec:
  nodePool: {name: bots}
  image: {repository: x}
  storage: {className: c}
  vault: {address: "https://v", auth: {role: r}}
  defaults:
    openclaw: {logging: {level: lowd}, channels: {telegran: {}}}
`;
  const { subjects } = assembleFleet(new Map([["fleet.yaml", fleet], ["a/agent.yaml", agentText("a")]]));
  const found = checkConfigurations(subjects, schema).map(({ file, line, column, fix }) => `${file}:${line}:${column} ${fix}`);
  expect(found.toSorted()).toEqual(["a/agent.yaml:6:25 did you mean `model`?", "fleet.yaml:10:33 allowed here: `silent`, `fatal`, `error`, `warn`, `info`, `debug`, `trace`", "fleet.yaml:10:51 did you mean `telegram`?"]);
});

test("pruning keeps only what the values touch", () => {
  const pruned = pruneSchema(schema, [{ gateway: { port: 1 } }]);
  expect(JSON.stringify(pruned).length).toBeLessThan(20_000);
});

test("any configuration gives faults, never an exception, and each at a path that exists", () => {
  const key = fc.constantFrom("gateway", "port", "models", "providers", "agents", "defaults", "channels", "telegram", "plugins", "entries", "a/b", "~", "__proto__", "hooks");
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.constantFrom("x", 1, true, null, "${X}", -1.5), fc.dictionary(key, tie("value"), { maxKeys: 4 }), fc.array(tie("value"), { maxLength: 3 })),
  })).value;
  fc.assert(
    fc.property(value, (configuration) => {
      for (const { path, onKey } of createValidator(schema, [configuration])(configuration)) {
        expect(valueAt(configuration, onKey ? path.slice(0, -1) : path)).toBeDefined();
      }
    }),
    { numRuns: 50 },
  );
});
