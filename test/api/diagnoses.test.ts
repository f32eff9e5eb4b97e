import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { connect, referenceOf, type Cluster, type ObjectReference } from "../../src/cluster/cluster.ts";
import type { Diagnosis } from "../../src/plan/diagnosis/diagnose.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { AGENT_LABEL } from "../../src/engine/observe/agent-facts.ts";
import { declareFleet } from "../../src/engine/apply/declare-fleet.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { VaultClient } from "../../src/vault/client.ts";
import { KeyValueStore } from "../../src/vault/kv.ts";
import { runCli } from "./cli-run.ts";
import { startExternalSecrets, type ExternalSecretsOperator } from "./external-secrets.ts";
import { kubeconfigOf } from "./service-account.ts";
import { StandInGateway, ok, refusal } from "./stand-in-gateway.ts";
import { StandInKubelet } from "./stand-in-kubelet.ts";
import { startVault, vaultProgram, type VaultServer } from "./vault-server.ts";

const POOL = "diagnoses-pool";
const POOL_LABEL = "doks.digitalocean.com/node-pool";
const CLASS = "diagnoses-storage";
const DRIVER = "diagnoses.csi.example.com";
const PLANTED = "planted-value-of-the-gateway-token";
const KEYS = ["GEMINI_API_KEY", "GITHUB_TOKEN", "LINEAR_API_KEY", "OPENCLAW_GATEWAY_TOKEN"];

/**
 * Real: API server, the controllers of Kubernetes (volume claims, attachments, ReplicaSets, node lifecycle), Vault, the External Secrets
 * Operator, the start guard. Stand-ins say what kubelet, scheduler and gateway were recorded to say.
 */
let cluster: Cluster;
let vault: VaultServer;
let operator: ExternalSecretsOperator;
let client: VaultClient;
let store: KeyValueStore;
let folder: string;
let kubelet: StandInKubelet;
let gateway: StandInGateway;
let namespace: string;
let count = 0;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  vault = await startVault(await vaultProgram());
  client = new VaultClient({ address: vault.address, token: vault.rootToken });
  await client.request({ method: "POST", path: "sys/mounts/kv", body: { type: "kv", options: { version: "2" } } }, "update");
  await vi.waitUntil(async () => (await client.send({ method: "GET", path: "kv/config" })).status === 200, { timeout: 60_000 });
  store = new KeyValueStore(client, "kv");
  kubelet = await StandInKubelet.start(cluster, "diagnoses-1", { [POOL_LABEL]: POOL });
  await cluster.apply({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: CLASS }, provisioner: DRIVER });
});

