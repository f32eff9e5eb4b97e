import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../src/render/manifest.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { conditionOf, Flux, KUSTOMIZATION } from "./flux.ts";
import { guideManifests } from "./guide.ts";
import { AGENTS, FLEET_NAMESPACE, PLAIN_NAMES, World } from "./world.ts";

const RESOURCE = "frota.dev/v1alpha1";

let world: World;
let flux: Flux;

beforeAll(async () => {
  world = await World.make();
  flux = await Flux.start(world.cluster, world.controlPlane.kubeconfig);
  await applyPlain();
});
afterAll(async () => {
  await flux?.stop();
  await world?.end();
});

const ready = { status: "True" };
const readyOf = (object: Manifest | undefined) => conditionOf(object, "Ready");
const patch = (name: string, spec: object) => world.cluster.mergePatch({ ...KUSTOMIZATION, name }, { spec }, { fieldManager: "test" });

/** The plain way, as its section of the guide has it, for all agents. */
async function applyPlain(): Promise<void> {
  const manifests = guideManifests("Flux, plain", world.repository.url);
  const [source, fleet] = manifests;
  const clovis = manifests.find(({ metadata }) => metadata.name === "agent-clovis");
  if (!source || !fleet || !clovis) throw new Error("the guide lacks a manifest");
  const agents = AGENTS.map((agent) => ({ ...clovis, metadata: { ...clovis.metadata, name: `agent-${agent}` }, spec: { ...(clovis["spec"] as object), path: `./agents/${agent}/k8s` } }));
  for (const manifest of [source, fleet, ...agents]) await world.cluster.apply(manifest);
  await flux.fetch("agents");
  for (const name of PLAIN_NAMES) expect(readyOf(await flux.ended(name)), name).toMatchObject(ready);
}

async function arrive(message: string): Promise<Manifest | undefined> {
  await world.repository.push(message);
  await flux.fetch("agents-operated");
  return flux.ended("bots");
}

test("moved over by the guide's four steps, nobody restarts", async () => {
  const before = { templates: await world.templates(), pods: await world.pods() };
  expect(before.pods).toHaveLength(AGENTS.length);
  for (const name of PLAIN_NAMES) await patch(name, { prune: false, deletionPolicy: "Orphan" });
  for (const name of PLAIN_NAMES) await patch(name, { suspend: true });

  await world.pushController();
  for (const manifest of guideManifests("Flux, operated", world.repository.url)) await world.cluster.apply(manifest);
  expect((await flux.fetch("agents-operated")).filter((path) => path.startsWith("agents/") && path.endsWith(".yaml"))).toEqual(world.operatedFiles());
  await world.fleet.control();
  expect(readyOf(await flux.ended("frota-controller"))).toMatchObject(ready);
  expect(readyOf(await flux.ended("bots"))).toMatchObject(ready);
  expect(await world.frota("status")).toMatch(/Ready/);
  for (const agent of AGENTS) expect(readyOf(await world.get(RESOURCE, "Agent", agent)), agent).toMatchObject(ready);

  for (const name of PLAIN_NAMES) await world.cluster.delete({ ...KUSTOMIZATION, name });
  for (const name of PLAIN_NAMES) await flux.until(name, (found) => found === undefined);
  expect({ templates: await world.templates(), pods: await world.pods() }).toEqual(before);
  for (const [path, object] of await world.live(world.operatedFiles())) expect(object, path).toBeDefined();
});

test("further passes write nothing, neither Flux's nor the controller's", async () => {
  await world.until(RESOURCE, "Fleet", "digitalsys", (found) => mapsAt(found, "status", "rollouts").some(({ phase }) => phase === "Complete"));
  for (const name of ["bots", "frota-controller"]) expect(readyOf(await flux.pass(name))).toMatchObject(ready);
  const before = await world.operatedVersions();
  for (const name of ["bots", "frota-controller", "bots"]) expect(readyOf(await flux.pass(name))).toMatchObject(ready);
  expect(await world.operatedVersions()).toEqual(before);
});

test("a changed agent.yaml arrives, and the Kustomization is Ready when the agent is", async () => {
  await world.repository.edit("agents/clovis/agent.yaml", { "spec.env": { GREETING: "hello" } });
  expect(readyOf(await arrive("greet"))).toMatchObject(ready);
  const deployment = await world.fleet.deployment("clovis");
  expect(mapsAt(deployment, "spec", "template", "spec", "containers")[0]?.["env"]).toContainEqual({ name: "GREETING", value: "hello" });
  expect(valueAt(deployment, ["status", "readyReplicas"])).toBe(1);
});

