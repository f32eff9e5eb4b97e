import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, inject, test } from "vitest";
import { valueAt } from "../../src/spec/plain-data.ts";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";

let fleet: OperatedFleet;

afterEach(() => fleet.end());

/** Longer than the test may take: who waits for it fails. */
const PATIENCE = ["--timeout", "10m"];

async function editEnvironment(folder: string, GREETING: string): Promise<void> {
  await writeFile(join(folder, "ana", "agent.yaml"), JSON.stringify({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "ana" }, spec: { env: { GREETING } } }));
}

test("what a freeze or a suspension holds is told at once, with an exit code of its own; afterwards the same command succeeds", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "held-apply");
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  await fleet.control();
  const folder = await fleet.writeFiles({ ana: {} });
  const run = (...args: string[]) => frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
  const templateOf = async () => valueAt(await fleet.deployment("ana"), ["spec", "template"]);
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0, stderr: expect.stringContaining("1 unchanged") });
  const before = await templateOf();

  expect(await run("freeze", "--for", "1h", "--reason", "release day")).toMatchObject({ code: 0 });
  await editEnvironment(folder, "hello");
  const frozen = await run("apply", ...PATIENCE);
  expect(frozen).toMatchObject({ code: 8, stderr: expect.stringMatching(/AGENTS_HELD[^]*ana: it waits for a restart: Template; frozen until .*release day[^]*frota freeze --end/) });
  expect(await run("restart", "ana")).toMatchObject({ code: 8, stderr: expect.stringMatching(/AGENTS_HELD[^]*frozen until/) });
  expect(await templateOf()).toEqual(before);

  expect(await run("freeze", "--end")).toMatchObject({ code: 0 });
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0 });
  const after = await templateOf();
  expect(JSON.stringify(after)).toContain('"hello"');

  expect(await run("suspend", "ana", "--reason", "debugging")).toMatchObject({ code: 0 });
  await editEnvironment(folder, "goodbye");
  const suspended = await run("apply", ...PATIENCE);
  expect(suspended).toMatchObject({ code: 8, stderr: expect.stringMatching(/AGENTS_HELD[^]*ana: suspended by .*debugging[^]*frota resume ana/) });
  expect(await templateOf()).toEqual(after);
  expect(await run("resume", "ana")).toMatchObject({ code: 0 });
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0 });
  expect(JSON.stringify(await templateOf())).toContain('"goodbye"');

  expect(await run("rollout", "pause")).toMatchObject({ code: 0 });
  fleet.push("second");
  await fleet.until("frota.dev/v1alpha1", "Fleet", "test", (object) => valueAt(object, ["status", "rollouts", 0, "phase"]) === "Paused");
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0, stderr: expect.stringMatching(/image latest does not roll out further: paused by/) });
});
