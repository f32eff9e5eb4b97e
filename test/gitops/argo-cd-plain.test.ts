import { afterAll, beforeAll, expect, test } from "vitest";
import { referenceOf } from "../../src/cluster/cluster.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { APPLICATION, APPLICATION_SET, ArgoCd, healthOf, isSettled, phaseOf, resourceOf, syncOf } from "./argo-cd.ts";
import { guideManifests } from "./guide.ts";
import { CLOVIS, FLEET_NAMESPACE, PLAIN_NAMES, World } from "./world.ts";

const RESTARTED_AT = ["spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"];

let world: World;
let argo: ArgoCd;

beforeAll(async () => {
  world = await World.make();
  argo = await ArgoCd.start(world.cluster, world.controlPlane.kubeconfig);
});
afterAll(async () => {
  await argo?.stop();
  await world?.end();
});

const all = () => world.files("agents/{k8s,*/k8s}/*.yaml");
const applications = async () => (await world.cluster.list(APPLICATION, { namespace: "argocd" })).map(({ metadata }) => metadata.name).sort();
const keep = async () => {
  const claims = await world.cluster.list({ apiVersion: "v1", kind: "PersistentVolumeClaim" }, { namespace: FLEET_NAMESPACE });
  const namespace = await world.cluster.get({ apiVersion: "v1", kind: "Namespace", name: FLEET_NAMESPACE });
  return [...claims, namespace].map((found) => [found?.metadata.name, found?.metadata["uid"], found?.metadata["deletionTimestamp"]]);
};

test("the guide's ApplicationSet brings the fleet and every agent in: Synced and Healthy", async () => {
  for (const manifest of guideManifests("Argo CD, plain", world.repository.url)) await world.cluster.apply(manifest);
  for (const name of PLAIN_NAMES) await argo.until(name, isSettled, 300_000);
  expect(await applications()).toEqual([...PLAIN_NAMES].sort());
  for (const [path, object] of await world.live(all())) expect(object, path).toBeDefined();
  const claim = await world.get("v1", "PersistentVolumeClaim", "clovis-state");
  expect(textAt(claim, "spec", "volumeName"), "what Git does not have, and is no difference").toBeDefined();
});

test("further comparisons find nothing and write nothing", async () => {
  const before = await world.versions(all());
  for (const name of [...PLAIN_NAMES, ...PLAIN_NAMES]) expect(await argo.refresh(name), name).toSatisfy(isSettled);
  expect(await world.versions(all())).toEqual(before);
});

test("a change arrives", async () => {
  await world.repository.edit("agents/clovis/agent.yaml", { "spec.env": { GREETING: "hello" } });
  const commit = await world.repository.push("greet");
  await argo.arrived("agent-clovis", commit);
  expect(mapsAt(await world.cluster.get(CLOVIS), "spec", "template", "spec", "containers")[0]?.["env"]).toContainEqual({ name: "GREETING", value: "hello" });
  await argo.until("agent-clovis", isSettled);
});

test.each([
  ["kubectl rollout restart", ["kubectl", "rollout", "restart", "deployment/clovis", "-n", "bots"]],
  ["frota restart", ["frota", "restart", "clovis"]],
])("%s is one restart, which is no difference and stays", async (_, [program, ...words]) => {
  const before = await world.cluster.get(CLOVIS);
  if (program === "kubectl") await world.kubectl(...words);
  else await world.frota(...words);
  const restarted = await world.cluster.get(CLOVIS);
  expect(valueAt(restarted, RESTARTED_AT)).not.toBe(valueAt(before, RESTARTED_AT));
  for (let comparison = 0; comparison < 3; comparison++) expect(syncOf(await argo.refresh("agent-clovis"))).toBe("Synced");
  await argo.until("agent-clovis", isSettled);
  const { phase } = await argo.sync("agent-clovis").then((found) => ({ phase: phaseOf(found) }));
  expect(phase).toBe("Succeeded");
  const after = await world.cluster.get(CLOVIS);
  expect(valueAt(after, RESTARTED_AT)).toBe(valueAt(restarted, RESTARTED_AT));
  expect(after?.metadata["generation"]).toBe(restarted?.metadata["generation"]);
});

test("an edit by kubectl is put back, and a deleted Service comes again", async () => {
  await world.kubectl("scale", "deployment/clovis", "-n", FLEET_NAMESPACE, "--replicas=0");
  await world.until("apps/v1", "Deployment", "clovis", (found) => valueAt(found, ["spec", "replicas"]) === 1);
  const service = referenceOf((await world.get("v1", "Service", "clovis")) ?? expect.fail("no Service"));
  await world.cluster.delete(service);
  await world.until("v1", "Service", "clovis", (found) => found !== undefined && found.metadata["deletionTimestamp"] === undefined);
  await argo.until("agent-clovis", isSettled);
});

