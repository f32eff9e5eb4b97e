import { beforeAll, describe, expect, test } from "vitest";
import { agentsReady, chat, eventually, fleetReady, kubectl, type Pod, podOf, podsOf } from "./lab.ts";

const session = `memory-${process.pid}`;
/** A message sent again after an interrupted run counts twice: at least so many, never fewer. */
const earlierMessages = (reply: string) => Number(/I remember (\d+) earlier/.exec(reply)?.[1] ?? 0);
const restarts = (pod: Pod) => pod.status.containerStatuses?.[0]?.restartCount ?? 0;

beforeAll(() => fleetReady(["clovis"]));

describe("an agent's memory", () => {
  test("frota chat answers, which needs gateway, token, model and port-forward", async () => {
    const reply = await chat("clovis", session, "The harvest begins on the ninth of May");
    expect(reply).toContain('You said: "');
    expect(reply).toContain("The harvest begins on the ninth of May");
    expect(earlierMessages(reply)).toBe(0);
  });

  test("survives the deletion of the pod, because it is on the volume: the model is sent the earlier turn again", async () => {
    const before = await podOf("clovis");
    await kubectl("delete", "pod", before.metadata.name);
    await agentsReady(["clovis"]);
    expect((await podOf("clovis")).metadata.uid).not.toBe(before.metadata.uid);
    const reply = await chat("clovis", session, "When does the harvest begin?");
    expect(earlierMessages(reply)).toBe(1);
    expect(reply).toContain("ninth of May");
  });

  test("survives SIGKILL of the gateway, after which the same pod serves again", async () => {
    const before = await podOf("clovis");
    // PID 1 of the container is beyond signals from inside it; its child, the gateway, is not.
    await kubectl("exec", before.metadata.name, "--", "sh", "-c", "kill -KILL $(cat /proc/1/task/1/children)").catch(() => undefined);
    await eventually("the container to be started again and Ready", 300, async () => {
      const [pod] = await podsOf("clovis");
      return pod && restarts(pod) > restarts(before) && pod.status.containerStatuses?.[0]?.ready ? true : undefined;
    });
    const reply = await chat("clovis", session, "And once more?");
    expect(earlierMessages(reply)).toBe(2);
  });
});
