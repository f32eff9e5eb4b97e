import { expect, test } from "vitest";
import type { Cluster } from "../../../cluster/cluster.ts";
import { Announcer } from "./announce.ts";

const SUBJECT = { apiVersion: "frota.dev/v1alpha1", kind: "Agent", name: "clovis", namespace: "bots", uid: "1" };

/** An announcer on a clock of its own, and what it writes. */
function recorded() {
  const writes: string[] = [];
  let time = 1_000_000;
  const cluster = {
    create: ({ message }: { message?: string }) => Promise.resolve(void writes.push(`new ${message ?? ""}`)),
    mergePatch: (_reference: unknown, { count }: { count: number }) => Promise.resolve(void writes.push(`count ${count}`)),
  };
  const announcer = new Announcer(cluster as unknown as Cluster, "test", () => time);
  const say = (message: string) => announcer.announce(SUBJECT, { type: "announce", severity: "Normal", reason: "Reason", message });
  return { writes, say, pass: (milliseconds: number) => (time += milliseconds) };
}

test("the same words are one Event, counted up now and then", async () => {
  const { writes, say, pass } = recorded();
  for (let i = 0; i < 5; i++) await say("a");
  expect(writes).toEqual(["new a"]);
  pass(61_000);
  await say("a");
  expect(writes).toEqual(["new a", "count 6"]);
  pass(3_600_000);
  await say("a");
  expect(writes).toEqual(["new a", "count 6", "new a"]);
});

test("about one subject no more is written than the API server should bear", async () => {
  const { writes, say, pass } = recorded();
  for (let i = 0; i < 100; i++) await say(`${i}`);
  expect(writes).toHaveLength(25);
  pass(20_000);
  for (let i = 0; i < 10; i++) await say(`later ${i}`);
  expect(writes).toHaveLength(27);
});
