import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { Manifest } from "../../src/render/manifest.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { conditionOf, Flux, KUSTOMIZATION } from "./flux.ts";
import { guideManifest, guideManifests } from "./guide.ts";
import { CLOVIS, FLEET_NAMESPACE, World } from "./world.ts";

const SECTION = "Flux, plain";
const ANNOTATIONS = ["spec", "template", "metadata", "annotations"];
const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

let world: World;
let flux: Flux;

beforeAll(async () => {
  world = await World.make();
  flux = await Flux.start(world.cluster, world.controlPlane.kubeconfig);
});
afterAll(async () => {
  await flux?.stop();
  await world?.end();
});

const rendered = (folder: string) => world.files(`agents/${folder}/*.yaml`);
const own = () => [...rendered("k8s"), ...rendered("clovis/k8s")];
const restartedAt = (deployment: Manifest | undefined) => textAt(deployment, ...ANNOTATIONS, RESTARTED_AT);
const podOf = async (agent: string) => (await world.pods()).filter((pod) => pod.startsWith(agent));

/** Pushes and waits until the agent's Kustomization has it. */
async function arrive(message: string): Promise<Manifest | undefined> {
  await world.repository.push(message);
  await flux.fetch("agents");
  return flux.ended("agent-clovis");
}

test("the guide's manifests bring the fleet and the agent in, the fleet first", async () => {
  for (const manifest of guideManifests(SECTION, world.repository.url)) await world.cluster.apply(manifest);
  await flux.fetch("agents");
  await flux.until("agent-clovis", (found) => conditionOf(found, "Ready")?.["reason"] === "DependencyNotReady");
  for (const name of ["fleet", "agent-clovis"]) expect(conditionOf(await flux.ended(name), "Ready"), name).toMatchObject({ status: "True" });
  for (const [path, object] of await world.live(own())) expect(object, path).toBeDefined();
  expect(valueAt(await world.cluster.get(CLOVIS), ["status", "readyReplicas"])).toBe(1);
});

test("further passes write nothing", async () => {
  const before = await world.versions(own());
  for (const name of ["fleet", "agent-clovis", "fleet", "agent-clovis"]) expect(conditionOf(await flux.pass(name), "Ready")).toMatchObject({ status: "True" });
  expect(await world.versions(own())).toEqual(before);
});

test("a change arrives, and what OpenClaw is to fill in stays as it is written", async () => {
  const [before] = await podOf("clovis");
  await world.repository.edit("agents/clovis/agent.yaml", { "spec.openclaw": { env: { vars: { LINEAR: "${LINEAR_API_KEY}" } } }, "spec.env": { GREETING: "hello" } });
  expect(conditionOf(await arrive("change clovis"), "Ready")).toMatchObject({ status: "True" });
  const config = await world.get("v1", "ConfigMap", "clovis-config");
  expect(textAt(config, "data", "openclaw.json")).toContain("${LINEAR_API_KEY}");
  expect(mapsAt(await world.cluster.get(CLOVIS), "spec", "template", "spec", "containers")[0]?.["env"]).toContainEqual({ name: "GREETING", value: "hello" });
  expect(await podOf("clovis")).not.toContain(before);
});

test("postBuild would fill it in: Flux applies nothing at all, since the start guard's scripts have such words as well", async () => {
  await world.cluster.mergePatch({ ...KUSTOMIZATION, name: "agent-clovis" }, { spec: { postBuild: { substitute: { anything: "x" } } } }, { fieldManager: "test" });
  expect(conditionOf(await flux.pass("agent-clovis"), "Ready")).toMatchObject({ status: "False", reason: "BuildFailed", message: expect.stringContaining("substitution") });
  await world.cluster.mergePatch({ ...KUSTOMIZATION, name: "agent-clovis" }, { spec: { postBuild: null } }, { fieldManager: "test" });
  expect(conditionOf(await flux.pass("agent-clovis"), "Ready")).toMatchObject({ status: "True" });
});

test("a plain kubectl rollout restart is taken back at the next pass, which is a second restart", async () => {
  const generation = Number((await world.cluster.get(CLOVIS))?.metadata["generation"]);
  await world.kubectl("rollout", "restart", "deployment/clovis", "-n", FLEET_NAMESPACE);
  const restarted = await world.cluster.get(CLOVIS);
  expect(restartedAt(restarted)).toBeDefined();
  await world.until("apps/v1", "Deployment", "clovis", (found) => valueAt(found, ["status", "observedGeneration"]) === found?.metadata["generation"] && valueAt(found, ["status", "readyReplicas"]) === 1);
  const [between] = await podOf("clovis");
  await flux.pass("agent-clovis");
  const after = await world.cluster.get(CLOVIS);
  expect(restartedAt(after)).toBeUndefined();
  expect(Number(after?.metadata["generation"])).toBe(generation + 2);
  expect(await podOf("clovis")).not.toContain(between);
});

