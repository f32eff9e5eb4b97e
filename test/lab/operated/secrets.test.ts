import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { frota, processEnvironment } from "../lab.ts";
import { agentResource, operatedFleet, patchFleet, podUids, settled, watchDown } from "./operated.ts";

const value = () => `rotated-${randomBytes(8).toString("hex")}`;

/** How many restarts for a secret the agent has on record. */
async function causes(agent: string): Promise<number> {
  return (await agentResource(agent)).status?.restarts?.filter(({ cause }) => cause === "Secret").length ?? 0;
}

/** Seconds in which changes of a secret are one restart: room for three commands, one after the other, on a busy machine. */
const WINDOW = 30;

beforeAll(async () => {
  await operatedFleet();
  await patchFleet({ disruption: { coalesceWindow: `${WINDOW}s` } });
});

test("three secrets changed within the window: one restart for each affected agent, never two down, and the processes have the new values", async () => {
  const [github, linear, gemini] = [value(), value(), value()];
  const before = await podUids();
  const down = watchDown();
  const counts = { clovis: await causes("clovis"), roberval: await causes("roberval") };
  const began = performance.now();
  const writes: [string, string, string][] = [["clovis", "GITHUB_TOKEN", github], ["clovis", "LINEAR_API_KEY", linear], ["roberval", "GEMINI_API_KEY", gemini]];
  for (const [agent, key, input] of writes) {
    const { code, stderr } = await frota(["secrets", "set", agent, key], { input });
    expect(code, stderr).toBe(0);
  }
  const wrote = performance.now() - began;
  await expect.poll(async () => (await causes("clovis")) > counts.clovis && (await causes("roberval")) > counts.roberval, { timeout: 600_000, interval: 1000 }).toBe(true);
  await settled();
  expect(await down.stop()).toBeLessThanOrEqual(1);

  expect(wrote, "the three writes were meant to come in one window").toBeLessThan(WINDOW * 1000);
  expect(await causes("clovis")).toBe(counts.clovis + 1);
  expect(await causes("roberval")).toBe(counts.roberval + 1);
  expect(await processEnvironment("clovis")).toMatchObject({ GITHUB_TOKEN: github, LINEAR_API_KEY: linear });
  expect(await processEnvironment("roberval")).toMatchObject({ GEMINI_API_KEY: gemini });
  expect((await podUids())["clementina"]).toBe(before["clementina"]);
  const { code, stdout } = await frota(["secrets", "status", "clovis", "roberval"]);
  expect(code, stdout).toBe(0);
});
