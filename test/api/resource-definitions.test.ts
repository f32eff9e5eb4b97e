import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import type { Manifest } from "../../src/render/manifest.ts";

const ROOT = join(import.meta.dirname, "../..");
const NAMESPACE = "bots";
let cluster: Cluster;

async function readYaml(path: string): Promise<Manifest> {
  return parse(await readFile(join(ROOT, path), "utf8")) as Manifest;
}

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const names = ["agents", "fleets"];
  await Promise.all(names.map(async (name) => cluster.apply(await readYaml(`schemas/crds/${name}.yaml`))));
  await untilServed(names.map((name) => `${name}.frota.dev`));
});

afterAll(() => cluster.close());

/** Waits until the API server serves these definitions, and fails as soon as it says that one is not structural. */
async function untilServed(names: string[]): Promise<void> {
  const waiting = new Set(names);
  const abort = new AbortController();
  for await (const event of cluster.watch({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" }, {}, abort.signal)) {
    const objects = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    for (const definition of objects.filter(({ metadata }) => waiting.has(metadata.name))) {
      expect(condition(definition, "NonStructuralSchema")).toBeUndefined();
      if (condition(definition, "Established") !== undefined) waiting.delete(definition.metadata.name);
    }
    if (waiting.size === 0) break;
  }
  abort.abort();
}

/** The message of a condition that is true. */
function condition({ status }: Manifest, wanted: string): string | undefined {
  const conditions = (status as { conditions?: { type: string; status: string; message: string }[] } | undefined)?.conditions;
  return conditions?.find(({ type, status: value }) => type === wanted && value === "True")?.message;
}

function agent(spec: Record<string, unknown>, name = "probe"): Manifest {
  return { apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name, namespace: NAMESPACE }, spec };
}

describe("the API server takes what the repository holds", () => {
  test.each(globSync("agents/{fleet.yaml,*/agent.yaml}", { cwd: ROOT }))("%s, and keeps it as it was written", async (path) => {
    const written = await readYaml(path);
    const stored = await cluster.apply({ ...written, metadata: { ...written.metadata, namespace: NAMESPACE } });
    expect(stored["spec"]).toEqual(written["spec"]);
  });

  test("and says of a resource that nobody has looked at it: kstatus takes one without a status for current", async () => {
    const stored = await cluster.apply(agent({}, "unseen"));
    expect(stored["status"]).toEqual({ observedGeneration: -1 });
    await cluster.delete({ apiVersion: stored.apiVersion, kind: stored.kind, namespace: NAMESPACE, name: "unseen" });
  });

  test("quantities as numbers or text, any OpenClaw configuration, network rules", async () => {
    const spec = {
      resources: { limits: { cpu: 2, memory: "2Gi" } },
      openclaw: { channels: { telegram: { groups: { "-100": [1, "two", null] } } } },
      network: { egress: [{ cidr: "10.0.0.0/8", ports: [443] }, { pods: { app: "x" } }] },
    };
    expect((await cluster.apply(agent(spec), { dryRun: true }))["spec"]).toEqual(spec);
  });
});

describe("the API server refuses what `frota check` refuses", () => {
  test.each([
    ["a peer that is both a range and pods", { network: { egress: [{ cidr: "10.0.0.0/8", namespace: "x" }] } }, /either cidr/],
    ["a peer that is nothing", { network: { ingress: [{ ports: [1] }] } }, /either cidr/],
    ["a quantity that is none", { storage: { size: "10 gigabytes" } }, /storage\.size/],
    ["an unknown mode", { workspace: { mode: "sed" } }, /workspace\.mode/],
    ["an unknown field", { storge: {} }, /storge/],
    ["a digest that is none", { image: { digest: "latest" } }, /image\.digest/],
  ])("%s", async (_title, spec, message) => {
    await expect(cluster.apply(agent(spec), { dryRun: true })).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });

  test("a name that is too long for the names derived from it", async () => {
    await expect(cluster.apply(agent({}, "a".repeat(41)), { dryRun: true })).rejects.toMatchObject({ message: expect.stringMatching(/at most 40 characters/) });
  });
});
