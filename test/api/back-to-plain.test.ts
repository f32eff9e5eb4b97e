import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, inject, test } from "vitest";
import { connect } from "../../src/cluster/cluster.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";

const NAMES = ["ana", "bea"];
const DEFINITIONS = ["agents.frota.dev", "fleets.frota.dev"];

const CLEAN = { code: 0, stdout: "No changes: the cluster is what the files say.\n" };

let fleet: OperatedFleet;

afterEach(() => fleet.end());

const templateOf = async (name: string) => valueAt(await fleet.deployment(name), ["spec", "template"]);
const templates = () => Promise.all(NAMES.map(templateOf));
const pods = async () => new Set((await fleet.cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: fleet.namespace })).map(({ metadata }) => metadata["uid"]));

/** Templates and pods: nobody restarts while both stay. */
const running = async () => ({ templates: await templates(), pods: await pods() });

/** As a new command finds it. */
async function isServed(): Promise<boolean> {
  const cluster = await connect({ path: inject("kubeconfig") });
  const found = await cluster.serves({ apiVersion: "frota.dev/v1alpha1", kind: "Agent" });
  cluster.close();
  return found;
}

async function settledFleet(namespace: string) {
  fleet = await OperatedFleet.make(inject("kubeconfig"), namespace);
  await fleet.declareFleet();
  for (const agent of NAMES) await fleet.declareAgent(agent);
  await fleet.settle();
  // Something of everything that the controller writes into a template or beside it.
  await fleet.setSecret("ana", "second");
  fleet.node.tagDigest = fleet.push("second");
  await fleet.settleOn(fleet.node.tagDigest);
  const folder = await fleet.writeFiles({ ana: {}, bea: {} });
  const run = (...args: string[]) => frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
  return { folder, run };
}

test("back to plain and forth restarts nobody; in between a changed declaration restarts its agent, by the tag", { timeout: 240_000 }, async () => {
  const { folder, run } = await settledFleet("back-to-plain");
  const before = await running();
  expect(JSON.stringify(before.templates)).toMatch(/"frota.dev\/secret":"[0-9a-f]{64}"[^]*@sha256:/);

  expect(await run("apply", "--plain", "--timeout", "60s")).toMatchObject({ code: 0, stderr: expect.stringContaining("No running agent restarts.") });
  expect(await running()).toEqual(before);
  for (const flags of [[], ["--plain"]]) expect(await run("diff", ...flags), `diff ${flags.join()}`).toMatchObject(CLEAN);

  const changed = { apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "ana" }, spec: { env: { GREETING: "hello" } } };
  await writeFile(join(folder, "ana", "agent.yaml"), JSON.stringify(changed));
  expect(await run("apply", "--plain", "--timeout", "60s")).toMatchObject({ code: 0, stderr: expect.stringMatching(/1 restarted, 1 unchanged|1 unchanged, 1 restarted/) });
  expect(JSON.stringify(await templateOf("ana"))).toMatch(/agent:latest"[^]*"hello"/);
  const between = await running();
  expect(await run("diff", "--plain")).toMatchObject(CLEAN);
  expect((await run("diff")).stdout, "the resource still says what was applied before").toContain("~ Agent ana\n      spec.env.GREETING: (none) -> \"hello\"");
  expect(between.templates[1]).toEqual(before.templates[1]);

  await fleet.declareAgent("ana", { env: { GREETING: "hello" } });
  await fleet.settle();
  expect(await running()).toEqual(between);
});

test("uninstalled with its definitions, and installed again: nobody restarts, nothing is removed", { timeout: 240_000 }, async () => {
  const { run } = await settledFleet("uninstalled-and-back");
  const before = await running();
  const kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
  for (const name of DEFINITIONS) await fleet.cluster.delete({ ...kind, name });
  await expect.poll(isServed, { timeout: 30_000 }).toBe(false);
  expect(await run("apply", "--timeout", "60s")).toMatchObject({ code: 0, stderr: expect.stringContaining("No running agent restarts.") });
  expect(await running()).toEqual(before);

  await fleet.redefine(DEFINITIONS);
  const controller = await fleet.control();
  expect(await run("apply", "--timeout", "60s")).toMatchObject({ code: 0 });
  expect(controller.events.filter((event) => event.type === "acted" && ["remove", "restart"].includes(event.action.type))).toEqual([]);
  expect(await running()).toEqual(before);
});
