import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsReady, chat, eventually, fleetReady, kubectl, layoutOf, podOf, podsOf, recordOf } from "./lab.ts";

/** Milliseconds that the model call lasts unless it is woken: longer than the replacement needs on any machine to reach the lock. */
const CALL = 240_000;
const WAITING = "another gateway still runs on this volume";

/** How often the stand-in model has begun to think so long. */
async function longCalls(): Promise<number> {
  const log = await readFile(join(layoutOf().logs, "model-server", "current"), "utf8").catch(() => "");
  return log.split("\n").filter((line) => line.includes(`thinking for ${CALL} ms`)).length;
}

/** Lets the stand-in model answer at once whoever waits for it. */
async function wakeModel(): Promise<void> {
  const { address, port } = (await recordOf()).modelServer;
  await fetch(`http://${address}:${port}/wake`);
}

beforeAll(() => fleetReady(["clovis"]));

/** When the test failed half-way, the first gateway would go on waiting for its call. */
afterAll(wakeModel);

test("a pod deleted during a long model call finishes the call, and its replacement waits until it has exited: never two gateways on one volume", async () => {
  const session = `long-${process.pid}`;
  const first = await podOf("clovis");
  const callsBefore = await longCalls();
  const answer = chat("clovis", session, `Think about it. DELAY=${CALL}`);
  const tooEarly = answer.then((reply) => Promise.reject(new Error(`it answered at once: ${reply}`)));
  const begun = eventually("the model call to begin", 120, async () => ((await longCalls()) > callsBefore ? true : undefined));
  await Promise.race([begun, tooEarly]);
  await kubectl("delete", "pod", first.metadata.name, "--wait=false");

  const second = await eventually("the replacement to wait for the lock", 120, async () => {
    const pod = (await podsOf("clovis")).find(({ metadata }) => metadata.uid !== first.metadata.uid);
    const log = pod && (await kubectl("logs", pod.metadata.name).catch(() => ""));
    return log?.includes(WAITING) ? pod : undefined;
  });
  const others = await podsOf("clovis");
  expect(others.map(({ metadata }) => metadata.uid), "the first gateway still drains").toContain(first.metadata.uid);
  const log = await kubectl("logs", second.metadata.name);
  expect(log.trimEnd().split("\n").at(-1), "nothing of the replacement's runs behind the lock").toContain(WAITING);

  await wakeModel();
  expect(await answer).toContain("Think about it");
  await agentsReady(["clovis"]);
  expect((await podOf("clovis")).metadata.uid).toBe(second.metadata.uid);
  expect(await kubectl("logs", second.metadata.name)).toContain("the volume is free");
  const reply = await chat("clovis", session, "What did I ask?");
  expect(Number(/I remember (\d+) earlier/.exec(reply)?.[1] ?? 0), "the finished turn is in the memory").toBeGreaterThan(0);
});
