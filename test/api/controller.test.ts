import { afterEach, expect, inject, test } from "vitest";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { encodeRevision } from "../../src/engine/operate/revisions.ts";
import { OperatedFleet } from "./operated-fleet.ts";

let fleet: OperatedFleet;

afterEach(() => fleet.end());

const conditionOf = (object: Manifest | undefined, type: string) => mapsAt(object, "status", "conditions").find((condition) => condition["type"] === type);
const imageOf = (deployment: Manifest | undefined) => textAt(mapsAt(deployment, "spec", "template", "spec", "containers")[0], "image");

test("a fleet from nothing settles: all Ready, pinned to the digest, and a second run writes nothing", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-create");
  const digest = fleet.push("first");
  await fleet.declareFleet();
  for (const agent of ["ana", "bea", "caio"]) await fleet.declareAgent(agent);
  await fleet.settle();
  for (const agent of ["ana", "bea", "caio"]) {
    expect(imageOf(await fleet.deployment(agent))).toContain(`@${digest}`);
    const resource = await fleet.get("frota.dev/v1alpha1", "Agent", agent);
    expect(conditionOf(resource, "Ready")).toMatchObject({ status: "True" });
  }
  const events = await fleet.settle();
  expect(events.filter(({ type }) => ["acted", "fleet-acted", "failed", "status", "fleet-status"].includes(type))).toEqual([]);
});

const AGENT = "frota.dev/v1alpha1";
const restartOf = (deployment: Manifest | undefined): { cause?: string } => JSON.parse(deployment?.metadata.annotations?.["frota.dev/restart"] ?? "{}");
const generationOf = (object: Manifest | undefined) => Number(object?.metadata["generation"]);
const uidOf = (object: Manifest | undefined) => object?.metadata["uid"];

test("server-side apply with an old resource version is refused: what a restart relies on", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-fencing");
  const map = (value: string, resourceVersion?: unknown): Manifest => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "fenced", namespace: fleet.namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    data: { value },
  });
  const first = await fleet.cluster.apply(map("1"));
  await fleet.cluster.apply(map("2", first.metadata["resourceVersion"]), { force: true });
  await expect(fleet.cluster.apply(map("3", first.metadata["resourceVersion"]), { force: true })).rejects.toMatchObject({ code: "CONFLICT" });
});

test("what somebody edits or deletes is put back and told; an annotation of somebody else and a rollout restart are honored", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-drift");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  const service = { apiVersion: "v1", kind: "Service", namespace, name: "ana" };
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: "ana" };
  await fleet.control();

  await cluster.delete(service);
  await fleet.until("v1", "Service", "ana", (object) => object !== undefined);
  await cluster.mergePatch(service, { spec: { ports: [{ name: "gateway", port: 1234, targetPort: "gateway", protocol: "TCP" }] } }, { fieldManager: "kubectl-edit" });
  await fleet.until("v1", "Service", "ana", (object) => mapsAt(object, "spec", "ports")[0]?.["port"] === 18789);
  await cluster.mergePatch(deployment, { spec: { progressDeadlineSeconds: 77 } }, { fieldManager: "kubectl-edit" });
  await fleet.until("apps/v1", "Deployment", "ana", (object) => valueAt(object, ["spec", "progressDeadlineSeconds"]) === 900);
  await cluster.mergePatch(deployment, { spec: { replicas: 0 } }, { fieldManager: "kubectl-scale" });
  await fleet.until("apps/v1", "Deployment", "ana", (object) => valueAt(object, ["spec", "replicas"]) === 1 && valueAt(object, ["status", "readyReplicas"]) === 1);
  const events = await cluster.events({ apiVersion: AGENT, kind: "Agent", namespace, name: "ana" });
  expect(events.filter(({ reason }) => reason === "PutBack").map(({ message }) => String(message)).join()).toContain("Service/ana");

  await cluster.mergePatch(deployment, { metadata: { annotations: { "example.com/mine": "kept" } } }, { fieldManager: "somebody" });
  const restartedAt = "2026-01-01T00:00:00Z";
  const template = { spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": restartedAt } } } } };
  await cluster.mergePatch(deployment, template, { fieldManager: "kubectl-rollout" });
  const agent = await fleet.until(AGENT, "Agent", "ana", (object) => mapsAt(object, "status", "restarts").at(-1)?.["cause"] === "Manual");
  expect(conditionOf(agent, "Stalled")?.["status"]).not.toBe("True");
  await fleet.until(AGENT, "Agent", "ana", (object) => conditionOf(object, "Ready")?.["status"] === "True");
  const after = await fleet.deployment("ana");
  expect(after?.metadata.annotations?.["example.com/mine"]).toBe("kept");
  expect(valueAt(after, ["spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"])).toBe(restartedAt);
});

