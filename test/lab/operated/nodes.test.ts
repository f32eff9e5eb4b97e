import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, expect, test } from "vitest";
import { chat, eventually, kubectl, object, turnService } from "../lab.ts";
import { AGENTS, agentResource, operatedFleet, podUids, settled } from "./operated.ts";

const NODE = "bots-1";
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
const session = `nodes-${process.pid}`;

beforeAll(operatedFleet);

/** Whatever a test left, the node takes agents again. */
afterEach(async () => {
  await turnService("kubelet", "start");
  await kubectl("taint", "nodes", NODE, `${OUT_OF_SERVICE}-`).catch(() => "");
  await kubectl("uncordon", NODE);
  await settled(600);
});

async function unready(): Promise<readonly string[]> {
  const { items } = await object<{ items: { metadata: { name: string }; status: { readyReplicas?: number } }[] }>("deployments");
  return items.filter(({ status }) => (status.readyReplicas ?? 0) === 0).map(({ metadata }) => metadata.name);
}

test("kubectl drain takes one agent and waits for it; the others stay until it is back, and its cause is on record", async () => {
  const before = await podUids();
  const draining = kubectl("drain", NODE, "--pod-selector=app.kubernetes.io/component=agent", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=30s");
  await expect(draining).rejects.toThrow(/drain|evict|timeout/i);
  const [evicted, ...more] = await unready();
  expect(more, "one at a time").toEqual([]);
  expect(evicted).toBeDefined();
  const after = await podUids();
  for (const agent of AGENTS.filter((name) => name !== evicted)) expect(after[agent], `${agent} was not touched`).toBe(before[agent]);

  await kubectl("uncordon", NODE);
  await settled(600);
  expect((await agentResource(evicted ?? "")).status?.restarts?.at(-1)?.cause).toBe("PodReplaced");
});

test("a lost node's agents stay where they are until a person says that it is off; then they start again and remember", async () => {
  await chat("clovis", session, "Before the node was lost");
  const before = await podUids();
  await turnService("kubelet", "stop");
  await kubectl("wait", `node/${NODE}`, "--for=condition=Ready=Unknown", "--timeout=180s");
  await eventually("the controller to see it", 120, async () => ((await agentResource("clovis")).status?.conditions?.some(({ type, status }) => type === "Ready" && status !== "True") ? true : undefined));
  // Long enough for a controller that acts on its own to have acted.
  await delay(5000);
  expect(await podUids(), "nothing was started elsewhere").toEqual(before);

  await kubectl("taint", "nodes", NODE, `${OUT_OF_SERVICE}=nodeshutdown:NoExecute`);
  await eventually("the pods to be replaced", 180, async () => {
    const now = await podUids();
    return AGENTS.every((agent) => now[agent] !== undefined && now[agent] !== before[agent]) ? true : undefined;
  });
  await turnService("kubelet", "start");
  await kubectl("taint", "nodes", NODE, `${OUT_OF_SERVICE}-`);
  await settled(600);
  for (const agent of AGENTS) expect((await agentResource(agent)).status?.restarts?.at(-1)?.cause).toBe("PodReplaced");
  expect(await chat("clovis", session, "After it")).toContain("I remember 1 earlier message");
});
