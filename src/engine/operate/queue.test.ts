import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WorkQueue, type Handled } from "./queue.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A queue that logs what it handles, each name taking `takes` milliseconds. */
function logged(takes = 0, rest: { workers?: number; answer?: (key: string) => Handled; isUrgent?: (key: string) => boolean } = {}) {
  const log: string[] = [];
  const running = new Map<string, number>();
  let most = 0;
  const queue = new WorkQueue({
    workers: rest.workers ?? 2,
    random: () => 1,
    ...(rest.isUrgent && { isUrgent: rest.isUrgent }),
    async handle(key) {
      running.set(key, (running.get(key) ?? 0) + 1);
      most = Math.max(most, [...running.values()].reduce((sum, count) => sum + count, 0));
      expect(running.get(key)).toBe(1);
      log.push(key);
      if (takes > 0) await new Promise((resolve) => void setTimeout(resolve, takes));
      running.set(key, 0);
      return rest.answer?.(key) ?? {};
    },
  });
  return { queue, log, most: () => most };
}

test("a name that is marked many times is handled once; marked while it runs, once more, never twice at a time", async () => {
  const { queue, log, most } = logged(10);
  for (let i = 0; i < 5; i++) queue.add("a");
  await vi.advanceTimersByTimeAsync(5);
  for (let i = 0; i < 5; i++) queue.add("a");
  await vi.advanceTimersByTimeAsync(100);
  expect(log).toEqual(["a", "a"]);
  expect(most()).toBe(1);
});

test("names are handled in the order of their coming, as many at once as there are workers", async () => {
  const { queue, log, most } = logged(10);
  for (const key of ["a", "b", "c", "d", "c", "a"]) queue.add(key);
  await vi.advanceTimersByTimeAsync(100);
  // `a` was marked again while it ran; `c` while it waited.
  expect(log).toEqual(["a", "b", "c", "d", "a"]);
  expect(most()).toBe(2);
});

test("urgent names go before others, which still get one start in four", async () => {
  const { queue, log } = logged(10, { workers: 1, isUrgent: (key) => key.startsWith("u") });
  for (const key of ["a", "b", "c", "d", "u1", "u2", "u3", "u4", "u5"]) queue.add(key);
  await vi.advanceTimersByTimeAsync(200);
  expect(log).toEqual(["a", "u1", "u2", "u3", "b", "u4", "u5", "c", "d"]);
});

test("who becomes urgent while waiting goes before others as soon as that is marked", async () => {
  let urgent = "";
  const { queue, log } = logged(10, { workers: 1, isUrgent: (key) => key === urgent });
  for (const key of ["a", "b", "c", "d"]) queue.add(key);
  urgent = "d";
  queue.addAfter("d", 1000);
  expect(queue.depth).toBe(3);
  await vi.advanceTimersByTimeAsync(200);
  expect(log).toEqual(["a", "d", "b", "c"]);
});

test("of several delays the earliest wins, and marking does not wait for it", async () => {
  const { queue, log } = logged();
  queue.addAfter("a", 1000);
  queue.addAfter("a", 500);
  queue.addAfter("a", 2000);
  queue.addAfter("b", 500);
  queue.add("b");
  await vi.advanceTimersByTimeAsync(499);
  expect(log).toEqual(["b"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(log).toEqual(["b", "a"]);
});

test("what a handler asks for again comes again", async () => {
  let left = 2;
  const { queue, log } = logged(0, { answer: () => (left-- > 0 ? { again: 1000 } : {}) });
  queue.add("a");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(log).toEqual(["a", "a", "a"]);
});

test("failures are tried again, later each time, until one succeeds", async () => {
  const at: number[] = [];
  const waits: number[] = [];
  let failing = true;
  const began = performance.now();
  const queue = new WorkQueue({
    random: () => 1,
    handle: () => {
      at.push(Math.round(performance.now() - began));
      return failing ? Promise.reject(new Error("no")) : Promise.resolve({});
    },
    onFailure: (_key, _error, retryIn) => waits.push(retryIn),
  });
  queue.add("a");
  await vi.advanceTimersByTimeAsync(1000);
  expect(at).toEqual([0, 250, 750]);
  failing = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(at).toEqual([0, 250, 750, 1750]);
  expect(waits).toEqual([250, 500, 1000]);
  failing = true;
  queue.add("a");
  await vi.advanceTimersByTimeAsync(1);
  expect(waits.at(-1)).toBe(250);
});

test("a name that is marked all the time is slowed down, and others do not wait for it", async () => {
  const { queue, log } = logged(1, { workers: 1 });
  for (let i = 0; i < 5000; i++) {
    queue.add("noisy");
    if (i % 1000 === 0) queue.add("quiet");
    await vi.advanceTimersByTimeAsync(2);
  }
  expect(log.filter((key) => key === "quiet")).toHaveLength(5);
  const noisy = log.filter((key) => key === "noisy").length;
  expect(noisy).toBeGreaterThan(30);
  expect(noisy).toBeLessThan(50);
});

test("stopping ends what runs, takes up nothing, and forgetting drops what waits", async () => {
  const { queue, log } = logged(10, { workers: 1 });
  for (const key of ["a", "b", "c"]) queue.add(key);
  queue.forget("b");
  queue.addAfter("d", 5);
  const stopped = queue.stop();
  queue.add("e");
  await vi.advanceTimersByTimeAsync(100);
  await stopped;
  expect(log).toEqual(["a"]);
});
