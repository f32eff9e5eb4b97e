import { afterEach, expect, inject, test } from "vitest";
import type { ActContext } from "../../src/engine/operate/act/context.ts";
import { createDeployment } from "../../src/engine/operate/act/objects.ts";
import type { FleetCache } from "../../src/engine/operate/fleet-cache.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { OperatedFleet } from "./operated-fleet.ts";

let fleet: OperatedFleet;

afterEach(() => fleet.end());

const AGENT = "frota.dev/v1alpha1";
const action = { type: "create", image: { digest: `sha256:${"b".repeat(64)}` } } as const;

/** The action's context, with a cache that has the declaration and has missed everything else. */
async function blindContext(): Promise<ActContext> {
  const [resource, agents] = [await fleet.get(AGENT, "Fleet", "test"), await fleet.cluster.list({ apiVersion: AGENT, kind: "Agent" }, { namespace: fleet.namespace })];
  const cache: Pick<FleetCache, "fleet" | "agent" | "secret" | "deployment"> = {
    fleet: () => resource,
    agent: (name) => agents.find(({ metadata }) => metadata.name === name),
    secret: () => undefined,
    deployment: () => undefined,
  };
  return { cluster: fleet.cluster, namespace: fleet.namespace, cache: cache as FleetCache, now: () => 0 } as ActContext;
}

const imageOf = (deployment: Manifest | undefined) => textAt(mapsAt(deployment, "spec", "template", "spec", "containers")[0], "image");

test("a Deployment that the cache has missed is not written; the one that is made is the declared one, by server-side apply", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "create-deployment");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  const context = await blindContext();
  const before = await fleet.deployment("ana");
  await expect(createDeployment(context, "ana", action)).rejects.toMatchObject({ code: "CONFLICT" });
  const after = await fleet.deployment("ana");
  expect(after?.metadata["resourceVersion"]).toBe(before?.metadata["resourceVersion"]);

  await cluster.delete({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: "ana" });
  await createDeployment(context, "ana", { ...action, serves: { id: "r1", detail: "" } });
  const made = await fleet.deployment("ana");
  expect(made?.metadata["uid"]).not.toBe(before?.metadata["uid"]);
  expect(imageOf(made)).toContain(action.image.digest);
  // As an update, what is declared no more would stay: server-side apply removes only what it owns.
  const managers = mapsAt(made, "metadata", "managedFields").filter(({ manager }) => manager === "frota");
  expect(managers.map(({ operation }) => operation)).toEqual(["Apply"]);
});

test("a Deployment of the agent's name that is no agent's is left alone, and told", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "create-taken");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  const labels = { app: "somebody" };
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } } };
  const theirs = await cluster.create({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "ana", namespace }, spec });
  await expect(createDeployment(await blindContext(), "ana", action)).rejects.toMatchObject({ code: "NAME_TAKEN" });
  expect((await fleet.deployment("ana"))?.metadata["generation"]).toBe(theirs.metadata["generation"]);
});