test("an agent that cannot start is Progressing, then Degraded, and nobody else is", async () => {
  world.fleet.node.behave((agent) => (agent === "roberval" ? "hang" : "ready"));
  await world.repository.edit("agents/roberval/k8s/deployment.yaml", { "spec.progressDeadlineSeconds": 20, "spec.template.metadata.annotations.test": "1" });
  const commit = await world.repository.push("never ready", { isRendered: false });
  await argo.refresh("agent-roberval");
  await argo.until("agent-roberval", (found) => textAt(found, "status", "sync", "revision") === commit && syncOf(found) === "Synced" && healthOf(found) === "Progressing");
  const degraded = await argo.until("agent-roberval", (found) => healthOf(found) === "Degraded");
  expect(degraded).toBeDefined();
  for (const name of PLAIN_NAMES.filter((one) => one !== "agent-roberval")) expect(healthOf(await argo.refresh(name)), name).toBe("Healthy");
  world.fleet.node.behave(() => "ready");
  await argo.arrived("agent-roberval", await world.repository.push("as rendered"));
  await argo.until("agent-roberval", isSettled);
});

test("the claim's file taken out of Git leaves the claim, and another's takes the object along", async () => {
  const before = await keep();
  await world.repository.remove("agents/clovis/k8s/persistent-volume-claim.yaml");
  await world.repository.remove("agents/clovis/k8s/service.yaml");
  const commit = await world.repository.push("less", { isRendered: false });
  await argo.refresh("agent-clovis");
  const synced = await argo.until("agent-clovis", (found) => textAt(found, "status", "operationState", "syncResult", "revision") === commit && phaseOf(found) === "Succeeded");
  expect(synced).toBeDefined();
  await world.until("v1", "Service", "clovis", (found) => found === undefined);
  expect(await keep()).toEqual(before);
  const left = await argo.refresh("agent-clovis");
  expect(resourceOf(left, "PersistentVolumeClaim", "clovis-state")).toMatchObject({ status: "OutOfSync" });
  await argo.arrived("agent-clovis", await world.repository.push("as rendered"));
  await argo.until("agent-clovis", isSettled);
});

test("a folder that vanishes from Git takes its Application along, and no agent", async () => {
  const before = { kept: await keep(), pods: await world.pods() };
  await world.repository.remove("agents/clovis");
  await world.repository.push("lose clovis");
  await argo.generate("agents");
  await argo.until("agent-clovis", (found) => found === undefined);
  expect({ kept: await keep(), pods: await world.pods() }).toEqual(before);
  expect(await applications()).toEqual(PLAIN_NAMES.filter((name) => name !== "agent-clovis").sort());
});

test("a sync into a namespace that is not there yet fails, and is tried again", async () => {
  const found = await world.cluster.get({ ...APPLICATION, name: "agent-roberval" });
  const spec = found?.["spec"] as { source: object; destination: object };
  await world.repository.write("early/config-map.yaml", JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "early", namespace: "not-yet" } }));
  await world.repository.push("early");
  const early = { ...spec, source: { ...spec.source, path: "early" }, destination: { ...spec.destination, namespace: "not-yet" } };
  await world.cluster.apply({ apiVersion: APPLICATION.apiVersion, kind: "Application", metadata: { name: "early", namespace: "argocd" }, spec: early });
  await argo.until("early", (application) => Number(valueAt(application, ["status", "operationState", "retryCount"]) ?? 0) > 0);
  await world.cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "not-yet" } });
  await argo.until("early", (application) => syncOf(application) === "Synced" && phaseOf(application) === "Succeeded", 300_000);
});

test("an Application deleted with all that it made takes along what runs, and leaves claims and the namespace", async () => {
  const before = await keep();
  await world.cluster.delete({ ...APPLICATION_SET, name: "agents" });
  for (const name of ["fleet", "agent-roberval"]) await argo.until(name, (found) => found === undefined);
  expect(await world.fleet.deployment("roberval"), "preserveResourcesOnDeletion").toBeDefined();
  expect(await keep()).toEqual(before);

  const [set] = guideManifests("Argo CD, plain", world.repository.url);
  const template = valueAt(set, ["spec", "template", "spec"]) as { source: object };
  for (const [name, path] of [["agent-roberval", "agents/roberval/k8s"], ["fleet", "agents/k8s"]] as const) {
    const metadata = { name, namespace: "argocd", finalizers: ["resources-finalizer.argocd.argoproj.io"] };
    await world.cluster.apply({ apiVersion: APPLICATION.apiVersion, kind: "Application", metadata, spec: { ...template, source: { ...template.source, path } } });
    await argo.until(name, (found) => syncOf(found) === "Synced" && healthOf(found) === "Healthy");
    await world.cluster.delete({ ...APPLICATION, name });
    await argo.until(name, (found) => found === undefined);
  }
  expect(await world.fleet.deployment("roberval")).toBeUndefined();
  expect(await keep()).toEqual(before);
});
