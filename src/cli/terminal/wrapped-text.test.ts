import { describe, expect, test } from "vitest";
import type { Output } from "../context.ts";
import { wrapParagraph, wrapText } from "./wrapped-text.ts";

const file: Output = { write: () => undefined };
const terminal: Output = { write: () => undefined, isTTY: true, columns: 16 };

test("wrapText breaks between words only; what takes no columns counts for none", () => {
  expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapText("a-very-long-word and", 4, "  ")).toEqual(["a-very-long-word", "  and"]);
  expect(wrapText("run `a b c`, then `d`", 8)).toEqual(["run", "`a b c`,", "then `d`"]);
  expect(wrapText("Clo\u0301vis ri", 9)).toEqual(["Clo\u0301vis ri"]);
});

describe("wrapParagraph", () => {
  test("breaks between words on a terminal, and keeps the margin", () => {
    expect(wrapParagraph("one two three four", terminal)).toBe("one two three\n  four\n");
    expect(wrapParagraph("  next: do this now", terminal)).toBe("  next: do this\n    now\n");
    expect(wrapParagraph("  a-very-long-word-of-its-own and", terminal)).toBe("  a-very-long-word-of-its-own\n    and\n");
    expect(wrapParagraph("one two three four", file)).toBe("one two three four\n");
  });
});