test("a changed file of a workspace arrives", async () => {
  await world.repository.write("agents/clementina/workspace/IDENTITY.md", "another one\n");
  expect(readyOf(await arrive("another identity"))).toMatchObject(ready);
  expect(JSON.stringify((await world.get("v1", "ConfigMap", "clementina-workspace"))?.["data"])).toContain("another one");
});

test("what people ask for survives; what kubectl annotates does not", async () => {
  for (const [request, kind, name, annotation] of [
    [["freeze", "--for", "2h", "--reason", "release day"], "Fleet", "digitalsys", "frota.dev/freeze"],
    [["suspend", "clovis", "--reason", "debugging"], "Agent", "clovis", "frota.dev/suspended"],
  ] as const) {
    await world.frota(...request);
    expect(readyOf(await flux.pass("bots"))).toMatchObject(ready);
    expect((await world.get(RESOURCE, kind, name))?.metadata.annotations?.[annotation], annotation).toBeDefined();
  }
  await world.kubectl("annotate", "agent", "roberval", "-n", FLEET_NAMESPACE, "example.com/by-hand=1");
  await flux.pass("bots");
  expect((await world.get(RESOURCE, "Agent", "roberval"))?.metadata.annotations?.["example.com/by-hand"]).toBeUndefined();
  for (const words of [["freeze", "--end"], ["resume", "clovis"]]) await world.frota(...words);
});

test("frota restart is one restart, which later passes leave alone", async () => {
  const before = await world.pods();
  await world.frota("restart", "clovis");
  const after = await world.pods();
  expect(after).not.toEqual(before);
  for (let pass = 0; pass < 2; pass++) expect(readyOf(await flux.pass("bots"))).toMatchObject(ready);
  expect(await world.pods()).toEqual(after);
});

test("while an agent is Reconciling the Kustomization waits; it fails when one is Stalled", async () => {
  await world.frota("freeze", "--for", "2h", "--reason", "release day");
  await world.repository.edit("agents/roberval/agent.yaml", { "spec.env": { GREETING: "hello" } });
  await world.repository.push("greet another");
  await flux.fetch("agents-operated");
  await world.until(RESOURCE, "Agent", "roberval", (found) => textAt(conditionOf(found, "Reconciling"), "status") === "True");
  const waiting = await flux.until("bots", (found) => textAt(conditionOf(found, "Reconciling"), "message")?.includes("health") === true);
  expect(readyOf(waiting)).toMatchObject({ status: "Unknown" });
  await world.frota("freeze", "--end");
  expect(readyOf(await flux.ended("bots"))).toMatchObject(ready);

  world.fleet.node.behave((agent) => (agent === "roberval" ? "crash" : "ready"));
  await world.repository.edit("agents/roberval/agent.yaml", { "spec.env": { GREETING: "goodbye" } });
  const began = Date.now();
  const failed = await arrive("greet worse");
  expect(readyOf(failed)).toMatchObject({ status: "False", reason: "HealthCheckFailed", message: expect.stringContaining("Agent/bots/roberval") });
  expect(Date.now() - began).toBeLessThan(120_000);
  world.fleet.node.behave(() => "ready");
  await world.repository.edit("agents/roberval/agent.yaml", { "spec.env": { GREETING: "hello" } });
  expect(readyOf(await arrive("greet better")), "what was stalled is no failure of the pass that brings its fix").toMatchObject(ready);
  for (const [kind, name] of [["Fleet", "digitalsys"], ["Agent", "roberval"]] as const) expect(readyOf(await world.get(RESOURCE, kind, name)), name).toMatchObject(ready);
});

test("an agent that left Git stays, with what it runs", async () => {
  const pods = await world.pods();
  await world.repository.remove("agents/roberval");
  expect(readyOf(await arrive("lose roberval"))).toMatchObject(ready);
  expect(await world.get(RESOURCE, "Agent", "roberval")).toBeDefined();
  expect(await world.pods()).toEqual(pods);
});

test("deleting the Kustomization takes nothing along", async () => {
  const before = { pods: await world.pods(), versions: await world.versions(world.operatedFiles()) };
  await world.cluster.delete({ ...KUSTOMIZATION, name: "bots" });
  await flux.until("bots", (found) => found === undefined);
  expect({ pods: await world.pods(), versions: await world.versions(world.operatedFiles()) }).toEqual(before);
});
