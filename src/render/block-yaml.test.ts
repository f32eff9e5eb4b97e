import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { blockYaml } from "./block-yaml.ts";

const OPTIONS = { lineWidth: 0, aliasDuplicateObjects: false };

/** What YAML writes in a way of its own. */
const odd = fc.constantFrom("", " ", "\n", "\t", "\r", ":", ": ", " #", "#", "- ", "-", "?", "'", '"', "|", ">", "&", "*", "!", "%", "@", "`", "{", "]", ",", "---", "...", "\0", "\uFEFF", "\u2028", "é", "🍊", "a: b");
const text = fc.oneof(
  fc.array(fc.oneof(odd, fc.string({ minLength: 1, maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join("")),
  fc.constantFrom("true", "no", "null", "Null", "~", "0x1f", "1e3", ".inf", "-1", "2026-01-01", "1:30", "key: |", "$(POD)", "a".repeat(90), "word ".repeat(40), "line\n".repeat(4)),
);
const leaf = fc.oneof(text, fc.boolean(), fc.integer(), fc.double({ noNaN: true }), fc.constant(null), fc.constant(undefined));
const { value } = fc.letrec((again) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(again("value").filter((item) => item !== undefined), { maxLength: 3 }), fc.dictionary(text, again("value"), { maxKeys: 4 })),
}));

test("the text is the YAML library's own", () => {
  fc.assert(
    fc.property(fc.dictionary(text, value, { minKeys: 1, maxKeys: 4 }), (map) => {
      fc.pre(Object.values(map).some((item) => item !== undefined));
      expect(blockYaml(map)).toBe(stringify(map, OPTIONS));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["lists in lists", { a: [[], {}, [[1, 2], { b: [{ c: "x", d: ["y"] }] }]] }],
  ["blocks at their depth", { a: { b: [{ c: "one\n\n  two\n" }, "three\nfour", "five\n\n"] } }],
  ["a text that looks like a number", { port: "18789", version: "1.0", mode: "0600" }],
  ["zero", { a: 0, b: -0 }],
])("%s", (_, map) => {
  expect(blockYaml(map)).toBe(stringify(map, OPTIONS));
});
