import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { blockYaml, MANIFEST_YAML } from "./block-yaml.ts";

/** Of lines of spaces the library's own text is not read back as it was. */
const BLANK_LINES = " \\n";

/** What YAML writes in a way of its own. */
const odd = fc.constantFrom("", " ", "\n", "\t", "\r", ":", ": ", " #", "#", "- ", "-", "?", "'", '"', "|", ">", "&", "*", "!", "%", "@", "`", "{", "]", ",", "---", "...", "\0", "\uFEFF", "\u2028", "é", "🍊", "a: b");
const text = fc.oneof(
  fc.array(fc.oneof(odd, fc.string({ minLength: 1, maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join("")),
  fc.constantFrom("true", "no", "null", "Null", "~", "yes", "On", "OFF", "y", "N", "e0", "1_000", "0b11", "<<", "=", "0x1f", "1e3", ".inf", "-1", "2026-01-01", "1:30", "key: |", "$(POD)", "a".repeat(90), "word ".repeat(40), "line\n".repeat(4)),
);
const leaf = fc.oneof(text, fc.boolean(), fc.integer(), fc.double({ noNaN: true }), fc.constant(null), fc.constant(undefined));
const { value } = fc.letrec((again) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(again("value").filter((item) => item !== undefined), { maxLength: 3 }), fc.dictionary(text, again("value"), { maxKeys: 4 })),
}));

test("the text is the YAML library's own", () => {
  fc.assert(
    fc.property(fc.dictionary(text, value, { minKeys: 1, maxKeys: 4 }), (map) => {
      fc.pre(Object.values(map).some((item) => item !== undefined) && !JSON.stringify(map).includes(BLANK_LINES));
      expect(blockYaml(map)).toBe(stringify(map, MANIFEST_YAML));
    }),
    { numRuns: 500 },
  );
});

test("who reads YAML 1.1, as kubectl does, reads texts as texts", () => {
  fc.assert(
    fc.property(fc.dictionary(text, text, { minKeys: 1, maxKeys: 4 }), (map) => {
      expect(parse(blockYaml({ a: map, b: Object.values(map) }), { schema: "yaml-1.1", merge: false })).toEqual({ a: map, b: Object.values(map) });
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
  expect(blockYaml(map)).toBe(stringify(map, MANIFEST_YAML));
});
