import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { LogLine } from "./log-line.ts";
import { LogPosition } from "./log-position.ts";

const START = Date.parse("2026-11-23T09:00:00Z");

function lineAt(milliseconds: number, text: string): LogLine {
  return { at: new Date(START + milliseconds).toISOString().replace("Z", "000000Z"), text };
}

/** What the API server gives when it is asked for lines since a time: it takes whole seconds. */
function readFrom(log: readonly LogLine[], since: string | undefined): readonly LogLine[] {
  return since === undefined ? log : log.filter(({ at }) => Date.parse(at) >= Date.parse(since));
}

test("a log that is cut at any place, any number of times, is taken whole and once", () => {
  // Lines a moment apart, each written up to a second later than its time says; many look alike.
  const lines = fc.array(fc.record({ gap: fc.constantFrom(0, 0, 1, 400, 3_000), late: fc.nat(999), text: fc.constantFrom("a", "b") }), { maxLength: 60 });
  fc.assert(
    fc.property(lines, fc.array(fc.nat(60), { maxLength: 8 }), (given, cuts) => {
      let time = 0;
      const log = given.map(({ gap, late, text }) => lineAt((time += gap) - late + 1_000, text));
      const position = new LogPosition();
      const taken: LogLine[] = [];
      // Each reading sees as much as was written by then.
      for (const end of [...cuts.toSorted((one, other) => one - other), log.length]) {
        const { since } = position;
        position.begin();
        for (const line of readFrom(log.slice(0, end), since)) if (position.take(line)) taken.push(line);
      }
      expect(taken).toEqual(log);
    }),
    { numRuns: 500 },
  );
});

test("it goes on from whole seconds, and from the start where nothing was read", () => {
  const position = new LogPosition();
  expect(position.since).toBeUndefined();
  position.take(lineAt(5_900, "x"));
  expect(position.since).toBe("2026-11-23T09:00:03.000Z");
});

test("what was there before the first line that is wanted does not come when the log is read again", () => {
  const [before, first, next] = [lineAt(5_000, "before"), lineAt(5_001, "first"), lineAt(5_002, "next")];
  const position = new LogPosition();
  position.take(first);
  position.startAt(first);
  position.begin();
  expect([before, first, next].filter((line) => position.take(line))).toEqual([next]);
});

test("what the kubelet says itself has no place in the log, and is always told", () => {
  const position = new LogPosition();
  expect([position.take({ at: "", text: "rotated" }), position.take({ at: "", text: "rotated" }), position.since]).toEqual([true, true, undefined]);
});
