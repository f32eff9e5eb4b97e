import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Manifest } from "../render/manifest.ts";
import { differences } from "./difference.ts";
import { maskDifferences } from "./mask.ts";
import { plan } from "./plan.ts";

const LABELS = { "app.kubernetes.io/managed-by": "frota", "app.kubernetes.io/part-of": "digitalsys" };

function manifest(kind: string, name: string, rest: Record<string, unknown> = {}): Manifest {
  const apiVersion = kind === "Deployment" ? "apps/v1" : "v1";
  return { apiVersion, kind, metadata: { name, namespace: "bots", labels: LABELS }, ...rest };
}

function claim(size: string, className = "do-block-storage"): Manifest {
  const spec = { storageClassName: className, resources: { requests: { storage: size } } };
  return manifest("PersistentVolumeClaim", "clovis-state", { spec });
}

function deployment(image: string, extra: Record<string, unknown> = {}): Manifest {
  const template = { spec: { containers: [{ name: "openclaw", image, ...extra }] } };
  const selector = { matchLabels: { "app.kubernetes.io/instance": "clovis" } };
  return manifest("Deployment", "clovis", { spec: { replicas: 1, selector, template } });
}

function configuration(openclaw: object): Manifest {
  return manifest("ConfigMap", "clovis-config", { data: { "openclaw.json": JSON.stringify(openclaw) } });
}

function secret(value: string): Manifest {
  return manifest("Secret", "s", { data: { GITHUB_TOKEN: value } });
}

/** A claim whose owned annotations are these. */
function ownedClaim(annotations: object): Manifest {
  const desired = claim("10Gi");
  const managedFields = [{ manager: "frota", operation: "Apply", fieldsV1: { "f:metadata": { "f:annotations": annotations } } }];
  return { ...desired, metadata: { ...desired.metadata, managedFields } };
}

function actionOf(live: Manifest, dryRun: Manifest): string | undefined {
  return plan([{ desired: claim("10Gi"), live, dryRun }]).objects[0]?.action;
}

/** `messages live`: when each changed key applies. */
function appliesOf(openclaw: object, delivery: "start" | "live"): string[] {
  const object = { agent: "clovis", desired: configuration(openclaw), live: configuration({ mcp: { servers: {} } }), dryRun: configuration(openclaw) };
  const { agents } = plan([object], [], new Map([["clovis", delivery]]));
  return agents.flatMap(({ configuration: keys }) => keys.map(({ path, applies }) => `${path} ${applies}`));
}

const asLive = (object: Manifest): Manifest => ({
  ...object,
  metadata: { ...object.metadata, uid: "u", resourceVersion: "7", generation: 3, creationTimestamp: "2026-01-01" },
  status: { phase: "Anything" },
});

describe("what changes", () => {
  test("an object that is not there is created; one that only differs in bookkeeping is unchanged", () => {
    const desired = claim("10Gi");
    expect(plan([{ agent: "clovis", desired }]).objects[0]).toMatchObject({ action: "created" });
    expect(plan([{ desired, live: asLive(desired), dryRun: desired }]).objects[0]?.action).toBe("unchanged");
  });

  test("an agent whose Deployment is gone and whose volume is there returns", () => {
    const volume = claim("10Gi");
    const created = { agent: "clovis", desired: deployment("agent:1") };
    const [returning] = plan([{ agent: "clovis", desired: volume, live: asLive(volume), dryRun: volume }, created]).agents;
    const [fresh] = plan([{ agent: "clovis", desired: volume }, created]).agents;
    expect([returning, fresh]).toMatchObject([{ action: "create", isReturning: true }, { action: "create" }]);
    expect(fresh).not.toHaveProperty("isReturning");
  });

  test("taking over fields that already have the declared values is a change without differences", () => {
    const desired = claim("10Gi");
    const managedFields = [{ manager: "frota", operation: "Apply", fieldsV1: { "f:spec": {} } }];
    const dryRun = { ...desired, metadata: { ...desired.metadata, managedFields } };
    expect(plan([{ desired, live: asLive(desired), dryRun }]).objects[0]).toMatchObject({
      action: "configured",
      differences: [],
    });
  });

  test("fields that the controller put back by a patch are taken over already", () => {
    const live = asLive(claim("10Gi"));
    const withFields = (...managedFields: readonly object[]): Manifest => ({ ...live, metadata: { ...live.metadata, managedFields } });
    const patched = { manager: "frota", operation: "Update", fieldsV1: { "f:spec": { "f:resources": {} } } };
    const rest = { manager: "frota", operation: "Apply", fieldsV1: { "f:spec": { "f:accessModes": {} } } };
    const all = { ...rest, fieldsV1: { "f:spec": { "f:accessModes": {}, "f:resources": {} } } };
    expect(actionOf(withFields(rest, patched), withFields(all, patched))).toBe("unchanged");
    expect(actionOf(withFields(rest), withFields(all))).toBe("configured");
    expect(actionOf(withFields(rest, { ...patched, manager: "kubectl-edit" }), withFields(all))).toBe("configured");
  });

  test("a mark of the controller that a dry run would add, or has not, is nothing to apply; that it would take all away is", () => {
    const [plain, marked] = [ownedClaim({}), ownedClaim({ "f:frota.dev/applied": {} })];
    expect([actionOf(plain, plain), actionOf(plain, marked), actionOf(marked, marked), actionOf(marked, plain)]).toEqual(["unchanged", "unchanged", "unchanged", "configured"]);
    expect(actionOf({ ...plain, metadata: { ...plain.metadata, managedFields: [] } }, marked)).toBe("unchanged");
    expect(actionOf(ownedClaim({ "f:frota.dev/applied": {}, "f:frota.dev/hot-keys": {} }), marked)).toBe("unchanged");
    expect(actionOf(ownedClaim({ "f:frota.dev/applied": {}, "f:example.com/mine": {} }), marked)).toBe("configured");
  });

  test("a key that a running gateway takes over applies at once where somebody hands it over; another does not", () => {
    const hot = { mcp: { servers: {} }, messages: { ackReaction: "eyes" } };
    expect(appliesOf(hot, "live")).toEqual(["messages live"]);
    expect(appliesOf(hot, "start")).toEqual(["messages next-start"]);
    expect(appliesOf({ logging: { level: "debug" }, mcp: { servers: { "a.b": {} }, apps: {} } }, "live")).toEqual([
      "logging next-start",
      "mcp.apps next-start",
      'mcp.servers["a.b"] live',
    ]);
    expect(appliesOf({ mcp: { servers: {} }, agents: { defaults: { model: "x" }, list: [] } }, "live"), "a part of it is not").toEqual(["agents next-start"]);
  });

  test("a changed configuration key waits for the next start, unless the pod template changes too", () => {
    const before = configuration({ agents: { defaults: { model: { primary: "a" } } } });
    const after = configuration({ agents: { defaults: { model: { primary: "b" } } } });
    const config = { agent: "clovis", desired: after, live: before, dryRun: after };
    const same = { agent: "clovis", desired: deployment("x:1"), live: deployment("x:1"), dryRun: deployment("x:1") };
    const other = { ...same, desired: deployment("x:2"), dryRun: deployment("x:2") };
    const key = { path: "agents.defaults.model.primary", before: "a", after: "b" };
    expect(plan([config, same]).agents).toEqual([
      { name: "clovis", action: "update", restartReasons: [], configuration: [{ ...key, applies: "next-start" }] },
    ]);
    expect(plan([config, other]).agents).toEqual([
      {
        name: "clovis",
        action: "restart",
        restartReasons: [
          { cause: "image", path: "spec.template.spec.containers[openclaw].image", before: "x:1", after: "x:2" },
        ],
        configuration: [{ ...key, applies: "restart" }],
      },
    ]);
  });

  test("what is no longer declared is a leftover, but never a volume claim", () => {
    const owned = [claim("10Gi"), manifest("ConfigMap", "clovis-workspace"), manifest("Service", "clovis")];
    const { leftovers } = plan([{ desired: manifest("Service", "clovis"), live: manifest("Service", "clovis") }], owned);
    expect(leftovers.map((id) => `${id.kind} ${id.name}`)).toEqual(["ConfigMap clovis-workspace"]);
  });
});

