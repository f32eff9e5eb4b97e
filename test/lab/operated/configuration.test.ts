import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHECKOUT, eventually, frota, kubectl } from "../lab.ts";
import { agentEdits, agentHas } from "../own-configuration.ts";
import { agentResource, operatedFleet, podUids, settled } from "./operated.ts";

const AGENT = "clementina";
const repository = mkdtempSync(join(tmpdir(), "frota-operated-configuration-"));
const original = readFileSync(join(CHECKOUT, "agents", AGENT, "agent.yaml"), "utf8");

/** Somebody changes what Git says of the agent, and applies it. */
async function declare(spec: string): Promise<void> {
  writeFileSync(join(repository, AGENT, "agent.yaml"), original.replace(/^spec:\n/m, `spec:\n${spec}`));
  const { code, stderr } = await frota(["apply", AGENT, "--repo", repository]);
  expect(code, stderr).toBe(0);
}

/** What the controller told of the agent, by reason. */
async function events(reason: string): Promise<string> {
  return kubectl("get", "events", "--field-selector", `involvedObject.kind=Agent,involvedObject.name=${AGENT},reason=${reason}`, "-o", "jsonpath={.items[*].message}");
}

beforeAll(async () => {
  await operatedFleet();
  cpSync(join(CHECKOUT, "agents"), repository, { recursive: true });
});

afterAll(async () => {
  rmSync(repository, { recursive: true });
  await agentEdits(AGENT, { cron: null });
  expect((await frota(["apply", AGENT])).code).toBe(0);
  await settled();
});

describe("configuration that Git changes while the agent runs", () => {
  test("is taken over without a restart, the agent's own keys stay, and a conflict is told", async () => {
    const uids = await podUids();
    await declare("  openclaw: { tools: { profile: coding } }\n");
    await eventually("the key", 60, async () => ((await agentHas(AGENT))["tools"] === undefined ? undefined : true));
    await agentEdits(AGENT, { cron: { enabled: true }, tools: { profile: "minimal" } });

    await declare("  openclaw: { tools: { profile: messaging, deny: [browser] } }\n");
    const has = await eventually("both keys", 60, async () => {
      const now = await agentHas(AGENT);
      return JSON.stringify(now["tools"]).includes("messaging") ? now : undefined;
    });
    expect(has).toMatchObject({ tools: { profile: "messaging", deny: ["browser"] }, cron: { enabled: true } });
    await eventually("the Event", 60, async () => ((await events("ConfigurationConflict")).includes("tools.profile") ? true : undefined));
    expect(await events("Reconfigured")).toContain("tools.profile");
    await settled();
    expect(await podUids()).toEqual(uids);
  });

  test("goes when it leaves the declaration, and still nobody restarts", async () => {
    const uids = await podUids();
    await declare("");
    await eventually("the keys to go", 60, async () => ((await agentHas(AGENT))["tools"] === undefined ? true : undefined));
    expect(await agentHas(AGENT)).toMatchObject({ cron: { enabled: true } });
    expect(await podUids()).toEqual(uids);
  });

  test("restarts the agent, with that cause on record, for a key that a running gateway cannot take over", async () => {
    const uids = await podUids();
    await declare("  openclaw: { env: { vars: { LOUD: \"1\" } } }\n");
    await eventually("another pod", 420, async () => ((await podUids())[AGENT] === uids[AGENT] ? undefined : true));
    await settled();
    expect((await agentResource(AGENT)).status?.restarts?.at(-1)?.cause).toBe("Configuration");
    expect(await agentHas(AGENT)).toMatchObject({ env: { vars: { LOUD: "1" } }, cron: { enabled: true } });
  });
});
