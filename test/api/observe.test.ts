import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import type { AgentWorld } from "../../src/decide/world.ts";
import { applyFleet } from "../../src/engine/apply/apply-fleet.ts";
import { declareFleet } from "../../src/engine/apply/declare-fleet.ts";
import { missingSecretRecord } from "../../src/engine/operate/adopted-secret.ts";
import { desiredAgent, presentChoice, type DesiredAgent } from "../../src/engine/operate/desired.ts";
import { FleetCache, type ChangedSubject } from "../../src/engine/operate/fleet-cache.ts";
import { encodeLedger } from "../../src/engine/operate/ledger.ts";
import { emptyMemory } from "../../src/engine/operate/memory.ts";
import { observeAgent, observeFleet } from "../../src/engine/operate/observe.ts";
import { encodeRevision } from "../../src/engine/operate/revisions.ts";
import { renderCustomResources } from "../../src/render/custom-resources.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import type { FleetSource } from "../../src/spec/repository.ts";
import { StandInNode } from "./stand-in-node.ts";

const AGENTS = ["clementina", "clovis", "roberval"];
const DIGEST = `sha256:${"a".repeat(64)}`;
const NOW = Date.parse("2026-11-23T12:00:00Z");
const KEY = new Uint8Array(32).fill(7);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  for (const name of ["fleets", "agents"]) {
    const definition: Manifest = parse(await readFile(new URL(`../../schemas/crds/${name}.yaml`, import.meta.url), "utf8"));
    await cluster.apply(definition);
  }
  const isServed = async (kind: string) => expect(await cluster.serves({ apiVersion: "frota.dev/v1alpha1", kind })).toBe(true);
  for (const kind of ["Fleet", "Agent"]) await vi.waitFor(() => isServed(kind), 20_000);
});

afterAll(() => cluster.close());

/** The repository's fleet in a namespace of its own. */
async function fleetIn(namespace: string): Promise<FleetSource> {
  const files = new Map(await readRepository(fileURLToPath(new URL("../../agents", import.meta.url))));
  files.set("fleet.yaml", (files.get("fleet.yaml") ?? "").replace("namespace: bots", `namespace: ${namespace}`));
  const { source } = assembleFleet(files);
  if (!source) throw new Error("no fleet");
  return source;
}

/** A cache that tests look at until it shows what they expect. */
class Watched {
  readonly cache: FleetCache;
  readonly memory = emptyMemory();
  readonly subjects: ChangedSubject[] = [];
  readonly #abort = new AbortController();
  #changed = Promise.withResolvers<void>();

  constructor(namespace: string, watched: Cluster = cluster) {
    this.cache = FleetCache.start({
      cluster: watched,
      namespace,
      digestKey: KEY,
      signal: this.#abort.signal,
      onChange: (subject) => {
        this.subjects.push(subject);
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      },
    });
  }

  agent(name: string): AgentWorld {
    return observeAgent(this.cache, this.memory, name, NOW);
  }

  /** Waits for changes until `isSo`; fails with the last world after 20 s. */
  async until(name: string, isSo: (world: AgentWorld) => boolean): Promise<AgentWorld> {
    const late = AbortSignal.timeout(20_000);
    const end = new Promise<void>((resolve) => late.addEventListener("abort", () => resolve()));
    for (;;) {
      const world = this.agent(name);
      if (isSo(world)) return world;
      if (late.aborted) throw new Error(`never so: ${JSON.stringify(world, null, 1)}`);
      await Promise.race([this.#changed.promise, end]);
    }
  }

  desired(name: string): DesiredAgent {
    const desired = desiredAgent(this.cache, name);
    if (!desired || "invalid" in desired) throw new Error(`nothing sound is declared: ${JSON.stringify(desired)}`);
    return desired;
  }

  stop(): void {
    this.#abort.abort();
  }
}

const secret = (namespace: string, agent: string, token: string): Manifest => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: `${agent}-env`, namespace },
  type: "Opaque",
  data: { OPENCLAW_GATEWAY_TOKEN: Buffer.from(token).toString("base64"), GITHUB_TOKEN: "Zw==", LINEAR_API_KEY: "bA==", GEMINI_API_KEY: "bQ==" },
});