beforeEach(async () => {
  namespace = `diagnoses-${++count}`;
  folder = await mkdtemp(join(tmpdir(), "frota-diagnoses-"));
  await cp(fileURLToPath(new URL("../../agents", import.meta.url)), folder, { recursive: true });
  const file = join(folder, "fleet.yaml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("namespace: bots", `namespace: ${namespace}`).replace("name: bots", `name: ${POOL}`).replace("className: do-block-storage", `className: ${CLASS}`));
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  kubelet.logs.clear();
  kubelet.isSilent = false;
  await kubelet.report({ [POOL_LABEL]: POOL });
  gateway = new StandInGateway();
  // Of both probes: /startupz and /readyz.
  gateway.startup = { body: { ok: true, status: "started", ready: true } };
  kubelet.gateway = (await gateway.endpoint()).address;
  for (const key of KEYS) await store.writeKey({ path: "agents/clovis", key, value: key === "OPENCLAW_GATEWAY_TOKEN" ? PLANTED : `value-of-${key}` });
});

afterEach(async () => {
  gateway.close();
  await cluster.delete({ apiVersion: "v1", kind: "Namespace", name: namespace });
  await rm(folder, { recursive: true });
});

afterAll(async () => {
  await cluster.delete({ apiVersion: "v1", kind: "Node", name: kubelet.node });
  kubelet.stop();
  await vault.stop();
  cluster.close();
});

async function doctor(env: Record<string, string> = {}) {
  const given = { KUBECONFIG: inject("kubeconfig"), VAULT_ADDR: vault.address, VAULT_TOKEN: vault.rootToken, HOME: folder, ...env };
  const run = (more: string[]) => runCli(["doctor", "--agent", "clovis", "--context", "test", ...more], { cwd: folder, env: given });
  const { code, stdout, stderr } = await run(["-o", "json"]);
  expect(stdout + stderr).not.toContain(PLANTED);
  const diagnosis: Diagnosis = stdout === "" ? undefined : JSON.parse(stdout);
  return { code, stderr, diagnosis, text: () => run([]) };
}

async function told(env: Record<string, string> = {}) {
  const { code, stderr, diagnosis } = await doctor(env);
  expect(stderr).toBe("");
  const { state, headline, findings } = diagnosis;
  expect(findings.filter(({ effect, next }) => effect !== "notice" && next.length === 0)).toEqual([]);
  return { code, state, headline, codes: findings.map((finding) => finding.code), evidence: JSON.stringify(findings.map((finding) => finding.evidence)), next: findings.flatMap(({ next }) => next) };
}

/** What `frota apply` would write for the agent, without the Deployment where a test wants none. */
async function apply(kinds: RegExp = /./): Promise<void> {
  const { source } = assembleFleet(await readRepository(folder));
  if (!source) throw new Error("the repository is not valid");
  const [agent] = declareFleet(source, ["clovis"]).agents;
  for (const object of agent?.objects ?? []) if (kinds.test(object.kind)) await cluster.apply(object);
}

/** The agent's pod, made by the real controllers. */
async function podOf(): Promise<Manifest> {
  const abort = new AbortController();
  for await (const event of cluster.watch({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector: `${AGENT_LABEL}=clovis` }, abort.signal)) {
    const [pod] = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    if (!pod) continue;
    abort.abort();
    await deploymentReady();
    return pod;
  }
  throw new Error("no pod was made");
}

/** Puts a pod on a node, as the scheduler does. */
async function bind(pod: Manifest, node = kubelet.node): Promise<void> {
  const { name } = pod.metadata;
  const binding = { apiVersion: "v1", kind: "Binding", metadata: { name, namespace }, target: { apiVersion: "v1", kind: "Node", name: node } };
  const config = JSON.parse(await readFile(inject("kubeconfig"), "utf8")) as { clusters: { cluster: { server: string; "certificate-authority": string } }[]; users: { user: { "client-certificate": string; "client-key": string } }[] };
  const { server, "certificate-authority": ca } = config.clusters[0]?.cluster ?? { server: "", "certificate-authority": "" };
  const { "client-certificate": cert, "client-key": key } = config.users[0]?.user ?? { "client-certificate": "", "client-key": "" };
  const url = `${server}/api/v1/namespaces/${namespace}/pods/${name}/binding`;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  execFile("curl", ["--silent", "--fail", "--cacert", ca, "--cert", cert, "--key", key, "-H", "content-type: application/json", "-d", JSON.stringify(binding), url], (error) => (error ? reject(error) : resolve()));
  await promise;
}

const container = (rest: object) => ({ name: "openclaw", image: "x", imageID: "", ready: false, restartCount: 0, ...rest });
const time = (secondsAgo = 0) => new Date(Date.now() - secondsAgo * 1000).toISOString().replace(/\.\d+Z$/, "Z");

async function status(pod: Manifest, phase: string, rest: object, isReady = false): Promise<void> {
  const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
  await cluster.mergePatch(referenceOf(pod), { status: { phase, conditions, containerStatuses: [container(rest)] } }, { subresource: "status" });
}

/** A pod whose gateway serves, on the stand-in node, with a bound claim and its Secret. */
async function serving(log: readonly string[] = []): Promise<Manifest> {
  await apply();
  await boundClaim();
  await secret();
  const pod = await podOf();
  await bind(pod);
  await status(pod, "Running", { ready: true, imageID: `x@sha256:${"a".repeat(64)}`, state: { running: { startedAt: time() } } }, true);
  kubelet.logs.set(pod.metadata.name, log);
  return pod;
}

async function deploymentReady(): Promise<void> {
  const kind = { apiVersion: "apps/v1", kind: "Deployment" };
  await vi.waitUntil(async () => (await cluster.get({ ...kind, namespace, name: "clovis" }))?.metadata.annotations?.["deployment.kubernetes.io/revision"] !== undefined, { timeout: 30_000 });
}

/** A pod whose gateway ended and ends again. */
async function crashing(exitCode: number, message: string, lastWords: readonly string[] = [], reason = "Error"): Promise<void> {
  await apply();
  await boundClaim();
  await secret();
  const pod = await podOf();
  await bind(pod);
  const terminated = { exitCode, reason, message, startedAt: time(90), finishedAt: time(60) };
  await status(pod, "Running", { restartCount: 4, state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" } }, lastState: { terminated } });
  kubelet.logs.set(`${pod.metadata.name} previous`, lastWords);
}

async function boundClaim(node?: string): Promise<void> {
  const claim = await cluster.get({ apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: "clovis-state" });
  const name = `${namespace}-volume`;
  const affinity = node === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }] } } };
  await cluster.apply({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: textAt(claim, "spec", "resources", "requests", "storage") },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: CLASS,
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "clovis-state", namespace, uid: claim?.metadata["uid"] },
      csi: { driver: DRIVER, volumeHandle: name },
      ...affinity,
    },
  });
  await vi.waitUntil(async () => textAt(await cluster.get({ apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: "clovis-state" }), "status", "phase") === "Bound", { timeout: 30_000 });
}

