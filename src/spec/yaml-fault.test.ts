import { expect, test } from "vitest";
import { parseYaml } from "./yaml-document.ts";

const HEAD = "metadata:\n  name: ana\n  labels:\n    team: a\nspec:\n  storage:\n    size: 10Gi\n  env:\n    A: one\n    B: two\n";

test.each<[string, string, string, RegExp]>([
  ["a key one too far right, after a key with a value", "  labels:", "   labels:", /^3:4 the line is deeper than the key above it, which has a value already$/],
  ["the same, last of its map", "    B:", "     B:", /^10:6 the line is deeper than/],
  ["what is nested under a value", "  storage:", "  storage: big", /^7:5 the line is deeper than/],
  ["a key one too far left", "    B:", "   B:", /^10:4 the line begins at column 4, .*: line 9 begins at column 5, line 8 at column 3$/],
  ["the first key of a map one too far right", "  storage:", "   storage:", /^8:3 the line begins at column 3, .*: line 6 begins at column 4, line 5 at column 1$/],
  ["the file's first key", "metadata:", " metadata:", /^5:1 the line begins at column 1, .*: line 1 begins at column 2$/],
  ["a comment above the line that is wrong", "    B:", "  # note\n   B:", /^11:4 the line begins at column 4/],
  ["a tab", "    B:", "\tB:", /^10:1 tabs are not allowed as indentation$/],
  ["tabs for all of it", "    size:", "\t\tsize:", /^7:1 tabs are not allowed as indentation$/],
  ["a map's colon missing", "  env:", "  env", /^8:3 the line is no `key: value`$/],
  ["a value's colon missing", "    A:", "    A", /^9:5 the line is no `key: value`$/],
  ["the last line's colon missing", "    B:", "    B", /^10:5 the line is no `key: value`$/],
  ["the space behind a colon missing", "    A: one", "    A:one", /^9:5 the line is no `key: value`$/],
  ["an item among keys", "    A: one", "    - A: one", /^10:5 items \(`- `\) and keys are mixed/],
  ["a colon in a value", "A: one", "A: note: one", /^9:8 a second `: ` is in the same line$/],
  ["a quote that is not closed", "A: one", 'A: "one', /^9:8 the quote that opens here is not closed$/],
  ["a brace that is not closed", "  storage:\n    size: 10Gi", "  storage: {size: 10Gi", /^6:12 the bracket that opens here is not closed$/],
  ["a bracket that is not closed", "A: one", "A: [one", /^9:8 the bracket that opens here is not closed$/],
  ["a bracket around closed ones", "A: one", "A: [[one], [two]", /^9:8 the bracket/],
  ["a quote after closed ones", "A: one", "A: ['one', 'two]", /^9:16 the quote/],
  ["a quote within quotes", "A: one", "A: 'it's one'", /^9:12 something stands behind the end of a value$/],
  ["a value that begins with @", "A: one", "A: @one", /^9:8 no value may begin with this character$/],
  ["a merge conflict", "    A: one\n", "<<<<<<< HEAD\n    A: one\n=======\n    A: two\n>>>>>>> other\n", /^9:1 a merge conflict of Git is left in the file$/],
])("%s is told once, at the line that is wrong", (_title, right, wrong, expected) => {
  const text = HEAD.replace(right, wrong);
  expect(text).not.toBe(HEAD);
  for (const end of ["\n", "\r\n"]) {
    const told = parseYaml("f.yaml", text.replaceAll("\n", end)).diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
    expect(told).toEqual([expect.stringMatching(expected)]);
  }
});

test("tabs of several lines and keys that are given twice are all told", () => {
  expect(parseYaml("f.yaml", "a:\n\tb: 1\nc:\n\td: 1\n").diagnostics.map(({ line }) => line)).toEqual([2, 4]);
  expect(parseYaml("f.yaml", "a: 1\na: 2\na: 3\n").diagnostics.map(({ line }) => line)).toEqual([2, 3]);
});
