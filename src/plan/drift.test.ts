import { describe, expect, test } from "vitest";
import { formatConfigurationPath, parseConfigurationPath } from "./configuration-path.ts";
import { configurationDrift, driftEntry, selectDrift } from "./drift.ts";

const DECLARED = { agents: { defaults: { model: { primary: "google/a" } } }, tools: { deny: ["browser"] }, models: { providers: { own: { apiKey: "${KEY}", baseUrl: "http://u:${P}@x" } } } };

function entries(live: Record<string, unknown>) {
  return configurationDrift(DECLARED, live).map(driftEntry);
}

describe("drift", () => {
  test("is nothing where only OpenClaw wrote, or hides what is declared", () => {
    const models = { providers: { own: { apiKey: "${KEY}", baseUrl: "__OPENCLAW_REDACTED__" } } };
    expect(entries({ ...DECLARED, models, meta: { lastTouchedVersion: "2026.9.2" }, wizard: {} })).toEqual([]);
  });

  test("tells what was added, changed and removed, and what comes of it at the next start", () => {
    expect(entries({ agents: { defaults: { model: { primary: "google/b" } } }, models: DECLARED.models, cron: { enabled: true } })).toEqual([
      { path: "agents.defaults.model.primary", change: "changed", declared: "google/a", own: "google/b", atNextStart: "put-back", isSecret: false },
      { path: "tools", change: "removed", declared: { deny: ["browser"] }, atNextStart: "put-back", isSecret: false },
      { path: "cron", change: "added", own: { enabled: true }, atNextStart: "stays", isSecret: false },
    ]);
  });

  test.each([
    ["a value that OpenClaw hides", { hooks: { path: "__OPENCLAW_REDACTED__" } }, { path: "***" }],
    ["one under a telling name", { hooks: { token: "correct horse" } }, { token: "***" }],
    ["one of a telling shape, in a list", { hooks: { urls: [`x ghp_${"a".repeat(30)}`] } }, { urls: ["***"] }],
  ])("masks %s, and says that it is a secret", (_name, own, masked) => {
    expect(entries({ ...DECLARED, ...own })).toEqual([{ path: "hooks", change: "added", own: masked, atNextStart: "stays", isSecret: true }]);
  });

  test("does not take the name of a variable for a secret", () => {
    expect(entries({ ...DECLARED, hooks: { token: "${HOOKS_TOKEN}" } })).toMatchObject([{ own: { token: "${HOOKS_TOKEN}" }, isSecret: false }]);
  });
});

describe("a key that somebody names", () => {
  const drift = configurationDrift(DECLARED, { ...DECLARED, cron: { enabled: true, jobs: [] }, agents: { defaults: {} } });

  test.each([
    ["agents", [["agents", "defaults", "model"]]],
    ["agents.defaults.model.primary", [["agents", "defaults", "model", "primary"]]],
    ["cron", [["cron"]]],
    ["cron.enabled", [["cron", "enabled"]]],
    ["cron.never", []],
    ["tools", []],
  ])("%s means %j", (key, paths) => {
    expect(selectDrift(drift, parseConfigurationPath(key) ?? []).map(({ path }) => path)).toEqual(paths);
  });

  test.each([[["a"]], [["a", "b-c", "d_e"]], [["a", "x.y/z", 'q"[]', "b"]], [["x.y", "b"]]])("%j is read as it is written", (path) => {
    expect(parseConfigurationPath(formatConfigurationPath(path))).toEqual(path);
  });

  test.each(["", ".", "a.", "a..b", ".a", "a[b]", 'a["b', "a b"])("%j is no key", (text) => {
    expect(parseConfigurationPath(text)).toBeUndefined();
  });
});
