import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { connect, referenceOf, type Cluster } from "../../src/cluster/cluster.ts";
import { declareFleet } from "../../src/engine/apply/declare-fleet.ts";
import { secretKey } from "../../src/engine/operate/secret-key.ts";
import { slimSecret } from "../../src/engine/operate/slim.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { VaultClient } from "../../src/vault/client.ts";
import { KeyValueStore } from "../../src/vault/kv.ts";
import { runCli } from "./cli-run.ts";
import { startExternalSecrets, type ExternalSecretsOperator } from "./external-secrets.ts";
import { startVault, vaultProgram, type VaultServer } from "./vault-server.ts";

const NAMESPACE = "secrets-test";
const REQUIRED = ["GEMINI_API_KEY", "GITHUB_TOKEN", "LINEAR_API_KEY", "OPENCLAW_GATEWAY_TOKEN"];

/** The real Vault, the real operator, the rendered ExternalSecret; only nodes are missing, so the test writes pods' status. */
let cluster: Cluster;
let vault: VaultServer;
let operator: ExternalSecretsOperator;
let store: KeyValueStore;
let folder: string;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  vault = await startVault(await vaultProgram());
  const client = new VaultClient({ address: vault.address, token: vault.rootToken });
  await client.request({ method: "POST", path: "sys/mounts/kv", body: { type: "kv", options: { version: "2" } } }, "update");
  await vi.waitUntil(async () => (await client.send({ method: "GET", path: "kv/config" })).status === 200, { timeout: 60_000 });
  store = new KeyValueStore(client, "kv");
  folder = await mkdtemp(join(tmpdir(), "frota-secrets-"));
  await cp(fileURLToPath(new URL("../../agents", import.meta.url)), folder, { recursive: true });
  const fleet = await readFile(join(folder, "fleet.yaml"), "utf8");
  await writeFile(join(folder, "fleet.yaml"), fleet.replace("namespace: bots", `namespace: ${NAMESPACE}`));
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  operator = await startExternalSecrets(inject("kubeconfig"), NAMESPACE);
  await applyStore(vault.rootToken);
  await applyExternalSecret("clovis");
});

afterAll(async () => {
  await operator.stop();
  await vault.stop();
  cluster.close();
  await rm(folder, { recursive: true });
});

/** As rendered, but for the login: a token, because this cluster has nobody who would review service accounts. */
async function applyStore(token: string): Promise<void> {
  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "vault-token", namespace: NAMESPACE }, stringData: { token } });
  await cluster.apply({
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: { name: "vault", namespace: NAMESPACE },
    spec: { provider: { vault: { server: vault.address, path: "kv", version: "v2", auth: { tokenSecretRef: { name: "vault-token", key: "token" } } } } },
  });
}

async function applyExternalSecret(agent: string): Promise<void> {
  const { source } = assembleFleet(await readRepository(folder));
  if (!source) throw new Error("the repository is not valid");
  const object = declareFleet(source, [agent]).agents[0]?.objects.find(({ kind }) => kind === "ExternalSecret");
  if (!object) throw new Error("no ExternalSecret is rendered");
  await cluster.apply(object);
}

async function frota(argv: readonly string[], input?: string) {
  const env = { KUBECONFIG: inject("kubeconfig"), VAULT_ADDR: vault.address, VAULT_TOKEN: vault.rootToken, HOME: folder };
  return runCli([...argv, "--context", "test"], { cwd: folder, env, ...(input !== undefined && { input }) });
}

async function secretData(agent: string): Promise<Record<string, string>> {
  const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace: NAMESPACE, name: `${agent}-env` });
  const data = Object.entries(secret?.["data"] ?? {});
  return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(String(value), "base64").toString("utf8")]));
}

/** The cluster and the operator tell times in whole seconds. */
async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  await vi.waitUntil(() => Math.floor(Date.now() / 1000) > second, { timeout: 30_000 });
}