/** As External Secrets makes it, and says so. */
async function secret(keys: readonly string[] = KEYS): Promise<void> {
  const data = Object.fromEntries(keys.map((key) => [key, Buffer.from(key === "OPENCLAW_GATEWAY_TOKEN" ? PLANTED : `value-of-${key}`).toString("base64")]));
  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "clovis-env", namespace, labels: { [AGENT_LABEL]: "clovis" } }, data });
  const conditions = [{ type: "Ready", status: "True", reason: "SecretSynced", message: "secret synced" }];
  const provider = { vault: { server: vault.address, path: "kv", version: "v2", auth: { tokenSecretRef: { name: "vault-token", key: "token" } } } };
  const secretStore = await cluster.apply({ apiVersion: "external-secrets.io/v1", kind: "SecretStore", metadata: { name: "vault", namespace }, spec: { provider } });
  await cluster.mergePatch(referenceOf(secretStore), { status: { conditions: [{ type: "Ready", status: "True" }] } }, { subresource: "status" });
  const reference = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", namespace, name: "clovis-env" };
  await cluster.mergePatch(reference, { status: { refreshTime: new Date().toISOString(), conditions } }, { subresource: "status" });
}

/** An event as a kubelet writes it. */
async function warn(object: Manifest, reason: string, message: string): Promise<void> {
  const { kind, apiVersion } = object;
  const { name, uid } = object.metadata;
  const involvedObject = { apiVersion, kind, name, namespace, uid };
  await cluster.create({ apiVersion: "v1", kind: "Event", metadata: { namespace, generateName: "kubelet-" }, involvedObject, type: "Warning", reason, message, firstTimestamp: time(), lastTimestamp: time(), count: 3 });
}

