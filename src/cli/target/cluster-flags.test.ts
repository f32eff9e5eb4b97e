import { expect, test } from "vitest";
import { parseSeconds } from "./cluster-flags.ts";

test.each([
  ["90s", 90],
  ["15m", 900],
  ["1h", 3600],
  ["1h30m", 5400],
  ["1.5h", 5400],
  ["0.001s", 0.001],
])("%s is a span of time", (text, seconds) => expect(parseSeconds(text)).toBe(seconds));

test.each([
  ["10", "the unit is missing: 10 (write 10s, 10m or 10h)"],
  ["0", "not a time span: 0 (write 90s, 15m or 1h30m)"],
  ["0s", "not a time span: 0s (write 90s, 15m or 1h30m)"],
  ["", "not a time span:  (write 90s, 15m or 1h30m)"],
  ["2d", "not a time span: 2d (write 90s, 15m or 1h30m)"],
  ["30m1h", "not a time span: 30m1h (write 90s, 15m or 1h30m)"],
  ["1.2.3s", "not a time span: 1.2.3s (write 90s, 15m or 1h30m)"],
])("%j is none, and it is said how to write one", (text, said) => expect(() => parseSeconds(text)).toThrow(new RangeError(said)));
