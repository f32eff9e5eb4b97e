import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EventTally } from "./event-tally.ts";
import type { FleetEvent } from "./fleet-event.ts";

const START = Date.parse("2026-11-23T09:00:00Z");

function event(count: number, seconds: number, what = "its readiness probe failed"): FleetEvent {
  const [first, time] = [new Date(START).toISOString(), new Date(START + seconds * 1000).toISOString()];
  return { time, first, count, agent: "clovis", object: "Pod/clovis-1-1", severity: "Warning", reason: "Unhealthy", message: what, what };
}

test("what goes on is told when it is new, and when there is ten times as much of it", () => {
  const tally = new EventTally();
  const told = Array.from({ length: 120 }, (_, index) => tally.take("one", event(index + 1, index))?.count);
  expect(told.filter((count) => count !== undefined)).toEqual([1, 10, 100]);
});

test("the same thing is news again after ten quiet minutes, or on another object", () => {
  const tally = new EventTally();
  const counts = [tally.take("one", event(1, 0)), tally.take("one", event(2, 500)), tally.take("one", event(3, 1101)), tally.take("two", { ...event(1, 1102), object: "Pod/clovis-2-2" })];
  expect(counts.map((told) => told?.count)).toEqual([1, undefined, 3, 1]);
});

test("what a relist brings again is not told again, and what it brings of news is", () => {
  const tally = new EventTally();
  expect(tally.summarize([["one", event(4, 10)], ["two", event(1, 5, "its container started")]]).map(({ what, count }) => `${what} ${count}`)).toEqual([
    "its container started 1",
    "its readiness probe failed 4",
  ]);
  expect([tally.take("one", event(4, 10)), tally.take("two", event(1, 5, "its container started"))]).toEqual([undefined, undefined]);
  expect(tally.take("three", event(1, 12, "its pod was placed on node bots-1"))).toMatchObject({ count: 1 });
});

test("several Events of the same thing are one, with all their occurrences", () => {
  const summary = new EventTally().summarize([["one", event(4, 10)], ["two", event(3, 30)], ["three", event(2, 20)]]);
  expect(summary).toEqual([event(9, 30)]);
});

test("however an Event grows, the last that is told never counts more than happened", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { minLength: 1 }), (counts) => {
      const tally = new EventTally();
      const told = counts.flatMap((count, index) => tally.take("one", event(count, index))?.count ?? []);
      expect(told).toEqual(told.toSorted((one, other) => one - other));
      expect(Math.max(0, ...told)).toBeLessThanOrEqual(Math.max(...counts));
    }),
  );
});
