import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { everything } from "../../render/testing/everything.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { compareDeployment, compareObject, missingFields } from "./compare.ts";
import { presentChoice, renderDesired } from "./desired.ts";

describe("declared fields and a live value", () => {
  test.each<[string, unknown, unknown, string[]]>([
    ["the same", { a: 1 }, { a: 1 }, []],
    ["fields of others", { a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, []],
    ["another value", { spec: { a: 1 } }, { spec: { a: 2 } }, ["spec.a"]],
    ["a field that went", { a: { b: 1 } }, { a: {} }, ["a.b"]],
    ["a map that went", { a: { b: 1 } }, {}, ["a"]],
    ["an emptiness that the server leaves out", { a: [], b: {}, c: "" }, {}, []],
    ["false and 0 are no emptiness", { a: false, b: 0 }, {}, ["a", "b"]],
    ["quantities written in another way", { cpu: "1000m", memory: "2048Mi", size: 1 }, { cpu: "1", memory: "2Gi", size: "1" }, []],
    ["other quantities", { memory: "2Gi" }, { memory: "2G" }, ["memory"]],
    ["env by name, in another order, with one of somebody else", { env: [{ name: "A", value: "1" }, { name: "B" }] }, { env: [{ name: "X" }, { name: "B" }, { name: "A", value: "1" }] }, []],
    ["a variable that went", { env: [{ name: "A" }] }, { env: [] }, ["env[A]"]],
    ["a container's ports", { ports: [{ containerPort: 1, name: "x" }] }, { ports: [{ containerPort: 2 }, { containerPort: 1, name: "x", protocol: "TCP" }] }, []],
    ["commands as a whole", { command: ["a"] }, { command: ["a", "b"] }, ["command"]],
    ["rules of a network policy as a whole", { egress: [{ ports: [{ port: 443 }] }] }, { egress: [{ ports: [{ port: 443 }] }, { to: [] }] }, ["egress"]],
    ["names that are no identifiers", { annotations: { "a/b": "1" } }, { annotations: { "a/b": "2" } }, ['annotations["a/b"]']],
  ])("%s", (_title, declared, live, paths) => {
    expect(missingFields(declared, live)).toEqual(paths);
  });
});

const [source] = everything().agents;
if (!source) throw new Error("no agent");
const { fleet } = everything();
const desired = renderDesired(fleet, source.agent);
const DIGEST = `sha256:${"a".repeat(64)}`;
const CHOICE = { image: `registry/x@${DIGEST}`, secretDigest: "f".repeat(64) };

type Path = readonly (string | number)[];
/** A place in an object, and what somebody puts there; undefined takes it away. */
type Edit = readonly [Path, unknown];

const APPLIED = ["metadata", "annotations", "frota.dev/applied"];
const TEMPLATE = ["spec", "template"];
const CONTAINER = [...TEMPLATE, "spec", "containers", 0];

/** The object as a server stores it, after edits. */
function stored(manifest: Manifest, ...edits: readonly Edit[]): Manifest {
  const object = structuredClone(manifest);
  for (const [path, value] of edits) {
    const holder = valueAt(object, path.slice(0, -1));
    const step = path.at(-1);
    if (typeof holder !== "object" || holder === null || step === undefined) throw new Error(`no place ${path.join(".")}`);
    if (value === undefined) Reflect.deleteProperty(holder, step);
    else Reflect.set(holder, step, value);
  }
  return object;
}

describe("an object", () => {
  const service = desired.supporting.find(({ kind }) => kind === "Service");
  test.each<[string, Edit | undefined, string | undefined]>([
    ["as applied", [["status"], {}], undefined],
    ["that is not there", undefined, "missing"],
    ["that somebody changed", [["spec", "type"], "NodePort"], "drift"],
    ["whose label somebody took away", [["metadata", "labels", "app.kubernetes.io/instance"], undefined], "drift"],
    ["with an annotation of somebody else", [["metadata", "annotations", "theirs"], "x"], undefined],
    ["of the plain way", [APPLIED, undefined], "declared"],
    ["of an older declaration", [APPLIED, "0"], "declared"],
  ])("%s", (_title, edit, why) => {
    if (!service) throw new Error("no Service");
    expect(compareObject(service, edit && stored(service, edit))).toBe(why);
  });
});

describe("a Deployment", () => {
  const live = desired.deployment(CHOICE);
  const [outside, template] = desired.deploymentHash.split("-");
  const olderTemplate: Edit = [APPLIED, `${outside}-0`];
  const restartConfig = [...TEMPLATE, "metadata", "annotations", "frota.dev/restart-config"];
  const grace = [...TEMPLATE, "spec", "terminationGracePeriodSeconds"];

  test.each<[string, readonly Edit[], object]>([
    ["as applied", [], {}],
    ["with another image", [[[...CONTAINER, "image"], `registry/x@sha256:${"b".repeat(64)}`]], {}],
    ["with another Secret", [[[...TEMPLATE, "metadata", "annotations", "frota.dev/secret"], "e".repeat(64)]], {}],
    ["scaled down", [[["spec", "replicas"], 0]], {}],
    ["restarted by kubectl", [[[...TEMPLATE, "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"], "2026-11-23T00:00:00Z"]], {}],
    ["of the plain way", [[APPLIED, undefined]], { outside: "declared" }],
    ["edited outside of its template", [[["spec", "progressDeadlineSeconds"], 1]], { outside: "drift" }],
    ["declared anew outside of its template", [[APPLIED, `0-${template}`]], { outside: "declared" }],
    ["with an edited template", [[grace, 1]], { pending: { need: "Drift", paths: ["spec.template.spec.terminationGracePeriodSeconds"] } }],
    [
      "with a template of an older declaration",
      [olderTemplate, [[...CONTAINER, "resources", "limits", "memory"], "9Gi"]],
      { pending: { need: "Template", paths: ["spec.template.spec.containers[openclaw].resources.limits.memory"] } },
    ],
    ["with a field that is declared no more", [olderTemplate], { pending: { need: "Template", paths: ["spec.template"] } }],
    [
      "with an older configuration",
      [olderTemplate, [restartConfig, "0"]],
      { pending: { need: "Configuration", paths: ['spec.template.metadata.annotations["frota.dev/restart-config"]'] } },
    ],
  ])("%s", (_title, edits, expected) => {
    expect(compareDeployment(desired, stored(live, ...edits))).toEqual(expected);
  });

  test("is rendered again as it is: image, Secret, and what is recorded on it", () => {
    const recorded = desired.deployment({ ...CHOICE, annotations: { "frota.dev/previous-digest": DIGEST } });
    expect(desired.deployment(presentChoice(recorded))).toEqual(recorded);
  });

  test("has another hash for another declaration only", () => {
    const { spec } = source.agent;
    expect(renderDesired(fleet, structuredClone(source.agent)).deploymentHash).toBe(desired.deploymentHash);
    const changed = renderDesired(fleet, { ...source.agent, spec: { ...spec, env: { ...spec.env, NEW: "1" } } }).deploymentHash.split("-");
    expect([changed[0] === outside, changed[1] === template]).toEqual([true, false]);
  });
});
