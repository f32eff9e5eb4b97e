import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { adoptInto } from "./adopt.ts";
import type { ConfigurationChange } from "./configuration-path.ts";

const FILE = `# Clementina: projects.
apiVersion: frota.dev/v1alpha1
kind: Agent
metadata: { name: clementina }
spec:
  secrets:
    required: [LINEAR_API_KEY] # for projects

  # What she may do.
  openclaw:
    tools: { deny: [browser], profile: "coding" } # as agreed
    cron:
      # No jobs yet.
      enabled: false # until March
      jobs: [ {id: a} ]
  env: { TZ: America/Sao_Paulo }
`;

function adopted(changes: readonly ConfigurationChange[], text = FILE): string {
  return adoptInto("clementina/agent.yaml", text, changes);
}

/** Lines of the second text that the first one does not have, and the other way round. */
function difference(before: string, after: string): readonly string[] {
  const [old, current] = [before.split("\n"), after.split("\n")];
  return [...old.filter((line) => !current.includes(line)).map((line) => `-${line}`), ...current.filter((line) => !old.includes(line)).map((line) => `+${line}`)];
}

describe("adopting", () => {
  test("a changed value touches its line only, and leaves its comment", () => {
    const after = adopted([{ path: ["cron", "enabled"], before: false, after: true }]);
    expect(difference(FILE, after)).toEqual(["-      enabled: false # until March", "+      enabled: true # until March"]);
  });

  test("a new key comes after those that are there, and the rest is as it was written", () => {
    const after = adopted([{ path: ["models", "providers", "acme"], after: { baseUrl: "http://acme", models: [{ id: "a" }] } }]);
    expect(difference(FILE, after).filter((line) => line.startsWith("-"))).toEqual([]);
    expect(parse(after)).toMatchObject({ spec: { openclaw: { tools: { profile: "coding" }, models: { providers: { acme: { models: [{ id: "a" }] } } } } } });
    expect(after).toMatch(/jobs: \[ {id: a} ]\n {4}models:\n {6}providers:/);
  });

  test("a whole map changes only what is different in it", () => {
    const after = adopted([{ path: ["cron"], before: {}, after: { enabled: true, jobs: [{ id: "a" }, { id: "b" }] } }]);
    expect(after).toContain("# No jobs yet.\n      enabled: true # until March\n");
    expect(parse(after)).toMatchObject({ spec: { openclaw: { cron: { enabled: true, jobs: [{ id: "a" }, { id: "b" }] } } } });
  });

  test("a removed key goes, and the maps that it leaves empty with it", () => {
    expect(parse(adopted([{ path: ["tools", "profile"], before: "coding" }]))).toMatchObject({ spec: { openclaw: { tools: { deny: ["browser"] } } } });
    const none = adopted([{ path: ["tools"], before: {} }, { path: ["cron", "enabled"], before: false }, { path: ["cron", "jobs"], before: [] }]);
    expect(parse(none)).toEqual({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "clementina" }, spec: { secrets: { required: ["LINEAR_API_KEY"] }, env: { TZ: "America/Sao_Paulo" } } });
  });

  test.each(["kind: Agent\n", "kind: Agent\nspec:\n", "kind: Agent\nspec:\n  openclaw:\n"])("works in a file that has no configuration yet: %j", (text) => {
    expect(parse(adopted([{ path: ["x.y", "z"], after: 1 }], text))).toEqual({ kind: "Agent", spec: { openclaw: { "x.y": { z: 1 } } } });
  });

  test("is refused where the way is no map", () => {
    const text = "spec:\n  openclaw:\n    tools: none\n";
    expect(() => adopted([{ path: ["tools", "deny"], after: [] }], text)).toThrow(/openclaw\.tools\.deny cannot be written/);
  });
});