/** Runs the real start guard without its secrets, and returns what it leaves in the termination message. */
async function startGuardSays(env: Record<string, string>): Promise<string> {
  const file = join(folder, "termination-log");
  const script = fileURLToPath(new URL("../../src/render/start-guard/start-guard.mjs", import.meta.url));
  const { promise, resolve } = Promise.withResolvers<void>();
  execFile(process.execPath, [script], { env: { FROTA_AGENT: "clovis", FROTA_STATE: folder, FROTA_TERMINATION_LOG: file, ...env } }, () => resolve());
  await promise;
  return readFile(file, "utf8");
}

describe("an agent that is well", () => {
  test("is called so; what was looked at is told, and nothing is shown of a secret that its log has", async () => {
    await serving(["gateway ready", `debug: token=${PLANTED}`]);
    const { code, diagnosis, text } = await doctor();
    expect({ code, headline: diagnosis.headline, findings: diagnosis.findings }).toEqual({ code: 0, headline: expect.stringMatching(/^clovis is well/), findings: [] });
    const fine = diagnosis.checks.filter(({ state }) => state === "fine").map(({ subject }) => subject);
    expect(fine).toEqual(["Deployment", "Pod", "Node", "Volume", "Secrets", "Gateway", "Model", "Channels", "Events", "Log"]);
    // A stand-in kubelet runs no commands.
    expect(diagnosis.checks.filter(({ state }) => state === "unknown").map(({ subject }) => subject)).toEqual(["Space"]);
    expect((await text()).stdout).toMatch(/Looked at and fine: Deployment, Pod, Node, Volume, Secrets[^]*Could not be looked at:\n {2}Space: /);
  });
});

describe("its volume", () => {
  test("of a class that does not exist", async () => {
    await cluster.delete({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: CLASS });
    await apply();
    const events = () => cluster.events({ apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: "clovis-state" });
    await vi.waitUntil(async () => (await events()).length > 0, { timeout: 60_000 });
    expect(await told()).toMatchObject({ code: 1, state: "down", codes: expect.arrayContaining(["STORAGE_CLASS_MISSING"]), headline: expect.stringMatching(/no storage class diagnoses-storage/), evidence: expect.stringContaining("not found") });
    await cluster.apply({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: CLASS }, provisioner: DRIVER });
  });

  test("still attached to another node: Kubernetes' own Multi-Attach error", async () => {
    const managed = { annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" } };
    for (const name of ["diagnoses-old", "diagnoses-new"]) await cluster.apply({ apiVersion: "v1", kind: "Node", metadata: { name, ...managed } });
    await apply();
    await boundClaim();
    await secret();
    const first = await podOf();
    await bind(first, "diagnoses-old");
    await attached("diagnoses-old");
    await status(first, "Running", { ready: true, state: { running: { startedAt: time() } } }, true);
    // As after a node that died: its pod stays listed, and the next one is bound elsewhere.
    await cluster.mergePatch(referenceOf(first), { metadata: { labels: { [AGENT_LABEL]: null, "pod-template-hash": null }, ownerReferences: [] } });
    const second = await podOf();
    await bind(second, "diagnoses-new");
    await status(second, "Pending", { state: { waiting: { reason: "ContainerCreating" } } });
    await vi.waitUntil(async () => (await cluster.events(referenceOf(second))).some((one) => textAt(one, "message")?.includes("Multi-Attach") === true), { timeout: 90_000 });
    const { state, codes, headline, next } = await told();
    expect({ state, codes }).toEqual({ state: "down", codes: expect.arrayContaining(["VOLUME_ATTACHED_ELSEWHERE"]) });
    expect(headline).toMatch(/attached to diagnoses-new: it is still attached to diagnoses-old|its node diagnoses-new is not ready/);
    expect(next.join("\n")).toContain(`kubectl --context test -n ${namespace} get node diagnoses-old`);
    for (const name of ["diagnoses-old", "diagnoses-new"]) await cluster.delete({ apiVersion: "v1", kind: "Node", name });
  });
});

