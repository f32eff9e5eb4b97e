import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../src/render/manifest.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { APPLICATION, APPLICATION_SET, ArgoCd, healthOf, isSettled, phaseOf, resourceOf, syncOf } from "./argo-cd.ts";
import { guideManifest, guideManifests } from "./guide.ts";
import { AGENTS, FLEET_NAMESPACE, PLAIN_NAMES, World } from "./world.ts";

const SECTION = "Argo CD, operated";
const RESOURCE = "frota.dev/v1alpha1";

let world: World;
let argo: ArgoCd;

beforeAll(async () => {
  world = await World.make();
  argo = await ArgoCd.start(world.cluster, world.controlPlane.kubeconfig);
  for (const manifest of guideManifests("Argo CD, plain", world.repository.url)) await world.cluster.apply(manifest);
  for (const name of PLAIN_NAMES) await argo.until(name, isSettled, 120_000);
});
afterAll(async () => {
  await argo?.stop();
  await world?.end();
});

const guide = (kind: string, name: string) => guideManifest(SECTION, world.repository.url, [kind, name]);
const imageOf = async (agent: string) => textAt(mapsAt(await world.fleet.deployment(agent), "spec", "template", "spec", "containers")[0], "image");
const generationOf = async (agent: string) => (await world.fleet.deployment(agent))?.metadata["generation"];
const healthOfAgent = (application: Manifest | undefined, agent: string) => textAt(resourceOf(application, "Agent", agent), "health", "status");
/** `bots` after a comparison. */
const compared = () => argo.refresh("bots");

test("moved over by the guide's four steps, nobody restarts", async () => {
  const before = { templates: await world.templates(), pods: await world.pods() };
  const set = { ...APPLICATION_SET, name: "agents" };
  for (const automated of [{ prune: false, selfHeal: true }, null]) {
    await world.cluster.mergePatch(set, { spec: { template: { spec: { syncPolicy: { automated } } } } }, { fieldManager: "test" });
    for (const name of PLAIN_NAMES) await argo.until(name, (found) => JSON.stringify(valueAt(found, ["spec", "syncPolicy", "automated"]) ?? null) === JSON.stringify(automated));
  }
  await world.pushController();
  await world.cluster.mergePatch({ apiVersion: "v1", kind: "ConfigMap", namespace: "argocd", name: "argocd-cm" }, { data: guide("ConfigMap", "argocd-cm")["data"] }, { fieldManager: "test" });
  await world.cluster.apply(guide("Application", "frota-controller"));
  await argo.refresh("frota-controller");
  await argo.until("frota-controller", (found) => syncOf(found) === "Synced" && phaseOf(found) === "Succeeded");
  // Argo CD may miss that a definition is established until it compares again, which it does every three minutes.
  await expect.poll(async () => isSettled(await argo.refresh("frota-controller")), { timeout: 120_000, interval: 2_000 }).toBe(true);
  await world.cluster.apply(guide("Application", "bots"));
  await argo.refresh("bots");
  await world.fleet.control();
  const bots = await argo.until("bots", isSettled, 120_000);
  expect(mapsAt(bots, "status", "resources")).toHaveLength(world.operatedFiles().length);
  for (const agent of AGENTS) expect(healthOfAgent(bots, agent), agent).toBe("Healthy");
  expect(await world.frota("status")).toMatch(/Ready/);

  await world.cluster.delete(set);
  for (const name of PLAIN_NAMES) await argo.until(name, (found) => found === undefined);
  expect({ templates: await world.templates(), pods: await world.pods() }).toEqual(before);
  for (const [path, object] of await world.live(world.operatedFiles())) expect(object, path).toBeDefined();
});

test("further comparisons find nothing and write nothing, neither Argo CD nor the controller", async () => {
  for (const name of ["bots", "frota-controller"]) expect(await argo.refresh(name), name).toSatisfy(isSettled);
  const before = await world.operatedVersions();
  for (const name of ["bots", "frota-controller", "bots"]) expect(await argo.refresh(name), name).toSatisfy(isSettled);
  expect(await world.operatedVersions()).toEqual(before);
});