/** A pod of the agent whose gateway started at this time. */
async function runPod(agent: string, name: string, startedAt: Date, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  const labels = { "app.kubernetes.io/instance": agent };
  const container = { name: "openclaw", image: "image" };
  const pod = await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: NAMESPACE, labels, annotations }, spec: { containers: [container] } });
  const state = { running: { startedAt: startedAt.toISOString().replace(/\.\d+Z$/, "Z") } };
  const containerStatuses = [{ ...container, imageID: "", ready: true, restartCount: 0, state }];
  await cluster.mergePatch(referenceOf(pod), { status: { phase: "Running", containerStatuses } }, { subresource: "status" });
}

describe("frota secrets set", () => {
  test("brings the value into the Secret within 5 s, keeps the other keys, and shows no value", async () => {
    for (const key of REQUIRED) await store.writeKey({ path: "agents/clovis", key, value: `old-${key}` });
    const began = performance.now();
    const { code, stdout, stderr } = await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], "new-value-1\n");
    expect(stderr).toContain("GITHUB_TOKEN replaced: version 5 in Vault");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("Secret secrets-test/clovis-env carries it") });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(await secretData("clovis")).toMatchObject({ GITHUB_TOKEN: "new-value-1", LINEAR_API_KEY: "old-LINEAR_API_KEY" });
    expect(stdout + stderr).not.toMatch(/new-value|old-/);
  });

  test("does the same for a value that is already there, and finds no process out of date for it", async () => {
    await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], "same");
    await nextSecond();
    await runPod("clovis", "clovis-current", new Date());
    await nextSecond();
    const { code, stdout } = await frota(["secrets", "set", "clovis", "GITHUB_TOKEN", "-o", "json"], "same");
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, key: "GITHUB_TOKEN", added: false, sync: "synced", stalePods: [] });
    await cluster.delete({ apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, name: "clovis-current" });
  });

  test("keeps lines of a value, and drops only the last line end", async () => {
    await frota(["secrets", "set", "clovis", "EXTRA_KEY"], "line 1\nline 2\n\n");
    expect(await secretData("clovis")).toMatchObject({ EXTRA_KEY: "line 1\nline 2\n" });
  });

  test("names the pods that still run with the older value", async () => {
    await runPod("clovis", "clovis-old", new Date(Date.now() - 3_600_000));
    const { code, stdout } = await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], `value-${Date.now()}`);
    expect(code).toBe(0);
    expect(stdout).toContain("still running with the older value: clovis-old. Restart with: frota restart clovis");
  });

  test("says of an agent that it may not restart for want of another key that its own key is written, which is missing, and what to do", async () => {
    const env = [{ name: "FROTA_REQUIRED_SECRETS", value: "GITHUB_TOKEN,ABSENT_KEY" }];
    const labels = { "app.kubernetes.io/instance": "clovis" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "openclaw", image: "image", env }] } };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "clovis", namespace: NAMESPACE } };
    await cluster.apply({ ...deployment, spec: { replicas: 0, selector: { matchLabels: labels }, template } });
    try {
      const value = `held-${Date.now()}`;
      const { code, stdout, stderr } = await frota(["secrets", "set", "clovis", "GITHUB_TOKEN", "--restart", "-o", "json"], value);
      const { version } = JSON.parse(stdout) as { version: number };
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 8, sync: "synced", stalePods: ["clovis-old"], restarted: false });
      const words = `GITHUB_TOKEN is written (version ${version} in Vault), but clovis was not restarted, for it could not start again: its Secret clovis-env lacks ABSENT_KEY`;
      const next = "`frota secrets status clovis` shows where it is lost, and what to do; then `frota restart clovis`";
      expect(stderr).toContain(`error SECRET_KEYS_MISSING: ${words}\n  at: Secret/${NAMESPACE}/clovis-env\n  next: ${next}\n`);
      expect(stderr, "that it restarts is not said before").not.toContain("restarting");
      expect(await secretData("clovis")).toMatchObject({ GITHUB_TOKEN: value });
      const after = await cluster.get(referenceOf(deployment));
      expect(after?.metadata["generation"], "nobody was restarted").toBe(1);
    } finally {
      await cluster.delete(referenceOf(deployment));
    }
  });

  test("writes to Vault for an agent that is not in the cluster yet, and says so", async () => {
    const { code, stdout } = await frota(["secrets", "set", "clementina", "GITHUB_TOKEN"], "early");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("frota apply clementina") });
    expect(await store.keys("agents/clementina")).toMatchObject({ keys: ["GITHUB_TOKEN"] });
  });

  test.each([
    ["a value as third argument", ["clovis", "GITHUB_TOKEN", "ghp_leak"], "SECRET_VALUE_IN_ARGUMENT"],
    ["a value after =", ["clovis", "GITHUB_TOKEN=ghp_leak"], "SECRET_VALUE_IN_ARGUMENT"],
    ["a value in place of the key", ["clovis", "ghp_leak"], "SECRET_KEY_INVALID"],
    ["no key", ["clovis"], "SECRET_ARGUMENTS"],
    ["an unknown agent", ["clovs", "GITHUB_TOKEN"], "AGENT_UNKNOWN"],
    ["an empty value", ["clovis", "GITHUB_TOKEN"], "SECRET_VALUE_EMPTY"],
  ])("refuses %s, and does not repeat it", async (_case, words, code) => {
    const before = await store.versions("agents/clovis");
    const result = await frota(["secrets", "set", ...words], "");
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(`error ${code}`) });
    expect(result.stdout + result.stderr).not.toContain("ghp_leak");
    expect(await store.versions("agents/clovis")).toEqual(before);
  });

  test("refuses a new key that is much like a declared one, until it is said that it is meant, or was", async () => {
    const before = await store.versions("agents/clovis");
    for (const more of [[], ["--dry-run"]]) {
      const refused = await frota(["secrets", "set", "clovis", "GITHUB_TOKN", ...more], "typed-value");
      expect(refused).toMatchObject({ code: 4, stdout: "", stderr: expect.stringMatching(/error SECRET_KEY_UNDECLARED: .*\n {2}next: did you mean `frota secrets set clovis GITHUB_TOKEN`\? .*--undeclared\n$/) });
    }
    expect(await store.versions("agents/clovis")).toEqual(before);
    expect(await frota(["secrets", "set", "clovis", "GITLAB_TOKEN", "--undeclared"], "meant")).toMatchObject({ code: 0, stderr: expect.stringContaining("GITLAB_TOKEN added") });
    expect(await frota(["secrets", "set", "clovis", "GITLAB_TOKEN"], "again")).toMatchObject({ code: 0, stderr: expect.stringContaining("GITLAB_TOKEN replaced") });
    expect(await secretData("clovis")).toMatchObject({ GITLAB_TOKEN: "again" });
  });

  test("tells in the operator's words why the value does not arrive, and that Vault has it", async () => {
    await applyStore("wrong-token");
    try {
      const { code, stderr } = await frota(["secrets", "set", "clovis", "GITHUB_TOKEN", "--sync-timeout", "3s"], "stuck-value");
      expect(code).toBe(6);
      expect(stderr).toMatch(/error SYNC_TIMEOUT: Vault has the value \(version \d+\), but the Secret does not carry it/);
      expect(stderr).toContain("permission denied");
      expect(stderr).not.toContain("stuck-value");
      const status = await frota(["secrets", "status", "clovis"]);
      expect(status).toMatchObject({ code: 1, stdout: expect.stringMatching(/Sync\s+broken/) });
    } finally {
      await applyStore(vault.rootToken);
      await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], "repaired");
    }
  });
});

