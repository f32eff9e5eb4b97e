import { afterEach, expect, inject, test } from "vitest";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import type { Manifest } from "../../src/render/manifest.ts";
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
