import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHECKOUT, eventually, fleetReady, frota, kubectl, podOf } from "./lab.ts";
import { agentEdits, agentHas, withOwnGateway } from "./own-configuration.ts";

const AGENT = "clementina";
const PLANTED = "planted-credential-0123456789";
const repository = mkdtempSync(join(tmpdir(), "frota-configuration-"));
const file = join(repository, AGENT, "agent.yaml");
const original = readFileSync(join(CHECKOUT, "agents", AGENT, "agent.yaml"), "utf8");

/** Somebody changes the declaration in Git, and applies it. */
async function declare(spec: string): Promise<void> {
  writeFileSync(file, original.replace(/^spec:\n/m, `spec:\n${spec}`));
  for (const argv of [["render"], ["apply", AGENT]]) {
    const { code, stderr } = await frota([...argv, "--repo", repository]);
    expect(code, stderr).toBe(0);
  }
}

async function drift(): Promise<{ code: number; text: string; paths: Record<string, string> }> {
  const { code, stdout, stderr } = await frota(["drift", AGENT, "-o", "json"]);
  expect([0, 1], stderr).toContain(code);
  const { agents } = JSON.parse(stdout) as { agents: { drift: { path: string; change: string }[] }[] };
  return { code, text: stdout, paths: Object.fromEntries((agents[0]?.drift ?? []).map(({ path, change }) => [path, change])) };
}

beforeAll(async () => {
  await fleetReady([AGENT]);
  cpSync(join(CHECKOUT, "agents"), repository, { recursive: true });
});

afterAll(async () => {
  rmSync(repository, { recursive: true });
  expect((await frota(["apply", AGENT])).code).toBe(0);
});

describe("an agent that edits its own configuration", () => {
  test("drifts: frota tells which keys, which of them are conflicts, and shows no credential", async () => {
    expect(await drift()).toMatchObject({ code: 0, paths: {} });
    await agentEdits(AGENT, {
      cron: { enabled: true },
      agents: { defaults: { maxConcurrent: 3, model: { primary: "google/own-choice" } } },
      models: { providers: { acme: { baseUrl: "http://acme.example", apiKey: PLANTED, api: "openai-completions", models: [] } } },
    });
    const { code, text, paths } = await drift();
    expect({ code, paths }).toEqual({
      code: 1,
      paths: { cron: "added", "agents.defaults.maxConcurrent": "added", "agents.defaults.model.primary": "changed", "models.providers.acme": "added" },
    });
    expect(text).not.toContain(PLANTED);
  });

  test("keeps its own keys when Git changes another; a declared key that it had changed comes back, and that is on record", async () => {
    const { metadata } = await podOf(AGENT);
    await declare("  openclaw:\n    # Agreed in May.\n    tools: { deny: [browser] }\n");
    expect((await podOf(AGENT)).metadata.uid).not.toBe(metadata.uid);
    expect(await agentHas(AGENT)).toMatchObject({
      tools: { deny: ["browser"] },
      cron: { enabled: true },
      agents: { defaults: { maxConcurrent: 3, model: { primary: expect.not.stringContaining("own-choice") as string } } },
      models: { providers: { acme: { baseUrl: "http://acme.example" } } },
    });
    const conflicts = JSON.parse(await kubectl("exec", `deployment/${AGENT}`, "--", "cat", "/root/.openclaw/.frota/conflicts.json")) as { conflicts: unknown[] };
    expect(conflicts.conflicts.at(-1)).toMatchObject({ path: ["agents", "defaults", "model", "primary"], resolution: "declared-won" });
    expect((await drift()).paths).not.toHaveProperty("agents.defaults.model.primary");
  });
});

describe("frota adopt", () => {
  test("never writes a credential: it names the key, and changes nothing", async () => {
    const before = readFileSync(file, "utf8");
    const { code, stdout, stderr } = await frota(["adopt", AGENT, "--repo", repository]);
    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining("ADOPT_SECRET: openclaw.models.providers.acme holds a credential") as string });
    expect(stdout + stderr).not.toContain(PLANTED);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("takes a key into agent.yaml with comments and order kept, and then it is declared", async () => {
    const before = readFileSync(file, "utf8");
    const { code, stdout, stderr } = await frota(["adopt", AGENT, "cron", "--repo", repository]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("+    cron:\n+      enabled: true\n");
    const after = readFileSync(file, "utf8");
    expect(after.replace("    cron:\n      enabled: true\n", "")).toBe(before);
    expect((await frota(["render", "--check", "--repo", repository])).code).toBe(0);
    expect((await frota(["apply", AGENT, "--repo", repository])).code).toBe(0);
    const { paths } = await drift();
    expect(Object.keys(paths).toSorted()).toEqual(["agents.defaults.maxConcurrent", "models.providers.acme"]);
  });
});

describe("mode locked", () => {
  test("the agent cannot edit its configuration, has only what is declared, and takes a hot key over without a restart", async () => {
    const spec = "  configuration: { mode: locked }\n  openclaw: { agents: { defaults: { maxConcurrent: 4 } } }\n";
    await declare(spec);
    const { metadata } = await podOf(AGENT);
    expect(await agentHas(AGENT)).not.toHaveProperty("cron");
    await expect(agentEdits(AGENT, { cron: { enabled: true } })).rejects.toThrow();
    expect(await drift()).toMatchObject({ code: 0, paths: {} });

    await declare(spec.replace("maxConcurrent: 4", "maxConcurrent: 5"));
    // A kubelet looks at a changed ConfigMap within a minute or so, and at once when something of the pod changes.
    await kubectl("annotate", "pod", metadata.name, "example.com/look=now");
    await eventually("the kubelet's swap and OpenClaw's reload", 180, async () => {
      const { runtimeConfig } = await withOwnGateway(AGENT, (gateway) => gateway.rpc("config.get"));
      return JSON.stringify(runtimeConfig).includes('"maxConcurrent":5') ? true : undefined;
    });
    expect((await podOf(AGENT)).metadata.uid).toBe(metadata.uid);
  });

  test("back in mode merge the agent's own keys are there again", async () => {
    await declare("");
    expect(await agentHas(AGENT)).toMatchObject({ agents: { defaults: { maxConcurrent: 3 } }, models: { providers: { acme: { baseUrl: "http://acme.example" } } } });
    await agentEdits(AGENT, { cron: null, agents: { defaults: { maxConcurrent: null } }, models: { providers: { acme: null } } }, ["models.providers.acme.models"]);
    expect(await drift()).toMatchObject({ code: 0, paths: {} });
  });
});