describe("a fleet of the plain way is adopted", () => {
  const namespace = "observe-adopt";
  let node: StandInNode;
  let watched: Watched;
  let source: FleetSource;

  beforeAll(async () => {
    node = new StandInNode(cluster, namespace);
    source = await fleetIn(namespace);
    await applyFleet({
      cluster,
      declared: declareFleet(source),
      images: { read: () => Promise.resolve({ digest: DIGEST, openclawVersion: "2026.9.2" }) },
      timeout: 60_000,
      signal: new AbortController().signal,
      onEvent: () => undefined,
    });
    for (const agent of AGENTS) await cluster.apply(secret(namespace, agent, `token of ${agent}`));
    const { fleet, agents } = renderCustomResources(source);
    for (const resource of [fleet, ...agents.map(({ agent }) => agent)]) await cluster.apply(resource);
    watched = new Watched(namespace);
    await watched.cache.synced;
  });

  afterAll(() => {
    watched.stop();
    node.stop();
  });

  test("without a template write: only the mark of what was applied is missing", async () => {
    expect(watched.cache.agentNames()).toEqual(AGENTS);
    for (const name of AGENTS) {
      const world = watched.agent(name);
      expect(world.declared).toMatchObject({ channel: "latest", onSecretChange: "restart" });
      expect(world.declared?.invalid).toBeUndefined();
      expect(world.deployment?.pending).toBeUndefined();
      expect(world.unsettled.map(({ key, why }) => `${why} ${key}`).toSorted()).toEqual(
        [
          `ConfigMap/${name}-config`,
          `ConfigMap/${name}-start-guard`,
          `Deployment/${name}`,
          `ExternalSecret/${name}-env`,
          `NetworkPolicy/${name}`,
          `PersistentVolumeClaim/${name}-state`,
          `Service/${name}`,
          `ServiceAccount/${name}`,
        ].map((key) => `declared ${key}`),
      );
      expect(world.configuration).toBeUndefined();
      expect(world.deployment).toMatchObject({ replicas: 1, isObserved: true });
      expect(world.deployment?.pending).toBeUndefined();
      expect(world.deployment?.pinnedDigest).toBeUndefined();
      expect(world.pods).toMatchObject([{ isCurrent: true, isReady: true, digest: DIGEST, isTerminating: false }]);
      expect(world.secret).toMatchObject({ exists: true, missingKeys: [], sync: { isSynced: true } });
      expect(world.state).toEqual({ claim: "bound", needsRecord: true, openclawVersion: "2026.9.2" });
    }
  });

  test("and is settled once everything but the template is applied", async () => {
    for (const name of AGENTS) {
      const kept = watched.cache.deployment(name);
      if (!kept) throw new Error("no Deployment");
      const live = kept.manifest;
      const desired = watched.desired(name);
      for (const manifest of desired.supporting) await cluster.apply(manifest, { force: true });
      const choice = presentChoice(live);
      const annotations = { ...choice.annotations, ...missingSecretRecord(kept, watched.cache.secret(name)?.digest) };
      const applied = await cluster.apply(desired.deployment({ ...choice, annotations }), { force: true });
      // (An annotation of a Deployment counts into its generation.)
      expect(applied["spec"]).toEqual(live["spec"]);
      const [before] = watched.agent(name).pods;
      const world = await watched.until(name, ({ unsettled, deployment }) => unsettled.length === 0 && deployment?.isObserved === true);
      expect(world.pods).toEqual([before]);
      expect(world.deployment?.pending).toBeUndefined();
      expect(watched.agent(name)).toBe(world);
    }
  });

  test("what people change is drift; what they add is theirs; a restart by kubectl is honored", async () => {
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: "clovis" };
    const by = { fieldManager: "kubectl-edit" };
    await cluster.mergePatch(deployment, { metadata: { annotations: { theirs: "yes" }, labels: { theirs: "yes" } } }, by);
    const restarted = { spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-11-23T11:00:00Z" } } } } };
    await cluster.mergePatch(deployment, restarted, by);
    const manual = await watched.until("clovis", (world) => world.deployment?.restartedAt !== undefined);
    // Which Secret the new template was first seen with is to be put on record.
    expect(manual.unsettled).toEqual([{ key: "Deployment/clovis", why: "declared", wasApplied: true }]);
    expect(manual.deployment?.pending).toBeUndefined();
    const restartedLive = watched.cache.deployment("clovis");
    const record = restartedLive && missingSecretRecord(restartedLive, watched.cache.secret("clovis")?.digest);
    await cluster.mergePatch(deployment, { metadata: { annotations: record } });
    await watched.until("clovis", ({ unsettled }) => unsettled.length === 0);

    await cluster.mergePatch(deployment, { spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } } }, by);
    const edited = await watched.until("clovis", (world) => world.deployment?.pending !== undefined);
    expect(edited.deployment?.pending).toEqual({ need: "Drift", paths: ["spec.template.spec.terminationGracePeriodSeconds"] });
    await cluster.mergePatch(deployment, { spec: { template: { spec: { terminationGracePeriodSeconds: 345 } } } }, by);
    await watched.until("clovis", (world) => world.deployment?.pending === undefined);

    await cluster.mergePatch(deployment, { spec: { progressDeadlineSeconds: 700, replicas: 0 } }, by);
    const outside = await watched.until("clovis", ({ unsettled }) => unsettled.length > 0);
    expect(outside.unsettled).toEqual([{ key: "Deployment/clovis", why: "drift", wasApplied: true }]);
    expect(outside.deployment?.replicas).toBe(0);

    await cluster.mergePatch({ apiVersion: "v1", kind: "Service", namespace, name: "roberval" }, { spec: { type: "NodePort" } }, by);
    await cluster.delete({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace, name: "roberval" });
    await cluster.mergePatch({ apiVersion: "v1", kind: "ConfigMap", namespace, name: "roberval-config" }, { data: { "openclaw.json": "{}", theirs: "x" } }, by);
    const roberval = await watched.until("roberval", ({ unsettled }) => unsettled.length === 3);
    expect(roberval.unsettled).toEqual([
      { key: "ConfigMap/roberval-config", why: "drift", wasApplied: true },
      { key: "NetworkPolicy/roberval", why: "missing", wasApplied: true },
      { key: "Service/roberval", why: "drift", wasApplied: true },
    ]);
    for (const manifest of watched.desired("roberval").supporting) await cluster.apply(manifest, { force: true });
    await watched.until("roberval", ({ unsettled }) => unsettled.length === 0);
  });

  test("a changed declaration waits for a restart, or goes through the gateway", async () => {
    const agent = { apiVersion: "frota.dev/v1alpha1", kind: "Agent", namespace, name: "clementina" };
    await cluster.mergePatch(agent, { spec: { env: { GREETING: "hello" } } });
    const env = await watched.until("clementina", (world) => world.deployment?.pending !== undefined);
    expect(env.deployment?.pending).toEqual({ need: "Template", paths: ["spec.template.spec.containers[openclaw].env[GREETING]"] });
    expect(env.unsettled).toEqual([]);
    await cluster.mergePatch(agent, { spec: { env: null, openclaw: { messages: { ackReaction: "eyes" } } } });
    const hot = await watched.until("clementina", (world) => world.configuration !== undefined && world.deployment?.pending === undefined);
    expect(hot.configuration).toEqual({ hasHotKeys: true });
    await cluster.mergePatch(agent, { spec: { openclaw: { messages: null, logging: { level: "debug" } } } });
    const cold = await watched.until("clementina", (world) => world.deployment?.pending !== undefined);
    expect(cold.configuration).toEqual({ hasHotKeys: false });
    expect(cold.deployment?.pending).toMatchObject({ need: "Configuration" });
    await cluster.mergePatch(agent, { spec: { env: { "no such name": "x" } } }).catch(() => undefined);
    await cluster.mergePatch(agent, { spec: { openclaw: { logging: null } }, metadata: { annotations: { "frota.dev/suspended": "garbage" } } });
    const suspended = await watched.until("clementina", (world) => world.declared?.suspended !== undefined);
    expect(suspended.declared?.suspended).toContain("suspended by somebody");
  });

  test("a Secret is its keys, a keyed digest and a time; its token stays for the gateway", async () => {
    const before = watched.agent("clovis").secret;
    expect(watched.cache.gatewayToken("clovis")).toBe("token of clovis");
    await cluster.apply(secret(namespace, "clovis", "another token"));
    const { secret: after } = await watched.until("clovis", (world) => world.secret.digest !== before.digest);
    expect(after.changedAt).toBeGreaterThanOrEqual(before.changedAt ?? Infinity);
    expect(watched.cache.gatewayToken("clovis")).toBe("another token");
    expect(JSON.stringify(watched.cache.secret("clovis"))).not.toContain("token of");
    await cluster.delete({ apiVersion: "v1", kind: "Secret", namespace, name: "clovis-env" });
    const gone = await watched.until("clovis", (world) => !world.secret.exists);
    expect(gone.secret.missingKeys).toContain("OPENCLAW_GATEWAY_TOKEN");
    expect(watched.cache.gatewayToken("clovis")).toBeUndefined();
  });

  test("ledger and revisions are read back as they were written; garbage counts for nothing", async () => {
    const permit = { id: "p1", cause: "Image", also: [], grantedAt: NOW, image: { digest: DIGEST }, attempt: 1 } as const;
    const ledger = await cluster.create(encodeLedger(namespace, new Map([["clovis", permit]])));
    const revision = { name: "digitalsys-image-aaaaaaaaaaaa", channel: "latest", revision: 3, digest: DIGEST, openclawVersion: "2026.9.2", attempt: 1 } as const;
    await cluster.apply(encodeRevision({ name: "digitalsys", namespace }, revision), { force: true });
    const world = await watched.until("clovis", ({ permit: given, target }) => given !== undefined && target !== undefined);
    expect(world.permit).toEqual(permit);
    expect(world.target).toEqual({ digest: DIGEST, openclawVersion: "2026.9.2" });
    expect(observeFleet(watched.cache, watched.memory, NOW)).toMatchObject({ revisions: [revision], defaultChannel: "latest", channels: [{ tag: "latest" }] });

    await cluster.apply(encodeRevision({ name: "digitalsys", namespace }, { ...revision, revision: 9, rejected: "failed", rejectedReason: "it crashed" }), { force: true });
    await watched.until("clovis", ({ target }) => target === undefined);
    const { resourceVersion } = ledger.metadata;
    const reference = { apiVersion: "v1", kind: "ConfigMap", namespace, name: ledger.metadata.name };
    await cluster.mergePatch(reference, { metadata: { resourceVersion }, data: { clovis: "{]", roberval: "7" } });
    await watched.until("clovis", ({ permit: given }) => given === undefined);
    expect(observeFleet(watched.cache, watched.memory, NOW)?.unreadable).toEqual(["entry clovis of the ledger", "entry roberval of the ledger"]);
    const stale = cluster.mergePatch(reference, { metadata: { resourceVersion }, data: { clovis: null } });
    await expect(stale).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("what is no longer declared stays in sight until nothing that was applied is left", async () => {
    await cluster.delete({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", namespace, name: "roberval" });
    const world = await watched.until("roberval", ({ declared }) => declared === undefined);
    expect(world.deployment).toBeDefined();
    expect(watched.cache.agentNames()).toContain("roberval");
    for (const manifest of [...watched.desired("clovis").supporting, watched.desired("clovis").deployment({ image: "x" })]) {
      const { apiVersion, kind, metadata } = manifest;
      if (kind !== "PersistentVolumeClaim") await cluster.delete({ apiVersion, kind, namespace, name: metadata.name.replace("clovis", "roberval") });
    }
    await watched.until("roberval", ({ deployment, pods }) => deployment === undefined && pods.length === 0);
    await expect.poll(() => watched.cache.agentNames(), { timeout: 20_000 }).toEqual(["clementina", "clovis"]);
  });
});