describe("frota secrets list", () => {
  test("compares Vault with what agents declare, keys only", async () => {
    await store.writeKey({ path: "agents/roberval", key: "UNDECLARED", value: "hidden-value" });
    const { code, stdout } = await frota(["secrets", "list", "roberval", "-o", "json"]);
    expect(code).toBe(0);
    const listed = JSON.parse(stdout).map(({ key, state }: { key: string; state: string }) => `${key} ${state}`);
    expect(listed).toContain("OPENCLAW_GATEWAY_TOKEN missing");
    expect(listed).toContain("UNDECLARED extra");
    expect(stdout).not.toContain("hidden-value");
  });
});

describe("frota secrets status", () => {
  test("follows a change made in Vault alone: waiting, then a stale process, then all well after a start", async () => {
    await cluster.delete({ apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, name: "clovis-old" });
    await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], "before");
    await nextSecond();
    await store.writeKey({ path: "agents/clovis", key: "GITHUB_TOKEN", value: `direct-${Date.now()}` });
    const waiting = await frota(["secrets", "status", "clovis", "-o", "json"]);
    expect({ code: waiting.code, links: states(waiting.stdout) }).toMatchObject({ code: 0, links: { vault: "ok", sync: "waiting" } });

    await runPod("clovis", "clovis-stale", new Date(Date.now() - 60_000));
    await frota(["secrets", "set", "clovis", "LINEAR_API_KEY"], `value-${Date.now()}`);
    const stale = await frota(["secrets", "status", "clovis", "-o", "json"]);
    expect({ code: stale.code, links: states(stale.stdout) }).toEqual({ code: 1, links: { vault: "ok", sync: "ok", secret: "ok", process: "broken" } });

    await cluster.delete({ apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, name: "clovis-stale" });
    await runPod("clovis", "clovis-fresh", new Date(Date.now() + 2000));
    const well = await frota(["secrets", "status", "clovis"]);
    expect(well).toMatchObject({ code: 0, stdout: expect.stringMatching(/clovis\s+ok/) });
  });

  test("shows the whole chain of a pod that a controller made, proven by the HMAC of what the Secret holds", async () => {
    await cluster.delete({ apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, name: "clovis-fresh" });
    await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], `proven-${Date.now()}`);
    const key = await secretKey(cluster, NAMESPACE);
    const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace: NAMESPACE, name: "clovis-env" });
    if (!secret) throw new Error("there is no Secret");
    await nextSecond();
    await runPod("clovis", "clovis-proven", new Date(), { "frota.dev/secret": slimSecret(secret, key).digest });
    const { code, stdout } = await frota(["secrets", "status", "clovis"]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/Proof\s+ok\s+the pod was made for the Secret's HMAC [0-9a-f]{8}\n +Vault \S+Z, synced \+\S+ s, process \+\S+ s\n/) });
    expect(stdout).not.toContain(Buffer.from(key).toString("base64"));

    await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], `newer-${Date.now()}`);
    const open = await frota(["secrets", "status", "clovis", "-o", "json"]);
    expect({ code: open.code, links: states(open.stdout) }).toMatchObject({ code: 1, links: { secret: "ok", process: "broken", proof: "waiting" } });
    await cluster.delete({ apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, name: "clovis-proven" });
  });

  test("of the whole fleet, tells of each agent what it tells of it alone: the lists find the same objects", async () => {
    await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], `fleet-${Date.now()}`);
    const whole = JSON.parse((await frota(["secrets", "status", "-o", "json"])).stdout) as { agent: string }[];
    expect(whole.map(({ agent }) => agent)).toEqual(["clementina", "clovis", "roberval"]);
    for (const chain of whole) {
      const [alone] = JSON.parse((await frota(["secrets", "status", chain.agent, "-o", "json"])).stdout) as unknown[];
      expect(chain).toEqual(alone);
    }
    expect(states(JSON.stringify([whole[1]]))).toMatchObject({ sync: "ok", secret: "ok" });
    expect(states(JSON.stringify([whole[2]]))).toMatchObject({ sync: "broken" });
  });

  test("says what is unknown without Vault, and goes on with the rest", async () => {
    const env = { KUBECONFIG: inject("kubeconfig"), HOME: folder };
    const { code, stdout } = await runCli(["secrets", "status", "clovis", "--context", "test", "-o", "json"], { cwd: folder, env });
    expect({ code, links: states(stdout) }).toMatchObject({ code: 1, links: { vault: "unknown", sync: "ok", secret: "ok" } });
  });
});

function states(json: string): Record<string, string> {
  const links = mapsAt(JSON.parse(json), 0, "links");
  return Object.fromEntries(links.map((link) => [textAt(link, "link") ?? "", textAt(link, "state") ?? ""]));
}