test("a changed agent.yaml and a changed file of a workspace arrive", async () => {
  await world.repository.edit("agents/clovis/agent.yaml", { "spec.env": { GREETING: "hello" } });
  await world.repository.write("agents/clementina/workspace/IDENTITY.md", "another one\n");
  await argo.arrived("bots", await world.repository.push("greet"));
  await world.until("apps/v1", "Deployment", "clovis", (found) => JSON.stringify(valueAt(found, ["spec", "template"])).includes("GREETING"));
  expect(JSON.stringify((await world.get("v1", "ConfigMap", "clementina-workspace"))?.["data"])).toContain("another one");
  await argo.until("bots", isSettled);
});

test("what people ask for is no difference and survives; health tells of it", async () => {
  for (const [request, kind, name, annotation] of [
    [["freeze", "--for", "2h", "--reason", "release day"], "Fleet", "digitalsys", "frota.dev/freeze"],
    [["suspend", "clovis", "--reason", "debugging"], "Agent", "clovis", "frota.dev/suspended"],
  ] as const) {
    await world.frota(...request);
    for (let comparison = 0; comparison < 2; comparison++) expect(syncOf(await compared()), request.join(" ")).toBe("Synced");
    expect(phaseOf(await argo.sync("bots"))).toBe("Succeeded");
    expect((await world.get(RESOURCE, kind, name))?.metadata.annotations?.[annotation], annotation).toBeDefined();
  }
  await argo.until("bots", (found) => healthOf(found) === "Suspended");
  expect(healthOfAgent(await compared(), "roberval")).toBe("Healthy");
  for (const words of [["freeze", "--end"], ["resume", "clovis"]]) await world.frota(...words);
  await argo.until("bots", isSettled);
});

test("frota restart is one restart, and no difference", async () => {
  const before = await world.pods();
  await world.frota("restart", "clovis");
  const after = await world.pods();
  expect(after).not.toEqual(before);
  await argo.until("bots", isSettled);
  expect(phaseOf(await argo.sync("bots"))).toBe("Succeeded");
  expect(await compared()).toSatisfy(isSettled);
  expect(await world.pods()).toEqual(after);
});

test("an agent that fails is Degraded", async () => {
  world.fleet.node.behave((agent) => (agent === "roberval" ? "crash" : "ready"));
  await world.repository.edit("agents/roberval/agent.yaml", { "spec.env": { GREETING: "goodbye" } });
  await argo.arrived("bots", await world.repository.push("greet worse"));
  await argo.until("bots", (found) => healthOf(found) === "Degraded");
  expect(healthOfAgent(await compared(), "clovis")).toBe("Healthy");
  world.fleet.node.behave(() => "ready");
  await world.repository.edit("agents/roberval/agent.yaml", { "spec.env": { GREETING: "hello" } });
  await argo.arrived("bots", await world.repository.push("greet better"));
  await argo.until("bots", isSettled);
});

test("an Application that applies what is rendered: RespectIgnoreDifferences keeps the digest; without it the agent restarts by the tag", async () => {
  const digest = world.fleet.push("second");
  world.fleet.node.tagDigest = digest;
  await world.frota("image", "refresh");
  await world.until(RESOURCE, "Fleet", "digitalsys", (found) => mapsAt(found, "status", "rollouts").some((rollout) => rollout["digest"] === digest && rollout["phase"] === "Complete"));
  const commit = textAt(await argo.until("bots", isSettled), "status", "sync", "revision");
  const before = { generation: await generationOf("clovis"), pods: await world.pods() };
  await world.cluster.apply(applyingWhatIsRendered());
  const isSame = (found: Manifest | undefined) => syncOf(found) === "Synced" && textAt(found, "status", "sync", "revision") === commit;
  await argo.until("agent-clovis", isSame);
  expect(phaseOf(await argo.sync("agent-clovis", { syncOptions: ["RespectIgnoreDifferences=true", "ServerSideApply=true"] }))).toBe("Succeeded");
  expect(await argo.refresh("agent-clovis")).toSatisfy(isSame);
  expect(await imageOf("clovis")).toContain(`@${digest}`);
  expect({ generation: await generationOf("clovis"), pods: await world.pods() }).toEqual(before);

  expect(phaseOf(await argo.sync("agent-clovis", { syncOptions: ["ServerSideApply=true"] }))).toBe("Succeeded");
  await world.until("apps/v1", "Deployment", "clovis", (found) => Number(found?.metadata["generation"]) > Number(before.generation) && isRolledOut(found));
  expect(await imageOf("clovis")).toMatch(/:latest$/);
  expect(await world.pods()).not.toEqual(before.pods);
  await world.cluster.delete({ ...APPLICATION, name: "agent-clovis" });
  await argo.until("agent-clovis", (found) => found === undefined);
  await world.frota("restart", "clovis");
  expect(await imageOf("clovis")).toContain(`@${digest}`);
  await argo.until("bots", isSettled);
});