test("what the plain way deployed is adopted without a new template; a new image then moves it, one at a time", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-adoption");
  await fleet.declareFleet();
  for (const agent of ["ana", "bea"]) await fleet.declareAgent(agent);
  fleet.node.tagDigest = fleet.push("first");
  await fleet.deployPlainly(["ana", "bea"]);
  const before = await Promise.all(["ana", "bea"].map((agent) => fleet.deployment(agent)));
  await fleet.settle();
  for (const old of before) {
    const now = await fleet.deployment(old?.metadata.name ?? "");
    expect(uidOf(now)).toBe(uidOf(old));
    expect(valueAt(now, ["spec", "template"])).toEqual(valueAt(old, ["spec", "template"]));
    expect(now?.metadata.annotations?.["frota.dev/applied"]).toBeDefined();
  }
  await fleet.setSecret("bea", "rotated");
  await fleet.settle();
  expect(restartOf(await fleet.deployment("bea")).cause, "an adopted agent restarts for its secret").toBe("Secret");
  expect(restartOf(await fleet.deployment("ana")).cause).toBeUndefined();

  const pods = fleet.node.log.length;
  const digest = fleet.push("second");
  await fleet.settleOn(digest);
  const restarts = fleet.node.log.slice(pods).filter((line) => /^(new|ready)/.test(line));
  expect(restarts).toHaveLength(4);
  expect(restarts.map((line) => line.split(" ")[0])).toEqual(["new", "ready", "new", "ready"]);
});

test("three changes of a secret are one restart for each agent, governed by the ledger, and proven", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-secrets");
  await fleet.declareFleet();
  for (const agent of ["ana", "bea"]) await fleet.declareAgent(agent);
  await fleet.settle();
  const generations = await Promise.all(["ana", "bea"].map(async (agent) => generationOf(await fleet.deployment(agent))));
  const started = fleet.node.log.length;
  await fleet.control();
  for (const value of ["a", "b", "c"]) for (const agent of ["ana", "bea"]) await fleet.setSecret(agent, value);
  for (const agent of ["ana", "bea"]) {
    await fleet.until("apps/v1", "Deployment", agent, (object) => restartOf(object).cause === "Secret");
  }
  for (const agent of ["ana", "bea"]) {
    await fleet.until(AGENT, "Agent", agent, (object) => valueAt(object, ["status", "secrets", "isProven"]) === true && conditionOf(object, "Ready")?.["status"] === "True");
  }
  const after = await Promise.all(["ana", "bea"].map(async (agent) => generationOf(await fleet.deployment(agent))));
  expect(after).toEqual(generations.map((generation) => generation + 1));
  expect(fleet.node.log.slice(started).filter((line) => line.startsWith("new"))).toHaveLength(2);
});

test("deleting an Agent removes what runs of it, never its claim; deleting the definitions removes nothing", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-removal");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  for (const agent of ["ana", "bea"]) await fleet.declareAgent(agent);
  await fleet.settle();
  const controller = await fleet.control();
  await cluster.delete({ apiVersion: AGENT, kind: "Agent", namespace, name: "bea" });
  await fleet.until("apps/v1", "Deployment", "bea", (object) => object === undefined);
  await fleet.until("v1", "ServiceAccount", "bea", (object) => object === undefined);
  expect(await fleet.get("v1", "PersistentVolumeClaim", "bea-state")).toBeDefined();

  for (const name of ["agents.frota.dev", "fleets.frota.dev"]) {
    await cluster.delete({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name });
  }
  await expect.poll(() => controller.operator()?.cache.agent("ana"), { timeout: 20_000 }).toBeUndefined();
  await expect.poll(() => controller.operator()?.isIdle, { timeout: 20_000 }).toBe(true);
  expect(await fleet.deployment("ana")).toBeDefined();
  await fleet.redefine(["agents.frota.dev", "fleets.frota.dev"]);
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.until(AGENT, "Agent", "ana", (object) => conditionOf(object, "Ready")?.["status"] === "True");
});

