import { beforeAll, describe, expect, test } from "vitest";
import { agentsReady, chat, fleetReady, mustRun, object, START, TEST_LAB } from "./lab.ts";
import { corruptEtcd, cutPower } from "./disasters.ts";
import { footprintOf, tracesOf } from "./traces.ts";

const session = `reboot-${process.pid}`;

async function volumes(): Promise<readonly string[]> {
  const { items } = await object<{ items: { metadata: { name: string; uid: string } }[] }>("pvc");
  return items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).sort();
}

beforeAll(() => fleetReady());

describe("what the machine does to the fleet", () => {
  test("after a reboot, frota start finds everything again: the agents remember", async () => {
    await chat("clovis", session, "The boat is called Esperança");
    const before = await volumes();
    await cutPower(TEST_LAB);
    await mustRun(START);
    await agentsReady();
    expect(await volumes()).toEqual(before);
    const reply = await chat("clovis", session, "What is the boat called?");
    expect(reply).toContain("I remember 1 earlier message");
    expect(reply).toContain("Esperança");
  });

  test("lab down ends the agents too and leaves nothing of them on the machine", async () => {
    const footprint = await footprintOf(TEST_LAB);
    expect((await tracesOf(footprint)).filter((line) => line.startsWith("loop"))).toHaveLength(3);
    await mustRun(["lab", "down"]);
    await expect.poll(() => tracesOf(footprint), { timeout: 30_000 }).toEqual([]);
  });

  test("an etcd that cannot be read is made again from agents/ onto the existing volumes: the agents remember", async () => {
    await corruptEtcd(TEST_LAB);
    const said = await mustRun(START);
    expect(said).toContain("etcd was unreadable");
    await agentsReady();
    const reply = await chat("clovis", session, "And now, what is it called?");
    expect(reply).toContain("I remember 2 earlier messages");
    expect(reply).toContain("Esperança");
  });
});