/** Waits for the attachment that the real controller asks for, and answers it as a storage driver. */
async function attached(node: string): Promise<void> {
  const abort = new AbortController();
  for await (const one of cluster.watch({ apiVersion: "storage.k8s.io/v1", kind: "VolumeAttachment" }, {}, abort.signal)) {
    const objects = one.type === "synced" ? one.objects : one.type === "changed" ? [one.object] : [];
    const attachment = objects.find((object) => textAt(object, "spec", "nodeName") === node && textAt(object, "spec", "source", "persistentVolumeName") === `${namespace}-volume`);
    if (!attachment) continue;
    await cluster.mergePatch(referenceOf(attachment), { status: { attached: true } }, { subresource: "status" });
    abort.abort();
  }
}

describe("its pod", () => {
  test.each<[string, string, string]>([
    ["no node of the pool", "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", "NODE_POOL_MISSING"],
    ["no room in the pool", "0/1 nodes are available: 1 Insufficient memory.", "NODE_POOL_FULL"],
  ])("finds %s", async (_case, message, expected) => {
    await apply();
    await boundClaim();
    await secret();
    const pod = await podOf();
    if (expected === "NODE_POOL_MISSING") await kubelet.report({ [POOL_LABEL]: "another" });
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
    await cluster.mergePatch(referenceOf(pod), { status: { phase: "Pending", conditions } }, { subresource: "status" });
    expect(await told()).toMatchObject({ code: 1, state: "down", codes: [expected], evidence: expect.stringContaining("nodes are available") });
  });

  test("is refused by a real quota", async () => {
    await cluster.apply({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "none", namespace }, spec: { hard: { pods: "0" } } });
    await apply();
    await secret();
    await boundClaim();
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: "clovis" };
    await vi.waitUntil(async () => mapsAt(await cluster.get(deployment), "status", "conditions").some(({ type }) => type === "ReplicaFailure"), { timeout: 60_000 });
    expect(await told()).toMatchObject({ state: "down", codes: ["POD_REFUSED"], evidence: expect.stringContaining("exceeded quota") });
  });

  test("cannot pull its image", async () => {
    await apply();
    await boundClaim();
    await secret();
    const pod = await podOf();
    await bind(pod);
    await status(pod, "Pending", { state: { waiting: { reason: "ImagePullBackOff", message: 'Back-off pulling image "x"' } } });
    await warn(pod, "Failed", 'Failed to pull image "x": failed to resolve reference: unexpected status from HEAD request: 401 Unauthorized');
    const { codes, headline, next } = await told();
    expect({ codes, headline }).toEqual({ codes: ["IMAGE_PULL_DENIED"], headline: expect.stringMatching(/registry\.digitalocean\.com refuses the cluster's credentials/) });
    expect(next.join("\n")).toContain(`-n ${namespace} create secret generic digitalsys-registry`);
  });

  test("is on a node that stopped reporting", async () => {
    const pod = await serving();
    await status(pod, "Running", { ready: false, state: { running: { startedAt: time() } } });
    const lost = [{ type: "Ready", status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status.", lastHeartbeatTime: time(600), lastTransitionTime: time(500) }];
    await cluster.mergePatch({ apiVersion: "v1", kind: "Node", name: kubelet.node }, { status: { conditions: lost } }, { subresource: "status" });
    expect(await told()).toMatchObject({ state: "down", codes: ["NODE_NOT_READY"], evidence: expect.stringContaining("Kubelet stopped posting") });
  });
});

describe("its container ends", () => {
  test("because the real start guard refuses an image without OpenClaw", async () => {
    const declaration = join(folder, "declared.json");
    await writeFile(declaration, "{}");
    await crashing(78, await startGuardSays({ FROTA_DECLARATION: declaration, PATH: folder }));
    expect(await told()).toMatchObject({ code: 1, state: "down", codes: ["OPENCLAW_MISSING"], headline: expect.stringContaining("the image has no openclaw command") });
  });

  test.each<[string, number, readonly string[], string]>([
    ["an invalid configuration", 78, ["Gateway failed to start: Invalid config at /root/.openclaw/openclaw.json:", 'openclaw.json:1 — gateway: Unrecognized key: "prot"'], "CONFIGURATION_INVALID"],
    ["a state that a newer OpenClaw migrated", 78, ["OpenClaw state database /root/.openclaw/state/openclaw.sqlite uses newer schema version 18; this build supports 15."], "STATE_NEWER_THAN_OPENCLAW"],
    ["words that nobody knows", 1, [`TypeError: cannot read ${PLANTED}`], "GATEWAY_CRASHES"],
  ])("because of %s, by the last words of the container before", async (_case, exitCode, lastWords, expected) => {
    await crashing(exitCode, "", lastWords);
    const { state, codes, evidence } = await told();
    expect({ state, codes }).toEqual({ state: "down", codes: [expected] });
    expect(evidence).toContain("last words");
  });

  test("because it used too much memory", async () => {
    await crashing(137, "", [], "OOMKilled");
    expect(await told()).toMatchObject({ state: "down", codes: ["OUT_OF_MEMORY"], headline: expect.stringContaining("2560Mi") });
  });
});

/** The agent as the operator finds it that logs in with this token, when it has said something. */
async function operated(token: string): Promise<void> {
  operator = await startExternalSecrets(inject("kubeconfig"), namespace);
  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "vault-token", namespace }, stringData: { token } });
  const provider = { vault: { server: vault.address, path: "kv", version: "v2", auth: { tokenSecretRef: { name: "vault-token", key: "token" } } } };
  const secretStore = await cluster.apply({ apiVersion: "external-secrets.io/v1", kind: "SecretStore", metadata: { name: "vault", namespace }, spec: { provider } });
  const isJudged = async (object: ObjectReference) => mapsAt(await cluster.get(object), "status", "conditions").length > 0;
  // The first word about a secret is to be Vault's, not that its store was not tried yet.
  await vi.waitUntil(() => isJudged(referenceOf(secretStore)), { timeout: 60_000 });
  await apply();
  await boundClaim();
  const pod = await podOf();
  await bind(pod);
  await status(pod, "Pending", { state: { waiting: { reason: "CreateContainerConfigError", message: 'secret "clovis-env" not found' } } });
  const externalSecret = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", namespace, name: "clovis-env" };
  // The operator tells an Event before it writes the status.
  await vi.waitUntil(async () => (await cluster.events(externalSecret)).length > 0 && (await isJudged(externalSecret)), { timeout: 60_000 });
}

