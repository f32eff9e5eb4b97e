import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEqual, isObject, mergeConfiguration } from "./merge.mjs";
import type { JsonObject } from "./merge.mjs";

const cases: readonly { name: string; base: JsonObject; declared: JsonObject; live: JsonObject; merged: JsonObject; conflicts?: readonly string[] }[] = [
  { name: "a fresh volume takes the declaration", base: {}, declared: { a: { b: 1 } }, live: {}, merged: { a: { b: 1 } } },
  { name: "the agent's own keys survive, at every depth", base: { a: { b: 1 } }, declared: { a: { b: 1 } }, live: { a: { b: 1, own: 2 }, own: [3] }, merged: { a: { b: 1, own: 2 }, own: [3] } },
  { name: "a changed declaration comes through", base: { a: 1 }, declared: { a: 2 }, live: { a: 1 }, merged: { a: 2 } },
  { name: "a declared key that the agent changed is put back", base: { a: 1 }, declared: { a: 1 }, live: { a: 9 }, merged: { a: 1 }, conflicts: ["a: declared-won"] },
  { name: "a declared key that the agent removed is put back", base: { a: { b: 1 } }, declared: { a: { b: 1 } }, live: { a: {} }, merged: { a: { b: 1 } }, conflicts: ["a.b: declared-won"] },
  { name: "a key that left the declaration goes", base: { a: 1, b: { c: 1 } }, declared: {}, live: { a: 1, b: { c: 1 } }, merged: {} },
  { name: "but not if the agent changed it", base: { a: 1 }, declared: {}, live: { a: 2 }, merged: { a: 2 }, conflicts: ["a: agent-kept"] },
  { name: "and not what the agent added beneath it", base: { a: { b: 1 } }, declared: {}, live: { a: { b: 1, own: 2 } }, merged: { a: { own: 2 } } },
  { name: "arrays are taken whole", base: { a: [1] }, declared: { a: [1, 2] }, live: { a: [1, 9] }, merged: { a: [1, 2] }, conflicts: ["a: declared-won"] },
  { name: "agent and declaration agree: no conflict", base: { a: 1 }, declared: { a: 2 }, live: { a: 2 }, merged: { a: 2 } },
  { name: "a declared object replaces the agent's scalar", base: {}, declared: { a: { b: 1 } }, live: { a: "x" }, merged: { a: { b: 1 } }, conflicts: ["a: declared-won"] },
  { name: "an unknown base removes nothing", base: {}, declared: { a: 1 }, live: { a: 1, old: 2 }, merged: { a: 1, old: 2 } },
];

test.each(cases)("$name", ({ base, declared, live, merged, conflicts }) => {
  const result = mergeConfiguration(base, declared, live);
  expect(result.merged).toEqual(merged);
  expect(result.conflicts.map(({ path, resolution }) => `${path.join(".")}: ${resolution}`)).toEqual(conflicts ?? []);
});

test("a key named __proto__ is data", () => {
  const live: JsonObject = JSON.parse('{"__proto__": {"polluted": true}}');
  const { merged } = mergeConfiguration({}, { a: 1 }, live);
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":true},"a":1}');
  expect({}).not.toHaveProperty("polluted");
});

/** Few keys and few values, so that the three sides meet. */
const value = fc.letrec<{ json: unknown; object: JsonObject }>((tie) => ({
  json: fc.oneof({ depthSize: "small", withCrossShrink: true }, fc.constantFrom(null, true, 0, 1, "x"), fc.array(fc.constantFrom(1, 2), { maxLength: 2 }), tie("object")),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("json"), { maxKeys: 4 }),
}));
const sides = fc.tuple(value.object, value.object, value.object);

describe("properties", () => {
  test("merging again with the new base, or after a crash with the old one, changes nothing", () => {
    fc.assert(
      fc.property(sides, ([base, declared, live]) => {
        const { merged } = mergeConfiguration(base, declared, live);
        const again = mergeConfiguration(declared, declared, merged);
        expect(isEqual(again.merged, merged)).toBe(true);
        expect(again.conflicts).toEqual([]);
        expect(isEqual(mergeConfiguration(base, declared, merged).merged, merged)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("declared keys always win", () => {
    fc.assert(
      fc.property(sides, ([base, declared, live]) => {
        expect(contains(mergeConfiguration(base, declared, live).merged, declared)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("what only the agent has survives", () => {
    fc.assert(
      fc.property(sides, ([base, declared, live]) => {
        const { merged } = mergeConfiguration(base, declared, live);
        for (const path of leaves(live)) {
          if (isTouchedBy(path, base) || isTouchedBy(path, declared)) continue;
          expect(isEqual(at(merged, path), at(live, path))).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("nothing of the agent's changes or goes without a conflict or a declaration that says so", () => {
    fc.assert(
      fc.property(sides, ([base, declared, live]) => {
        const { merged, conflicts } = mergeConfiguration(base, declared, live);
        for (const path of leaves(live)) {
          // An empty object says nothing that another object would lose.
          const kept = isEqual(at(merged, path), at(live, path)) || (isObject(at(live, path)) && isObject(at(merged, path)));
          const told = conflicts.some((conflict) => conflict.path.every((key, index) => path[index] === key));
          const unchanged = path.some((_, index) => isEqual(at(live, path.slice(0, index + 1)), at(base, path.slice(0, index + 1))));
          expect(kept || told || unchanged).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("declaring and undeclaring on top of any configuration leaves only what differs from the declaration", () => {
    fc.assert(
      fc.property(value.object, value.object, (declared, live) => {
        const { merged } = mergeConfiguration({}, declared, live);
        const after = mergeConfiguration(declared, {}, merged).merged;
        for (const path of leaves(declared)) {
          const declaredValue = at(declared, path);
          if (isObject(declaredValue)) continue;
          expect(at(after, path)).toBeUndefined();
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function contains(whole: unknown, part: unknown): boolean {
  if (!isObject(part)) return isEqual(whole, part);
  return isObject(whole) && Object.keys(part).every((key) => Object.hasOwn(whole, key) && contains(whole[key], part[key]));
}

/** Paths of everything that is not a non-empty object. */
function leaves(object: JsonObject): string[][] {
  return Object.keys(object).flatMap((key) => {
    const child = object[key];
    return isObject(child) && Object.keys(child).length > 0 ? leaves(child).map((path) => [key].concat(path)) : [[key]];
  });
}

function at(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value_, key) => (isObject(value_) && Object.hasOwn(value_, key) ? value_[key] : undefined), object);
}

/** Whether `object` says anything at the path, above it (not an object) or beneath it. */
function isTouchedBy(path: readonly string[], object: JsonObject): boolean {
  return path.some((_, index) => {
    const found = at(object, path.slice(0, index + 1));
    return found !== undefined && (!isObject(found) || index === path.length - 1);
  });
}
