import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { mapsAt } from "../spec/plain-field.ts";
import { valueAt } from "../spec/plain-data.ts";
import { renderAgent } from "./agent.ts";
import { renderController, type ControllerOptions } from "./controller.ts";
import { manifestKey, type Manifest } from "./manifest.ts";
import { everything } from "./testing/everything.ts";

const GOLDEN = join(import.meta.dirname, "testdata/controller.golden.yaml");
const given: ControllerOptions = { fleetNamespace: "bots", image: "registry.example.com/frota-controller:1.0.0", pullSecrets: ["registry"], registryMirrors: { "registry.example.com": "http://10.0.0.5:5000" } };

test("a controller with everything renders to its golden file (UPDATE_GOLDEN=1 rewrites it)", () => {
  const text = renderController(given).map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, "utf8"));
});

describe("what a controller is given", () => {
  const manifests = renderController({ fleetNamespace: "bots", image: "example.com/frota-controller:1" });
  const rules = manifests.flatMap((manifest) => mapsAt(manifest, "rules"));

  test("no Secret and no object twice", () => {
    expect(manifests.map(({ kind }) => kind)).not.toContain("Secret");
    expect(new Set(manifests.map(manifestKey)).size).toBe(manifests.length);
  });

  test("no wildcard, and never the deletion of volume claims, Secrets or people's resources", () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(JSON.stringify(rules)).not.toContain("*");
    const deletable = rules.filter(({ verbs }) => Array.isArray(verbs) && verbs.some((verb) => String(verb).startsWith("delete")));
    const resources = deletable.flatMap((rule) => valueAt(rule, ["resources"]));
    for (const kept of ["persistentvolumeclaims", "persistentvolumes", "secrets", "agents", "fleets"]) expect(resources).not.toContain(kept);
  });

  test("no pull secret and no mirror that was not given", () => {
    const text = JSON.stringify(manifests);
    expect(text).not.toContain("imagePullSecrets");
    expect(text).not.toContain("FROTA_REGISTRY_MIRRORS");
  });
});

test("the agents' network policies admit exactly the pods that the controller's Deployment makes", () => {
  const { fleet, agents } = everything();
  const [agent] = agents;
  if (!agent) throw new Error("no agent");
  const policy = renderAgent(fleet, agent).find(({ kind }) => kind === "NetworkPolicy");
  const [first] = mapsAt(policy, "spec", "ingress");
  const controller = renderController({ fleetNamespace: fleet.metadata.namespace, image: "example.com/frota-controller:1" });
  const deployment = controller.find(({ kind }) => kind === "Deployment");
  expect(valueAt(first, ["from", 0, "namespaceSelector", "matchLabels"])).toEqual({ "kubernetes.io/metadata.name": deployment?.metadata.namespace });
  expect(podLabels(deployment)).toMatchObject(Object(valueAt(first, ["from", 0, "podSelector", "matchLabels"])));
  expect(valueAt(first, ["ports"])).toEqual([{ protocol: "TCP", port: 18_789 }]);
});

function podLabels(deployment: Manifest | undefined): unknown {
  return valueAt(deployment, ["spec", "template", "metadata", "labels"]);
}