describe("its secrets, with the real operator and Vault", () => {
  afterEach(() => operator.stop());

  test("Vault has nothing at the path", async () => {
    await client.request({ method: "DELETE", path: "kv/metadata/agents/clovis" }, "delete");
    await operated(vault.rootToken);
    const { state, codes, headline } = await told({ VAULT_ADDR: "" });
    expect({ state, codes }, headline).toEqual({ state: "down", codes: ["SYNC_PATH_MISSING"] });
  });

  test("Vault does not let the operator in", async () => {
    await operated("wrong-token");
    const { state, codes, evidence } = await told();
    expect({ state, codes }, evidence).toEqual({ state: "down", codes: ["SYNC_VAULT_DENIED"] });
    expect(evidence).toMatch(/permission denied|invalid token/);
  });
});

describe("its gateway, on a pod that is Ready", () => {
  test("has another token than the Secret", async () => {
    await serving();
    gateway.answers["health"] = () => refusal(401, "Unauthorized");
    expect(await told()).toMatchObject({ code: 1, state: "impaired", codes: ["GATEWAY_TOKEN_MISMATCH"] });
  });

  test("has no credential for its model, and a bot token that Telegram refuses, as OpenClaw 2026.9.2 told it", async () => {
    await serving();
    const models = [{ id: "gemini", provider: "google", tags: ["default"], available: false, unavailableReason: "missing-auth" }];
    const lastError = 'Telegram bot token unauthorized for account "default" (getMe returned 401 from Telegram; source: config token).';
    gateway.answers["models.list"] = () => ok({ models });
    gateway.answers["channels.status"] = () => ok({ channelAccounts: { telegram: [{ accountId: "default", enabled: true, configured: true, running: false, lifecycle: "blocked", lastError }] } });
    expect(await told()).toMatchObject({ state: "impaired", codes: ["MODEL_CREDENTIAL", "CHANNEL_REFUSED"], headline: expect.stringContaining("provider google has no credential") });
  });

  test("had its key refused by the provider, by its log", async () => {
    await serving(["2026-11-23T09:30:25.360+00:00 [model-fallback/decision] model fallback decision: decision=candidate_failed requested=google/gemini-3.1-pro-preview reason=auth next=none detail=API key not valid."]);
    expect(await told()).toMatchObject({ state: "impaired", codes: ["MODEL_KEY_REFUSED"] });
  });
});