test.each([
  ["the guide's kubectl rollout restart", ["kubectl", "rollout", "restart", "deployment/clovis", "-n", "bots", "--field-manager=flux-client-side-apply"]],
  ["frota restart", ["frota", "restart", "clovis"]],
])("%s is one restart, which later passes leave alone", async (_, [program, ...words]) => {
  const before = await world.cluster.get(CLOVIS);
  if (program === "kubectl") await world.kubectl(...words);
  else await world.frota(...words);
  const restarted = await world.cluster.get(CLOVIS);
  expect(restartedAt(restarted)).not.toBe(restartedAt(before));
  await flux.pass("agent-clovis");
  await flux.pass("agent-clovis");
  const after = await world.cluster.get(CLOVIS);
  expect(after?.metadata["generation"]).toBe(restarted?.metadata["generation"]);
  expect(restartedAt(after)).toBe(restartedAt(restarted));
});

test("an edit by kubectl is put back, and a deleted Service comes again", async () => {
  await world.kubectl("scale", "deployment/clovis", "-n", FLEET_NAMESPACE, "--replicas=0");
  await world.kubectl("delete", "service", "clovis", "-n", FLEET_NAMESPACE);
  await flux.pass("agent-clovis");
  expect(valueAt(await world.cluster.get(CLOVIS), ["spec", "replicas"])).toBe(1);
  expect(await world.get("v1", "Service", "clovis")).toBeDefined();
});

test("Kustomizations look at Deployments, claims and ExternalSecrets: who waits for its Secret makes its own fail, and holds up nobody else's", async () => {
  const other = guideManifest(SECTION, world.repository.url, ["Kustomization", "agent-clovis"]);
  const spec = { ...(other["spec"] as object), path: "./agents/roberval/k8s", timeout: "5s", retryInterval: "1h" };
  world.fleet.node.behave((agent) => (agent === "roberval" ? "hang" : "ready"));
  await world.cluster.apply({ ...other, metadata: { ...other.metadata, name: "agent-roberval" }, spec });
  const waiting = await flux.until("agent-roberval", (found) => conditionOf(found, "Ready")?.["status"] === "False" && conditionOf(found, "Ready")?.["reason"] !== "DependencyNotReady");
  expect(conditionOf(waiting, "Ready")).toMatchObject({ reason: "HealthCheckFailed", message: expect.stringContaining("Deployment/bots/roberval") });
  expect(conditionOf(await flux.pass("agent-clovis"), "Ready")).toMatchObject({ status: "True" });
  await world.cluster.mergePatch({ ...KUSTOMIZATION, name: "agent-roberval" }, { spec: { prune: false, deletionPolicy: "Orphan" } }, { fieldManager: "test" });
  await world.cluster.delete({ ...KUSTOMIZATION, name: "agent-roberval" });
  await flux.until("agent-roberval", (found) => found === undefined);
  expect(await world.fleet.deployment("roberval"), "deletionPolicy: Orphan").toBeDefined();
});

test("the claim's file taken out of Git leaves the claim, and another's takes the object along", async () => {
  const claim = await world.get("v1", "PersistentVolumeClaim", "clovis-state");
  await world.repository.write("agents/clovis/k8s/extra.yaml", JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "extra", namespace: FLEET_NAMESPACE } }));
  await arrive("one more");
  expect(await world.get("v1", "ConfigMap", "extra")).toBeDefined();
  const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: ["config-map-config.yaml", "config-map-start-guard.yaml", "deployment.yaml", "external-secret.yaml", "network-policy.yaml", "service-account.yaml", "service.yaml"] };
  await world.repository.write("agents/clovis/k8s/kustomization.yaml", JSON.stringify(kustomization));
  await arrive("without claim and extra");
  expect(await world.get("v1", "ConfigMap", "extra")).toBeUndefined();
  expect((await world.get("v1", "PersistentVolumeClaim", "clovis-state"))?.metadata["uid"]).toBe(claim?.metadata["uid"]);
  await world.repository.remove("agents/clovis/k8s/kustomization.yaml");
  await world.repository.remove("agents/clovis/k8s/extra.yaml");
  expect(conditionOf(await arrive("as before"), "Ready")).toMatchObject({ status: "True" });
});

test("a folder that vanishes from Git takes nothing along", async () => {
  const pods = await world.pods();
  await world.repository.remove("agents/clovis");
  await world.repository.push("lose clovis");
  await flux.fetch("agents");
  await flux.until("agent-clovis", (found) => textAt(conditionOf(found, "Ready"), "message")?.includes("kustomization path not found") === true);
  expect(await world.pods()).toEqual(pods);
});

test("deleted Kustomizations take along what runs, and leave claims and the namespace", async () => {
  const uids = async () => [await world.get("v1", "PersistentVolumeClaim", "clovis-state"), await world.cluster.get({ apiVersion: "v1", kind: "Namespace", name: FLEET_NAMESPACE })].map((found) => [found?.metadata["uid"], found?.metadata["deletionTimestamp"]]);
  const before = await uids();
  for (const name of ["agent-clovis", "fleet"]) {
    await world.cluster.delete({ ...KUSTOMIZATION, name });
    await flux.until(name, (found) => found === undefined);
  }
  await world.until("apps/v1", "Deployment", "clovis", (found) => found === undefined);
  expect(await uids()).toEqual(before);
  expect(before.flat().filter((value) => value !== undefined)).toHaveLength(2);
  const spec = parse(await world.repository.read("agents/k8s/validating-admission-policy.yaml")) as Manifest;
  expect(await world.cluster.get({ apiVersion: spec.apiVersion, kind: spec.kind, name: spec.metadata.name })).toBeUndefined();
});
