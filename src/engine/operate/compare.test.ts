import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { everything } from "../../render/testing/everything.ts";
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

/** The object as a server stores it, with one edit. */
function stored(manifest: Manifest, edit: (object: any) => void = () => undefined): Manifest {
  const object = structuredClone(manifest);
  edit(object);
  return object;
}

describe("an object", () => {
  const service = desired.supporting.find(({ kind }) => kind === "Service");
  test.each<[string, ((object: any) => void) | undefined, string | undefined]>([
    ["as applied", () => undefined, undefined],
    ["that is not there", undefined, "missing"],
    ["that somebody changed", (object) => (object.spec.type = "NodePort"), "drift"],
    ["whose label somebody took away", (object) => delete object.metadata.labels["app.kubernetes.io/instance"], "drift"],
    ["with an annotation of somebody else", (object) => (object.metadata.annotations.theirs = "x"), undefined],
    ["of the plain way", (object) => delete object.metadata.annotations["frota.dev/applied"], "declared"],
    ["of an older declaration", (object) => (object.metadata.annotations["frota.dev/applied"] = "0"), "declared"],
  ])("%s", (_title, edit, why) => {
    if (!service) throw new Error("no Service");
    expect(compareObject(service, edit && stored(service, edit))).toBe(why);
  });
});

const applied = (object: any, part: 0 | 1, value: string) => {
  const parts = object.metadata.annotations["frota.dev/applied"].split("-");
  parts[part] = value;
  object.metadata.annotations["frota.dev/applied"] = parts.join("-");
};
const templateOf = (object: any) => object.spec.template;
const containerOf = (object: any) => object.spec.template.spec.containers[0];

describe("a Deployment", () => {
  test.each<[string, (object: any) => void, object]>([
    ["as applied", () => undefined, {}],
    ["with another image or Secret", (object) => Object.assign(containerOf(object), { image: `registry/x@sha256:${"b".repeat(64)}` }), {}],
    ["scaled down", (object) => (object.spec.replicas = 0), {}],
    ["restarted by kubectl", (object) => (templateOf(object).metadata.annotations["kubectl.kubernetes.io/restartedAt"] = "2026-11-23T00:00:00Z"), {}],
    ["of the plain way", (object) => delete object.metadata.annotations["frota.dev/applied"], { outside: "declared" }],
    ["edited outside of its template", (object) => (object.spec.progressDeadlineSeconds = 1), { outside: "drift" }],
    ["declared anew outside of its template", (object) => applied(object, 0, "0"), { outside: "declared" }],
    [
      "with an edited template",
      (object) => (templateOf(object).spec.terminationGracePeriodSeconds = 1),
      { pending: { need: "Drift", paths: ["spec.template.spec.terminationGracePeriodSeconds"] } },
    ],
    [
      "with a template of an older declaration",
      (object) => {
        applied(object, 1, "0");
        containerOf(object).resources.limits.memory = "9Gi";
      },
      { pending: { need: "Template", paths: ["spec.template.spec.containers[openclaw].resources.limits.memory"] } },
    ],
    ["with a field that is declared no more", (object) => applied(object, 1, "0"), { pending: { need: "Template", paths: ["spec.template"] } }],
    [
      "with an older configuration",
      (object) => {
        applied(object, 1, "0");
        templateOf(object).metadata.annotations["frota.dev/restart-config"] = "0";
      },
      { pending: { need: "Configuration", paths: ['spec.template.metadata.annotations["frota.dev/restart-config"]'] } },
    ],
  ])("%s", (_title, edit, expected) => {
    expect(compareDeployment(desired, stored(desired.deployment(CHOICE), edit))).toEqual(expected);
  });

  test("is rendered again as it is: image, Secret, and what is recorded on it", () => {
    const annotations = { "frota.dev/previous-digest": DIGEST };
    const live = desired.deployment({ ...CHOICE, annotations });
    expect(desired.deployment(presentChoice(live))).toEqual(live);
  });

  test("is told from another version of Frota only by what it says, not by the order of its keys", () => {
    const reversed = { ...source.agent, spec: { ...source.agent.spec, env: Object.fromEntries(Object.entries(source.agent.spec.env).toReversed()) } };
    expect(renderDesired(fleet, source.agent).deploymentHash).toBe(desired.deploymentHash);
    expect(renderDesired(fleet, { ...reversed, spec: { ...reversed.spec, env: { NEW: "1" } } }).deploymentHash).not.toBe(desired.deploymentHash);
  });
});
