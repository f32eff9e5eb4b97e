import { describe, expect, test } from "vitest";
import { renderAgent } from "../render/agent.ts";
import { renderCustomResources } from "../render/custom-resources.ts";
import { renderDeployment } from "../render/deployment.ts";
import { renderFleet } from "../render/fleet.ts";
import type { Manifest } from "../render/manifest.ts";
import { assembleFleet } from "../spec/assemble.ts";
import type { FleetSource } from "../spec/repository.ts";
import type { PlannedObject } from "./change-set.ts";
import { plan } from "./plan.ts";
import { withResources } from "./resource-changes.ts";

const FLEET = {
  nodePool: { name: "bots" },
  image: { repository: "registry.example/agent" },
  storage: { className: "fast" },
  vault: { address: "https://vault.example.com", auth: { role: "agents" } },
};

function resource(kind: string, metadata: object, spec: object): string {
  return JSON.stringify({ apiVersion: "frota.dev/v1alpha1", kind, metadata, spec });
}

function source(fleet: object, agents: Readonly<Record<string, object>>): FleetSource {
  const assembly = assembleFleet(
    new Map([
      ["fleet.yaml", resource("Fleet", { name: "test", namespace: "bots" }, { ...FLEET, ...fleet })],
      ...Object.entries(agents).map(([name, spec]): [string, string] => [`${name}/agent.yaml`, resource("Agent", { name }, spec)]),
    ]),
  );
  if (!assembly.source) throw new Error(JSON.stringify(assembly.diagnostics));
  return assembly.source;
}

/** As the controller renders them, with the image that runs. */
function objects({ fleet, agents }: FleetSource): { agent?: string; manifest: Manifest }[] {
  const ofAgents = agents.flatMap((entry) => [
    ...renderAgent(fleet, entry).filter(({ kind }) => kind !== "Deployment"),
    renderDeployment(fleet, entry.agent, { image: "registry.example/agent@sha256:running" }),
  ].map((manifest) => ({ agent: entry.agent.metadata.name, manifest })));
  return [...renderFleet(fleet).map((manifest) => ({ manifest })), ...ofAgents];
}

function resources(from: FleetSource): Manifest[] {
  const { fleet, agents } = renderCustomResources(from);
  return [fleet, ...agents.map(({ agent }) => agent)];
}

/** What applying `after` to a cluster that settled on `before` would change. */
function changes(before: FleetSource, after: FleetSource, live = resources(before)) {
  const settled = new Map(objects(before).map(({ manifest }) => [`${manifest.kind} ${manifest.metadata.name}`, manifest]));
  const planned = objects(after).map(({ manifest, ...owner }): PlannedObject => {
    const present = settled.get(`${manifest.kind} ${manifest.metadata.name}`);
    return Object.assign({ desired: manifest }, owner, present && { live: present, dryRun: manifest });
  });
  return withResources(plan(planned, [], new Map()), { source: after, agents: after.agents, live });
}

