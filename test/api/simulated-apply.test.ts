import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { applyFleet, planFleet } from "../../src/engine/apply/apply-fleet.ts";
import { declareFleet } from "../../src/engine/apply/declare-fleet.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import type { FleetSource, RepositoryFiles } from "../../src/spec/repository.ts";
import { StandInNode } from "./stand-in-node.ts";

const NAMESPACE = "simulated-apply";
let cluster: Cluster;
let node: StandInNode;
let files: RepositoryFiles;

type Edit = readonly [file: string, change: (text: string) => string];

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  files = await readRepository(fileURLToPath(new URL("../../agents", import.meta.url)));
  node = new StandInNode(cluster, NAMESPACE);
  const images = { read: () => Promise.resolve({ digest: `sha256:${"a".repeat(64)}`, openclawVersion: "2026.9.2" }) };
  const rest = { images, timeout: 30_000, signal: new AbortController().signal, onEvent: () => undefined };
  await applyFleet({ cluster, declared: declareFleet(fleet(...BASE)), ...rest });
});

afterAll(() => {
  node.stop();
  cluster.close();
});

/** What is applied at first has something of everything that can be taken away again. */
const BASE: readonly Edit[] = [
  ["clovis/agent.yaml", (text) => `${text}  env:\n    GREETING: hello\n    TEAM: sales\n  network:\n    egress:\n      - cidr: 10.20.0.5/32\n        ports: [5432]\n`],
  ["clovis/agent.yaml", (text) => text.replace("metadata:\n", "metadata:\n  labels:\n    team: sales\n")],
];

function fleet(...edits: readonly Edit[]): FleetSource {
  const edited = new Map(files);
  for (const [file, change] of edits) edited.set(file, change(edited.get(file) ?? ""));
  edited.set("fleet.yaml", (edited.get("fleet.yaml") ?? "").replace("namespace: bots", `namespace: ${NAMESPACE}`));
  const { source, diagnostics } = assembleFleet(edited);
  if (!source || diagnostics.some(({ severity }) => severity === "error")) throw new Error(JSON.stringify(diagnostics));
  return source;
}

const clovis = (change: (text: string) => string): Edit => ["clovis/agent.yaml", change];

/** The whole change set, told by the API server and told here. */
async function bothWays(edits: readonly Edit[]) {
  const declared = declareFleet(fleet(...BASE, ...edits));
  const [asked, told] = await Promise.all([planFleet({ cluster, declared }), planFleet({ cluster, declared, dryRuns: 0 })]);
  return { asked: asked.changes, told: told.changes, notAsked: told.notAsked };
}

test("nothing to change: nobody is asked", async () => {
  const { asked, told, notAsked } = await bothWays([]);
  expect(told).toEqual(asked);
  expect(notAsked).toBe(0);
});

test.each<[string, readonly Edit[]]>([
  ["another tag of the image", [["fleet.yaml", (text) => text.replace("openclaw-agent\n", "openclaw-agent\n    tag: next\n")]]],
  ["a variable more", [clovis((text) => text.replace("TEAM: sales", "TEAM: sales\n    CITY: lisbon"))]],
  ["a variable less", [clovis((text) => text.replace("    TEAM: sales\n", ""))]],
  ["another value", [clovis((text) => text.replace("GREETING: hello", "GREETING: olá"))]],
  ["no network rules any more", [clovis((text) => text.replace(/ {2}network:[^]*5432\]\n/, ""))]],
  ["a label less", [clovis((text) => text.replace("  labels:\n    team: sales\n", ""))]],
  ["another label", [clovis((text) => text.replace("team: sales", "team: support"))]],
  ["more memory", [clovis((text) => `${text}  resources:\n    limits:\n      cpu: "1"\n      memory: 3Gi\n`)]],
  ["a key of the configuration", [clovis((text) => `${text}  openclaw:\n    session:\n      mainKey: work\n`)]],
  ["another required secret", [clovis((text) => text.replace(/required: \[/, "required: [EXTRA_KEY, "))]],
])("the same as the API server tells: %s", async (_title, edits) => {
  const { asked, told, notAsked } = await bothWays(edits);
  expect(asked.objects.filter(({ action }) => action !== "unchanged")).not.toEqual([]);
  expect(told).toEqual(asked);
  expect(notAsked).toBe(asked.objects.filter(({ action }) => action !== "unchanged").length);
});

test("a quantity in another notation is no change", async () => {
  const { asked, told } = await bothWays([clovis((text) => `${text}  resources:\n    limits:\n      memory: 2.5Gi\n`)]);
  expect(told).toEqual(asked);
  expect(told.objects.filter(({ action }) => action !== "unchanged")).toEqual([]);
});

test("what somebody else added stays, what somebody else changed is told", async () => {
  const reference = { apiVersion: "apps/v1", kind: "Deployment", namespace: NAMESPACE, name: "roberval" };
  await cluster.mergePatch(reference, { metadata: { annotations: { theirs: "yes" } }, spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-11-23T00:00:00Z" } } } } }, { fieldManager: "somebody" });
  const kept = await bothWays([]);
  expect(kept.told).toEqual(kept.asked);
  await cluster.mergePatch(reference, { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } }, { fieldManager: "somebody" });
  const { asked, told } = await bothWays([]);
  // The conflict itself only the API server tells; the difference both do.
  expect(told.objects).toEqual(asked.objects);
  expect(told.agents.find(({ name }) => name === "roberval")).toMatchObject({ action: "restart" });
});

test("the first differences are asked about, for what only the API server knows", async () => {
  const declared = declareFleet(fleet(...BASE, clovis((text) => text.replace("GREETING: hello", "GREETING: olá"))));
  const { changes, notAsked } = await planFleet({ cluster, declared, dryRuns: 10 });
  expect(notAsked).toBe(0);
  expect(changes.refusals).toMatchObject([{ code: "FIELD_CONFLICT", agent: "roberval" }]);
});