describe("what cannot be looked at", () => {
  test("a kubelet that answers nothing costs no more than its time limits, and is told", { timeout: 90_000 }, async () => {
    await serving();
    kubelet.isSilent = true;
    const began = performance.now();
    const { diagnosis } = await doctor();
    expect(performance.now() - began).toBeLessThan(45_000);
    const unknown = diagnosis.checks.filter(({ state }) => state === "unknown").map(({ subject }) => subject);
    expect(unknown).toEqual(expect.arrayContaining(["Space", "Gateway", "Log"]));
  });

  test("an API server that answers nothing is the whole finding, within seconds", async () => {
    const silent: Server = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const config = JSON.parse(await readFile(inject("kubeconfig"), "utf8"));
    config.clusters[0].cluster.server = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const path = join(folder, "silent");
    await writeFile(path, JSON.stringify(config));
    const { code, diagnosis } = await doctor({ KUBECONFIG: path });
    silent.close();
    expect(diagnosis.next).toContain("name another with --context");
    expect({ code, state: diagnosis.state, headline: diagnosis.headline }).toEqual({ code: 1, state: "unknown", headline: expect.stringMatching(/cannot be looked at: .*(no answer|cannot be reached)/) });
  });

  test("with the rights to see pods alone, the pod is diagnosed, and the rest is told", async () => {
    await crashing(137, "", [], "OOMKilled");
    await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "weak", namespace } });
    const rbac = "rbac.authorization.k8s.io";
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }];
    await cluster.apply({ apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name: "weak", namespace }, rules });
    const subjects = [{ kind: "ServiceAccount", name: "weak", namespace }];
    await cluster.apply({ apiVersion: `${rbac}/v1`, kind: "RoleBinding", metadata: { name: "weak", namespace }, subjects, roleRef: { apiGroup: rbac, kind: "Role", name: "weak" } });
    const { diagnosis } = await doctor({ KUBECONFIG: await kubeconfigOf(cluster, { namespace, name: "weak" }, join(folder, "weak")) });
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(["OUT_OF_MEMORY"]);
    const unknown = diagnosis.checks.filter(({ state }) => state === "unknown");
    expect(unknown.map(({ subject }) => subject)).toEqual(expect.arrayContaining(["Deployment", "Node", "Volume", "Secrets, sync", "Events"]));
    expect(unknown.map(({ detail }) => detail).join()).toContain("forbidden");
  });

  test("an agent that is nowhere is a mistyped one; one that is declared and not applied is told to be applied", async () => {
    const nowhere = await runCli(["doctor", "--agent", "clovs", "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig"), HOME: folder } });
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringMatching(/AGENT_UNKNOWN[^]*did you mean `clovis`/) });
    expect(await told()).toMatchObject({ state: "down", codes: ["DEPLOYMENT_MISSING"], next: ["frota apply clovis"] });
  });
});
