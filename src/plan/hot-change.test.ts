import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mayHoldBoth, needsRestart } from "../render/openclaw-configuration.ts";
import { mergeConfiguration } from "../render/start-guard/merge.mjs";
import type { PlainMap } from "../spec/plain-data.ts";
import { changesBetween } from "./configuration-path.ts";
import { hotChange } from "./hot-change.ts";
import { applied } from "./testing/merge-patch.ts";

const DECLARED = { gateway: { port: 18789 }, agents: { defaults: { model: { primary: "google/a" } } } };

describe("the patch", () => {
  test.each([
    { name: "nothing for a gateway that has it all", base: DECLARED, declared: DECLARED, live: DECLARED, change: { replacePaths: [], patched: [], restartPaths: [] } },
    {
      name: "sets a hot key and removes one that left the declaration",
      base: { models: { providers: { old: { baseUrl: "http://old" } } } },
      declared: { models: { providers: { new: { baseUrl: "http://new" } } } },
      live: { models: { providers: { old: { baseUrl: "http://old" } } } },
      change: {
        patch: { models: { providers: { old: null, new: { baseUrl: "http://new" } } } },
        patched: ["models.providers.old", "models.providers.new"],
      },
    },
    {
      name: "leaves the agent's own keys alone",
      base: DECLARED,
      declared: { ...DECLARED, cron: { enabled: false } },
      live: { ...DECLARED, hooks: { enabled: true }, cron: { maxConcurrentRuns: 2 } },
      change: { patch: { cron: { enabled: false } }, conflicts: [] },
    },
    {
      name: "has no key that needs a restart, though it is a hot one's neighbor",
      declared: { plugins: { load: { paths: ["/x"] }, entries: { canvas: { enabled: false } } }, env: { vars: { A: "1" } } },
      live: {},
      change: { patch: { plugins: { entries: { canvas: { enabled: false } } } }, restartPaths: ["plugins.load", "env"] },
    },
    {
      name: "replaces lists as a whole, and names those that it removes",
      base: { tools: { deny: ["a"] }, models: { providers: { old: { models: [{ id: "a" }] } } } },
      declared: { tools: { deny: ["b"] }, models: { providers: {} } },
      live: { tools: { deny: ["a"] }, models: { providers: { old: { models: [{ id: "a" }] } } } },
      change: { patch: { tools: { deny: ["b"] }, models: { providers: { old: null } } }, replacePaths: ["tools.deny", "models.providers.old.models"] },
    },
    {
      name: "cannot be led astray by a value that OpenClaw hides but that is as declared",
      base: { models: { providers: { own: { baseUrl: "http://user:${PASSWORD}@host" } } } },
      declared: { models: { providers: { own: { baseUrl: "http://user:${PASSWORD}@host" } } } },
      live: { models: { providers: { own: { baseUrl: "__OPENCLAW_REDACTED__" } } } },
      change: { patched: [], conflicts: [] },
    },
    {
      name: "puts a declared variable back where the agent wrote a credential",
      base: { models: { providers: { own: { apiKey: "${KEY}" } } } },
      declared: { models: { providers: { own: { apiKey: "${KEY}" } } } },
      live: { models: { providers: { own: { apiKey: "__OPENCLAW_REDACTED__" } } } },
      change: {
        patch: { models: { providers: { own: { apiKey: "${KEY}" } } } },
        conflicts: [{ path: "models.providers.own.apiKey", resolution: "declared-won", declared: "${KEY}", own: "***" }],
      },
    },
    {
      name: "knows no conflict on a key that still waits for its restart",
      base: { plugins: { load: { paths: ["/x"] } } },
      declared: { plugins: { load: { paths: ["/x"] } } },
      live: {},
      change: { patched: [], conflicts: [], restartPaths: [] },
    },
    {
      name: "is decided against the agent where both changed a key",
      base: { session: { scope: "per-sender" } },
      declared: { session: { scope: "global" } },
      live: { session: { scope: "own" } },
      change: { patch: { session: { scope: "global" } }, conflicts: [{ path: "session.scope", resolution: "declared-won", declared: "global", own: "own" }] },
    },
  ])("$name", ({ base, declared, live, change }) => {
    expect(hotChange({ base: base ?? {}, declared, live })).toMatchObject(change);
  });
});

const key = fc.constantFrom("models", "plugins", "load", "entries", "agents", "defaults", "gateway", "tools", "mcp", "apps", "x.y");
const value = fc.letrec<{ value: unknown; map: PlainMap }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.integer({ min: 0, max: 3 }), fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }), tie("map")),
  map: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));
const sides = fc.record({ base: value.map, declared: value.map, live: value.map });

const isLeftForRestart = (left: PlainMap, right: PlainMap): boolean =>
  changesBetween(left, right, (path) => mayHoldBoth(path, "live")).every(({ path }) => needsRestart(path, "live"));

describe("for any three sides", () => {
  test("the patched gateway has what the start guard would make of it, but for keys that need a restart", () => {
    fc.assert(fc.property(sides, ({ base, declared, live }) => {
      const patched = applied(live, hotChange({ base, declared, live }).patch ?? {});
      expect(isLeftForRestart(patched, mergeConfiguration(base, declared, live).merged)).toBe(true);
    }));
  });

  test("nothing is left to patch after it, whether or not the new declaration was recorded meanwhile", () => {
    fc.assert(fc.property(sides, ({ base, declared, live }) => {
      const patched = applied(live, hotChange({ base, declared, live }).patch ?? {});
      expect(hotChange({ base, declared, live: patched }).patch).toBeUndefined();
      expect(hotChange({ base: declared, declared, live: patched }).patch).toBeUndefined();
    }));
  });
});