test("of two controllers one acts; a killed one is resumed, one that ends hands over at once", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-handover");
  await fleet.declareFleet();
  const one = await fleet.control();
  await expect.poll(() => one.operator() !== undefined, { timeout: 20_000 }).toBe(true);
  const other = await fleet.control();
  for (const agent of ["ana", "bea", "caio"]) await fleet.declareAgent(agent);
  await expect.poll(() => one.events.some(({ type }) => type === "acted"), { timeout: 20_000 }).toBe(true);
  // In the midst of its work.
  await one.stop();
  await expect.poll(() => other.operator() !== undefined, { timeout: 20_000 }).toBe(true);
  for (const agent of ["ana", "bea", "caio"]) {
    await fleet.until(AGENT, "Agent", agent, (object) => conditionOf(object, "Ready")?.["status"] === "True");
  }
  expect(other.events.filter(({ type }) => type === "failed")).toEqual([]);
});

test("old images are forgotten, but for ten, what is needed, and what failed", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-history");
  const { cluster, namespace } = fleet;
  const digest = fleet.push("first");
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  const kind = { apiVersion: "apps/v1", kind: "ControllerRevision" };
  const record = (number: number, rest: object) => {
    const name = `old-${String(number).padStart(2, "0")}`;
    const old = { channel: "latest", digest: `sha256:${String(number).padStart(64, "0")}`, revision: number, attempt: 1, name };
    return cluster.apply(encodeRevision({ name: "test", namespace }, { ...old, ...rest }), { force: true });
  };
  const [own] = await cluster.list(kind, { namespace });
  const newest = own?.metadata.name ?? "";
  await cluster.mergePatch({ ...kind, namespace, name: newest }, { revision: 20 });
  for (let number = 2; number < 17; number++) await record(number, number === 2 ? { rejected: "failed", rejectedReason: "it crashed" } : {});
  const previous = { "frota.dev/previous-digest": `sha256:${"3".padStart(64, "0")}` };
  await cluster.mergePatch({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: "ana" }, { metadata: { annotations: previous } });
  await fleet.settle();
  const left = (await cluster.list(kind, { namespace })).map(({ metadata }) => metadata.name);
  const tenNewest = Array.from({ length: 10 }, (_, index) => `old-${String(index + 7).padStart(2, "0")}`);
  expect(new Set(left)).toEqual(new Set([newest, "old-02", "old-03", ...tenNewest]));
  expect(imageOf(await fleet.deployment("ana"))).toContain(digest);
});

test("records that nobody can read are told, and count for nothing", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-garbage");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  await fleet.control();
  const ledger = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "frota-disruptions" };
  await cluster.mergePatch(ledger, { data: { ana: "{]" } });
  const data = { apiVersion: AGENT, kind: "ImageRevision", channel: "latest" };
  await cluster.create({ apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "half", namespace }, revision: 99, data });
  const told = await fleet.until(AGENT, "Fleet", "test", (object) => JSON.stringify(valueAt(object, ["status", "unreadableRecords"])) === '["entry ana of the ledger","ControllerRevision half"]');
  expect(conditionOf(told, "Ready")).toMatchObject({ status: "True" });
  const events = await cluster.events({ apiVersion: AGENT, kind: "Fleet", namespace, name: "test" });
  expect(events.filter(({ reason }) => reason === "UnreadableRecord").map(({ message }) => String(message)).join()).toContain("entry ana of the ledger");
  await cluster.mergePatch(ledger, { data: { ana: null } });
  await cluster.delete({ apiVersion: "apps/v1", kind: "ControllerRevision", namespace, name: "half" });
  await fleet.until(AGENT, "Fleet", "test", (object) => valueAt(object, ["status", "unreadableRecords"]) === undefined);
});

test("a status that nobody can read is made anew", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-unreadable-status");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  const { events } = await fleet.control();
  await expect.poll(() => events.some((event) => event.type === "seen" && event.agent === "ana"), { timeout: 20_000 }).toBe(true);
  const garbage = { status: { observedGeneration: null, phase: null, conditions: [], restarts: ["?"], image: {}, seen: 7, rollouts: ["?"], agents: {}, disruptions: ["?"] } };
  await cluster.mergePatch({ apiVersion: AGENT, kind: "Agent", namespace, name: "ana" }, garbage, { subresource: "status" });
  await fleet.until(AGENT, "Agent", "ana", (object) => conditionOf(object, "Ready")?.["status"] === "True" && JSON.stringify(valueAt(object, ["status", "restarts"])) === "[]");
  await cluster.mergePatch({ apiVersion: AGENT, kind: "Fleet", namespace, name: "test" }, garbage, { subresource: "status" });
  await fleet.until(AGENT, "Fleet", "test", (object) => conditionOf(object, "Ready")?.["status"] === "True" && textAt(object, "status", "rollouts", 0, "phase") !== undefined);
  expect(events.filter(({ type }) => type === "failed")).toEqual([]);
});