/** `Agent ana spec.suspend: undefined -> true` of each changed field of a Fleet or an Agent. */
function told(set: ReturnType<typeof changes>): string[] {
  return set.objects.filter(({ id, action }) => id.apiVersion === "frota.dev/v1alpha1" && action !== "unchanged").flatMap(({ id, action, differences }) => {
    const object = `${id.kind} ${id.name}`;
    return differences.length === 0 ? [`${object} ${action}`] : differences.map(({ path, before, after }) => `${object} ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
  });
}

const two = (ana: object, bea: object = {}) => ({ ana, bea });

describe("what only the resources tell", () => {
  test.each<[string, object, object, string[]]>([
    ["what a changed secret does", {}, { secrets: { onChange: "notify" } }, ['Agent ana spec.secrets.onChange: undefined -> "notify"']],
    ["a suspension", { suspend: true }, {}, ["Agent ana spec.suspend: true -> undefined"]],
    ["nothing", { env: { A: "1" } }, { env: { A: "1" } }, []],
  ])("%s of an agent", (_title, before, after, expected) => {
    const set = changes(source({}, two(before)), source({}, two(after)));
    expect(told(set)).toEqual(expected);
    expect(set.agents).toMatchObject([{ name: "ana", action: expected.length > 0 ? "update" : "none" }, { name: "bea", action: "none" }]);
  });

  test("the pace of the fleet; how many at once shows in its PodDisruptionBudget", () => {
    const freezes = [{ days: ["Fri"], from: "18:00", to: "08:00" }];
    const after = source({ rollout: { bakeTime: "5m" }, disruption: { maxDisrupted: 2, freezes } }, two({}));
    const set = changes(source({ rollout: { bakeTime: "1m" } }, two({})), after);
    expect(told(set)).toEqual([
      'Fleet test spec.rollout.bakeTime: "1m" -> "5m"',
      `Fleet test spec.disruption.freezes: undefined -> ${JSON.stringify(freezes)}`,
    ]);
    expect(set.objects.find(({ id }) => id.kind === "PodDisruptionBudget")).toMatchObject({ differences: [{ path: "spec.maxUnavailable", before: 1, after: 2 }] });
  });

  test("a field beside one that the rendered objects tell", () => {
    const after = { env: { GREETING: "hello" }, openclaw: { session: { mainKey: "x" } }, secrets: { onChange: "notify", required: ["TOKEN"] } };
    expect(told(changes(source({}, two({})), source({}, two(after))))).toEqual(['Agent ana spec.secrets.onChange: undefined -> "notify"']);
  });

  test("nothing but itself where the rendered objects tell all of it", () => {
    expect(told(changes(source({}, two({})), source({}, two({ env: { GREETING: "hello" } }))))).toEqual(["Agent ana configured"]);
    expect(told(changes(source({}, two({})), source({ defaults: { env: { GREETING: "hello" } } }, two({}))))).toEqual(["Fleet test configured"]);
  });

  test("everything where the objects are as declared already, as after a change in the plain way", () => {
    const [before, after] = [source({}, two({})), source({}, two({ env: { GREETING: "hello" } }))];
    expect(told(changes(after, after, resources(before)))).toEqual(['Agent ana spec.env.GREETING: undefined -> "hello"']);
  });

  test("never a credential", () => {
    const [before, after] = [{ env: { LINEAR_API_KEY: "hunter2" } }, { env: { LINEAR_API_KEY: "other" } }];
    const text = JSON.stringify(changes(source({}, two(after)), source({}, two(after)), resources(source({}, two(before)))));
    expect(text).toContain("spec.env.LINEAR_API_KEY");
    expect(text).not.toMatch(/hunter2|"other"/);
  });
});

describe("an image that another tag or digest names", () => {
  test("of the fleet restarts those that follow it, though their objects keep the one that runs", () => {
    const [before, after] = ["one", "two"].map((tag) => source({ image: { repository: "registry.example/agent", tag } }, two({}, { image: { tag: "own" } })));
    if (!before || !after) throw new Error("two sides");
    const set = changes(before, after);
    expect(told(set)).toEqual(['Fleet test spec.image.tag: "one" -> "two"']);
    const reason = { path: "spec.image", cause: "image", before: "registry.example/agent:one", after: "registry.example/agent:two" };
    expect(set.agents).toMatchObject([{ name: "ana", action: "restart", restartReasons: [reason] }, { name: "bea", action: "none" }]);
  });

  test("of one agent restarts that one", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const set = changes(source({}, two({})), source({}, two({ image: { digest } })));
    expect(told(set)).toEqual([`Agent ana spec.image.digest: undefined -> "${digest}"`]);
    expect(set.agents.map(({ action }) => action)).toEqual(["restart", "none"]);
  });
});

test("a resource that is not there is created, one that is no longer declared is a leftover", () => {
  const set = changes(source({}, { ana: {}, old: {} }), source({}, two({})));
  expect(told(set)).toEqual(["Agent bea created"]);
  expect(set.leftovers).toEqual([{ apiVersion: "frota.dev/v1alpha1", kind: "Agent", namespace: "bots", name: "old" }]);
  expect(set.agents).toMatchObject([{ name: "ana", action: "none" }, { name: "bea", action: "create" }]);
});

test("annotations of others, as requests are, do not count", () => {
  const from = source({}, two({}));
  const annotations = { "frota.dev/suspended": "{}" };
  const live = resources(from).map(({ apiVersion, kind, metadata, spec }): Manifest => ({ apiVersion, kind, metadata: Object.assign({ annotations }, metadata), spec }));
  expect(told(changes(from, from, live))).toEqual([]);
});
