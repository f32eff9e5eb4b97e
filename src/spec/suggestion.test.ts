import * as fc from "fast-check";
import { expect, test } from "vitest";
import { closestName, editDistance, suggestName } from "./suggestion.ts";

test.each([
  ["storage", "storage", 0],
  ["storge", "storage", 1],
  ["sotrage", "storage", 1],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
])("from %s to %s: %i edits", (left, right, expected) => {
  expect(editDistance(left, right)).toBe(expected);
});

test("the distance is symmetric, zero only for equal names, and at most the longer one's length", () => {
  const name = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(name, name, (left, right) => {
      const distance = editDistance(left, right);
      expect(distance).toBe(editDistance(right, left));
      expect(distance === 0).toBe(left === right);
      expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
    }),
  );
});

test("only a near name is suggested, case aside", () => {
  expect(closestName("nodepool", ["nodePool", "image"])).toBe("nodePool");
  expect(closestName("zebra", ["nodePool", "image"])).toBeUndefined();
  expect(suggestName("zebra", ["a", "b"])).toBe("allowed here: `a`, `b`");
});
