import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHECKOUT, fleetReady, frota, podOf, written } from "./lab.ts";

let repository = "";

/** The committed fleet repository with other text in one agent's `agent.yaml`. */
async function declare(agent: string, spec: string): Promise<void> {
  const file = join(repository, agent, "agent.yaml");
  const head = `apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata:\n  name: ${agent}\nspec:\n`;
  await writeFile(file, `${head}${spec.replaceAll(/^/gm, "  ")}\n`);
}

async function restore(agent: string): Promise<void> {
  await writeFile(join(repository, agent, "agent.yaml"), await readFile(join(CHECKOUT, "agents", agent, "agent.yaml")));
}

/** All that apply writes for these agents. */
async function objectsOf(...agents: string[]): Promise<Record<string, object>> {
  const kinds = "deployments,services,serviceaccounts,networkpolicies,configmaps,persistentvolumeclaims";
  const found = await written(kinds, "-l", `app.kubernetes.io/instance in (${agents.join(",")})`);
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(agents.length * 6);
  return found;
}

beforeAll(async () => {
  repository = join(await mkdtemp(join(tmpdir(), "frota-lab-test-")), "agents");
  await cp(join(CHECKOUT, "agents"), repository, { recursive: true });
  await fleetReady();
});

afterAll(() => rm(join(repository, ".."), { recursive: true, force: true }));

const SECRETS = "secrets:\n  required: [GITHUB_TOKEN, LINEAR_API_KEY]\n";
const SIZE = "storage:\n  size: 20Gi\n";

describe("frota apply refuses before any write what a read can tell", () => {
  test.each([
    { what: "an image that the registry has not", spec: `${SECRETS}${SIZE}image:\n  tag: no-such-tag`, code: "IMAGE_NOT_FOUND" },
    { what: "a required key that Vault has not", spec: `${SIZE}secrets:\n  required: [GITHUB_TOKEN, NOT_IN_VAULT]`, code: "SECRET_KEYS_MISSING" },
    { what: "a volume that would shrink", spec: `${SECRETS}storage:\n  size: 10Gi`, code: "STORAGE_SHRINK" },
    { what: "a configuration that OpenClaw's schema rejects", spec: `${SECRETS}${SIZE}openclaw:\n  agents:\n    defaults:\n      maxConcurrent: many`, code: "OPENCLAW_CONFIG" },
  ])("$what: exit code 4, and no object was written", async ({ spec, code }) => {
    await declare("clovis", spec);
    const before = await objectsOf("clementina", "clovis", "roberval");
    const result = await frota(["apply", "--repo", repository]);
    expect(result.stderr).toContain(code);
    expect(result.code).toBe(4);
    expect(result.stderr).toContain("next:");
    expect(await objectsOf("clementina", "clovis", "roberval")).toEqual(before);
    await restore("clovis");
  });
});

describe("a change that passes every check and still cannot start", () => {
  test("ends with exit code 3 and the cluster's own words, and leaves later agents as they were", async () => {
    // Node itself fails on it, before the start guard: no reader of files can know.
    await declare("clementina", "secrets:\n  required: [LINEAR_API_KEY]\nenv:\n  NODE_OPTIONS: --require=/no/such/module.cjs");
    await declare("clovis", `${SECRETS}${SIZE}env:\n  LATER: "1"`);
    await frota(["render", "--repo", repository]);
    const checked = await frota(["check", "--repo", repository]);
    expect(checked.code, checked.stdout + checked.stderr).toBe(0);
    const before = { objects: await objectsOf("clovis", "roberval"), pod: (await podOf("clovis")).metadata.uid };

    const { code, stderr } = await frota(["apply", "--repo", repository]);
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/clementina cannot become Ready/);
    expect(stderr, "the last log lines are quoted").toContain("Cannot find module '/no/such/module.cjs'");
    expect(stderr).toMatch(/untouched: clovis/);
    expect({ objects: await objectsOf("clovis", "roberval"), pod: (await podOf("clovis")).metadata.uid }).toEqual(before);
  });

  test("is undone by the way back that the message names: the last good files, applied again", async () => {
    const { code, stderr } = await frota(["apply", "clementina"]);
    expect(code, stderr).toBe(0);
    const status = await frota(["status", "clementina"]);
    expect(status.code, status.stdout).toBe(0);
  });
});
