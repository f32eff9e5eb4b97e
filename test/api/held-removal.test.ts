import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, inject, test } from "vitest";
import type { Manifest } from "../../src/render/manifest.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";

const API = "frota.dev/v1alpha1";
const NAMES = ["ana", "bea", "caio"];
const DEFINITION = "agents.frota.dev";

let fleet: OperatedFleet;

afterEach(() => fleet.end());

const stalledOf = (object: Manifest | undefined) => mapsAt(object, "status", "conditions").find(({ type }) => type === "Stalled");
const isHeld = (object: Manifest | undefined) => stalledOf(object)?.["reason"] === "RemovalHeld";
const uids = () => Promise.all(NAMES.map(async (name) => (await fleet.deployment(name))?.metadata["uid"]));

async function settled(namespace: string): Promise<unknown[]> {
  fleet = await OperatedFleet.make(inject("kubeconfig"), namespace);
  await fleet.declareFleet();
  for (const agent of NAMES) await fleet.declareAgent(agent);
  await fleet.settle();
  return uids();
}

/** `frota`, from a folder that says where the fleet is. */
async function run(...args: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "frota-held-"));
  await cp(fileURLToPath(new URL("../../agents", import.meta.url)), folder, { recursive: true });
  const file = join(folder, "fleet.yaml");
  await writeFile(file, (await readFile(file, "utf8")).replace("namespace: bots", `namespace: ${fleet.namespace}`));
  const result = await frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
  await rm(folder, { recursive: true });
  return result;
}

test("a definition that is deleted and made again at once takes nothing down, through a restart of the controller, until all is declared again", async () => {
  const before = await settled("held-definition");
  const first = await fleet.control();
  await expect.poll(() => first.operator()?.isIdle, { timeout: 20_000 }).toBe(true);
  await fleet.redefine([DEFINITION]);
  const told = await fleet.until(API, "Fleet", "test", isHeld);
  expect(textAt(told, "status", "removalsHeld", "message")).toMatch(/^ana, bea, caio run without being declared.*frota delete NAME/);
  const events = await fleet.cluster.events({ apiVersion: API, kind: "Fleet", namespace: fleet.namespace, name: "test" });
  expect(events.map(({ reason }) => reason)).toContain("RemovalHeld");
  expect((await run("status")).stdout).toContain("ana, bea, caio run without being declared");
  await first.stop();

  // Some are declared again, as in the midst of `frota apply`; the next controller knows nothing of the first one's day.
  await fleet.declareAgent("ana");
  const second = await fleet.control();
  await fleet.until(API, "Fleet", "test", (object) => textAt(object, "status", "removalsHeld", "message")?.startsWith("bea, caio run without") === true);
  expect(await uids()).toEqual(before);
  expect(second.events.filter((event) => event.type === "acted" && event.action.type === "remove")).toEqual([]);

  await fleet.declareAgent("bea");
  const deleted = await run("delete", "caio", "--yes");
  expect(deleted.stderr).toContain("deleted Deployment caio");
  await fleet.until(API, "Fleet", "test", (object) => stalledOf(object)?.["status"] === "False");
  expect((await uids()).slice(0, 2)).toEqual(before.slice(0, 2));

  await fleet.cluster.delete({ apiVersion: API, kind: "Agent", namespace: fleet.namespace, name: "bea" });
  await fleet.until("apps/v1", "Deployment", "bea", (object) => object === undefined);
  expect(await fleet.get("v1", "PersistentVolumeClaim", "bea-state")).toBeDefined();
});

test("all Agents deleted at once are no wish, and one that is replaced is not missed", async () => {
  const before = await settled("held-all");
  const controller = await fleet.control();
  await expect.poll(() => controller.operator()?.isIdle, { timeout: 20_000 }).toBe(true);
  for (const name of NAMES) await fleet.cluster.delete({ apiVersion: API, kind: "Agent", namespace: fleet.namespace, name });
  const told = await fleet.until(API, "Fleet", "test", isHeld);
  expect(textAt(told, "status", "removalsHeld", "message")).toContain("not one Agent is declared, but 3 run");
  for (const agent of NAMES) await fleet.declareAgent(agent);
  await fleet.until(API, "Fleet", "test", (object) => stalledOf(object)?.["status"] === "False");
  await fleet.cluster.delete({ apiVersion: API, kind: "Agent", namespace: fleet.namespace, name: "ana" });
  await fleet.declareAgent("ana");
  await fleet.until(API, "Agent", "ana", (object) => mapsAt(object, "status", "conditions").some(({ type, status }) => type === "Ready" && status === "True"));
  expect(controller.events.filter((event) => event.type === "acted" && event.action.type === "remove")).toEqual([]);
  expect(await uids()).toEqual(before);
});
