import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chat, eventually, frota, kubectl, layoutOf } from "../lab.ts";
import { digestOfTag, pushAltered, type Alteration } from "./derived-image.ts";
import { AGENTS, agentResource, backTo, isComplete, operatedFleet, patchFleet, pinnedImages, podUids, rolloutOf, settled, statusText, watchDown } from "./operated.ts";

let good = "";

/** The canary of the committed fleet. */
const CANARY = "clementina";

/** What takes many minutes is for `npm run test:long`; in `npm test` the disasters roll good images out. */
const IS_FULL = process.env["FROTA_TEST_FULL"] === "1";
const FAILURES: readonly Alteration[] = IS_FULL ? ["exits", "dies-later", "never-ready"] : ["exits"];

/** Milliseconds of a model call that is under way while its agent is drained. */
const CALL = 25_000;

beforeAll(async () => {
  await operatedFleet();
  good = await digestOfTag();
  // All are pinned from here on, so that each test sees only its own image move.
  await frota(["image", "refresh"]);
  await settled();
});

/** The next file, and the next run on this lab, find the image that was built. */
afterAll(() => backTo(good));

describe("a broken image", () => {
  test.each(FAILURES)("whose gateway %s: the canary goes back by itself, nobody else notices, and the reason is told", async (alteration) => {
    const before = await podUids();
    const digest = await pushAltered(good, alteration, `${alteration}-${process.pid}`);
    expect((await frota(["image", "refresh"])).code).toBe(0);
    const halted = await eventually("the rollout to halt", 900, async () => {
      const found = await rolloutOf(digest);
      return found?.phase === "Halted" ? found : undefined;
    });
    expect(halted.message).toContain(CANARY);
    await settled(600);

    const restarts = (await agentResource(CANARY)).status?.restarts ?? [];
    expect(restarts.at(-1)?.cause).toBe("Rollback");
    expect(restarts.at(-1)?.detail).toContain("failed on");
    const after = await podUids();
    for (const agent of AGENTS.filter((name) => name !== CANARY)) expect(after[agent], `${agent} was not touched`).toBe(before[agent]);
    for (const image of Object.values(await pinnedImages())) expect(image).not.toContain(digest);
    const text = await statusText();
    expect(text).toContain("Halted");
    expect(text).toMatch(new RegExp(`${CANARY} failed on`));
  });
});

describe.runIf(IS_FULL)("a good image", () => {
  test("reaches all agents one at a time, each drained while a long model call is running: the call finishes", async () => {
    const before = await podUids();
    await patchFleet({ disruption: { quietWait: "10s" } });
    const down = watchDown();
    const calls = AGENTS.map((agent, index) => callUntilReplaced(agent, CALL + index * 1000));
    const replies = Promise.all(calls);
    await Promise.all(AGENTS.map((_agent, index) => modelThinks(CALL + index * 1000)));
    const digest = await pushAltered(good, "good", `good-${process.pid}`);
    expect((await frota(["image", "refresh"])).code).toBe(0);
    for (const reply of await replies) expect(reply).toContain("Think");
    await eventually("all agents on the new image", 900, () => isComplete(digest));
    await settled();
    expect(await down.stop()).toBeLessThanOrEqual(1);
    const after = await podUids();
    for (const agent of AGENTS) expect(after[agent]).not.toBe(before[agent]);
    for (const image of Object.values(await pinnedImages())) expect(image).toContain(digest);
    expect((await frota(["rollout", "status"])).code).toBe(0);
  });

  test("is taken back by frota rollout undo", async () => {
    const now = await digestOfTag();
    expect((await frota(["rollout", "undo"])).code).toBe(0);
    await eventually("all agents to be back", 900, async () => (Object.values(await pinnedImages()).every((image) => !image.includes(now)) ? true : undefined));
    await settled();
    for (const image of Object.values(await pinnedImages())) expect(image).toContain(good);
    expect(await kubectl("get", "controllerrevisions", "-o", "jsonpath={.items[*].metadata.annotations}")).toContain("undone");
  });
});

/**
 * Keeps the agent in one long model call after another, until its pod was replaced during one. That call's answer; throws
 * where a call that was under way was lost. Each has a length of its own, by which the model's log tells it.
 */
async function callUntilReplaced(agent: string, first: number): Promise<string> {
  for (let length = first; ; length += 1) {
    const { [agent]: uid } = await podUids();
    const call = await Promise.allSettled([chat(agent, `rollout-${process.pid}`, `Think. DELAY=${length}`)]);
    const [answer] = call;
    const { [agent]: now } = await podUids();
    // One that came a moment too late was not under way.
    const wasUnderWay = answer.status === "fulfilled" || (await hasThought(length));
    if (wasUnderWay && answer.status === "rejected") throw answer.reason;
    if (answer.status === "fulfilled" && uid !== undefined && now !== uid) return answer.value;
  }
}

/** Waits until the stand-in model has begun to think for so many milliseconds. */
async function modelThinks(length: number): Promise<void> {
  await eventually("the model call to begin", 120, async () => ((await hasThought(length)) ? true : undefined));
}

async function hasThought(length: number): Promise<boolean> {
  return (await readFile(join(layoutOf().logs, "model-server", "current"), "utf8")).includes(`thinking for ${length} ms`);
}