/** Its one pod is of the present template, and Ready: `readyReplicas` alone may still be about the pod before. */
function isRolledOut(deployment: Manifest | undefined): boolean {
  const status = (field: string) => valueAt(deployment, ["status", field]);
  return status("observedGeneration") === deployment?.metadata["generation"] && status("updatedReplicas") === 1 && status("readyReplicas") === 1;
}

/** For clovis what the guide has for moving over, in an Application of the plain way. */
function applyingWhatIsRendered(): Manifest {
  const [set] = guideManifests("Argo CD, plain", world.repository.url);
  const plain = valueAt(set, ["spec", "template", "spec"]) as { source: object };
  const part = guide("Application", "agent-clovis");
  const { syncPolicy, ignoreDifferences } = part["spec"] as Record<string, unknown>;
  return { ...part, spec: { ...plain, source: { ...plain.source, path: "agents/clovis/k8s" }, ignoreDifferences, syncPolicy: { automated: { selfHeal: true }, ...(syncPolicy as object) } } };
}

test("an agent that left Git is OutOfSync until somebody prunes it; its volume stays", async () => {
  await world.repository.remove("agents/roberval");
  const commit = await world.repository.push("lose roberval");
  await compared();
  const left = await argo.until("bots", (found) => textAt(found, "status", "sync", "revision") === commit && syncOf(found) === "OutOfSync");
  expect(resourceOf(left, "Agent", "roberval")).toMatchObject({ status: "OutOfSync", requiresPruning: true });
  expect(await world.get(RESOURCE, "Agent", "roberval")).toBeDefined();
  expect(phaseOf(await argo.sync("bots", { prune: true }))).toBe("Succeeded");
  await world.until("apps/v1", "Deployment", "roberval", (found) => found === undefined);
  expect((await world.get("v1", "PersistentVolumeClaim", "roberval-state"))?.metadata["deletionTimestamp"]).toBeUndefined();
});

test("a folder of all agents lost by a bad merge is caught by the controller, even where everything is pruned", async () => {
  const pods = async () => (await world.pods()).filter((pod) => !pod.startsWith("roberval"));
  const before = await pods();
  for (const agent of ["clementina", "clovis"]) await world.repository.remove(`agents/${agent}`);
  await world.repository.push("lose all");
  await compared();
  await argo.sync("bots", { prune: true });
  for (const agent of ["clementina", "clovis"]) await world.until(RESOURCE, "Agent", agent, (found) => found === undefined);
  await world.until(RESOURCE, "Fleet", "digitalsys", (found) => JSON.stringify(found?.["status"]).includes("RemovalHeld"));
  expect(await pods()).toEqual(before);
});

test("deleting the Application with all that it made leaves claims and the namespace", async () => {
  const keep = async () => {
    const claims = await world.cluster.list({ apiVersion: "v1", kind: "PersistentVolumeClaim" }, { namespace: FLEET_NAMESPACE });
    return [...claims, await world.cluster.get({ apiVersion: "v1", kind: "Namespace", name: FLEET_NAMESPACE })].map((found) => [found?.metadata["uid"], found?.metadata["deletionTimestamp"]]);
  };
  const before = await keep();
  await world.cluster.mergePatch({ ...APPLICATION, name: "bots" }, { metadata: { finalizers: ["resources-finalizer.argocd.argoproj.io"] } }, { fieldManager: "test" });
  await world.cluster.delete({ ...APPLICATION, name: "bots" });
  await argo.until("bots", (found) => found === undefined);
  expect(await world.get(RESOURCE, "Fleet", "digitalsys")).toBeUndefined();
  expect(await keep()).toEqual(before);
});
