import { expect, test } from "vitest";
import { painter } from "./paint.ts";

const write = () => undefined;

test("a terminal gets colors", () => {
  expect(painter({ write, isTTY: true }, { TERM: "xterm" })("red", "no")).toBe("\u001b[31mno\u001b[39m");
});

test.each([
  ["a pipe", false, {}],
  ["NO_COLOR", true, { NO_COLOR: "1" }],
  ["a terminal without colors", true, { TERM: "dumb" }],
])("%s gets the text as it is", (_title, isTTY, env) => {
  expect(painter({ write, isTTY }, env)("red", "no")).toBe("no");
});