describe("what is refused", () => {
  const unlabelled = { ...claim("10Gi"), metadata: { name: "clovis-state", namespace: "bots" } };
  const foreign = { ...claim("10Gi"), metadata: { ...claim("1").metadata, labels: { ...LABELS, "app.kubernetes.io/part-of": "other" } } };
  const otherSelector = { ...deployment("x"), spec: { selector: { matchLabels: { app: "clovis" } } } };
  const namespace: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "bots", labels: LABELS } };
  test.each<[string, Manifest, Manifest, string[]]>([
    ["a smaller volume", claim("10Gi"), claim("15Gi"), ["STORAGE_SHRINK"]],
    ["a smaller volume in other units", claim("10G"), claim("10Gi"), ["STORAGE_SHRINK"]],
    ["a larger volume is not", claim("15Gi"), claim("10Gi"), []],
    ["another storage class", claim("10Gi", "fast"), claim("10Gi"), ["STORAGE_CLASS_CHANGE"]],
    ["an object of the same name that is not ours", claim("10Gi"), unlabelled, ["NAME_TAKEN"]],
    ["an object of another fleet", claim("10Gi"), foreign, ["NAME_TAKEN"]],
    ["another selector", deployment("x"), otherSelector, ["SELECTOR_IMMUTABLE"]],
    ["a namespace that someone else made is not", namespace, { ...namespace, metadata: { name: "bots" } }, []],
  ])("%s", (_title, desired, live, codes) => {
    expect(plan([{ desired, live }]).refusals.map((refusal) => refusal.code)).toEqual(codes);
  });
});

describe("masking", () => {
  test("a Secret's values never appear, only that they differ", () => {
    const changes = plan([{ desired: secret("bmV3"), live: secret("b2xk"), dryRun: secret("bmV3") }]);
    expect(changes.objects[0]?.differences).toEqual([
      { path: "data.GITHUB_TOKEN", before: "*** (before)", after: "*** (after)" },
    ]);
  });

  test("a literal token in a live Deployment's environment is masked by its name and by its shape", () => {
    const token = `ghp_${"a1".repeat(18)}`;
    const env = [
      { name: "LINEAR_API_KEY", value: "hunter2" },
      { name: "NOTE", value: `see ${token}` },
      { name: "MODE", value: "quiet" },
    ];
    const live = deployment("x", { env });
    const desired = deployment("x", { env: [{ name: "LINEAR_API_KEY", value: "other" }] });
    const text = JSON.stringify(plan([{ agent: "clovis", desired, live, dryRun: desired }]));
    expect(text).not.toMatch(/hunter2|other|ghp_/);
    expect(text).toContain("quiet");
  });

  test("whatever a Secret holds, none of it is in the change set", () => {
    const data = fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), fc.stringMatching(/^v[a-z0-9]{12,20}$/));
    fc.assert(
      fc.property(data, data, (before, after) => {
        const found = maskDifferences("Secret", differences({ data: before }, { data: after }));
        const text = JSON.stringify(found);
        return [...Object.values(before), ...Object.values(after)].every((value) => !text.includes(value));
      }),
    );
  });
});

test("equal values have no differences", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => differences(value, structuredClone(value)).length === 0));
});
