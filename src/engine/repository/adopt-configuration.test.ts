import { describe, expect, test } from "vitest";
import type { ConfigurationChange } from "../../plan/configuration-path.ts";
import { assembleFleet } from "../../spec/assemble.ts";
import { adoptConfiguration } from "./adopt-configuration.ts";

const FLEET = `apiVersion: frota.dev/v1alpha1
kind: Fleet
metadata: { name: digitalsys, namespace: bots }
spec:
  nodePool: { name: bots }
  image: { repository: registry.example.com/openclaw-agent }
  storage: { className: block }
  vault: { address: "https://vault.example.com", auth: { role: agents } }
  defaults:
    openclaw:
      agents: { defaults: { model: { primary: google/gemini-3.1-pro-preview } } }
`;
const AGENT = "apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata:\n  name: clementina # projects\n";
const files = new Map([["fleet.yaml", FLEET], ["clementina/agent.yaml", AGENT]]);

function adopt(...changes: readonly ConfigurationChange[]) {
  const [source] = assembleFleet(files).source?.agents ?? [];
  if (!source) throw new Error("the fleet is not valid");
  return adoptConfiguration({ files, source, changes });
}

describe("adopting into a repository", () => {
  test("gives the file's text before and after, and the fleet as it then is", async () => {
    const { file, before, after, fleet } = await adopt({ path: ["cron", "enabled"], after: true });
    expect({ file, before }).toEqual({ file: "clementina/agent.yaml", before: AGENT });
    expect(after).toBe(`${AGENT}spec:\n  openclaw:\n    cron:\n      enabled: true\n`);
    expect(fleet.agents[0]?.agent.spec.openclaw).toMatchObject({ cron: { enabled: true } });
  });

  test.each<[string, string, ConfigurationChange]>([
    ["a credential", "ADOPT_SECRET", { path: ["hooks", "token"], after: "correct horse battery" }],
    ["what OpenClaw hides", "ADOPT_SECRET", { path: ["hooks"], after: { path: "__OPENCLAW_REDACTED__" } }],
    ["what Frota sets itself", "ADOPT_INVALID", { path: ["gateway", "port"], before: 18_789, after: 1 }],
    ["what OpenClaw does not know", "ADOPT_INVALID", { path: ["cron", "never"], after: 1 }],
    ["the removal of what fleet.yaml declares", "ADOPT_OVERRULED", { path: ["agents", "defaults", "model"], before: {} }],
  ])("is refused for %s", async (_name, code, change) => {
    await expect(adopt(change)).rejects.toMatchObject({ code, outcome: "refused" });
  });
});
