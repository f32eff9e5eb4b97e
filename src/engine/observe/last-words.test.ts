import { expect, test } from "vitest";
import { lastWords } from "./last-words.ts";

test.each([
  ["frota start guard: starting OpenClaw 2026.9.2\nthis image was made to fail\n", "this image was made to fail"],
  ["frota refused to start OpenClaw: the volume is full [VOLUME_FULL]\nnext: raise it\n", "frota refused to start OpenClaw: the volume is full [VOLUME_FULL]\nnext: raise it"],
  ["frota start guard: configuration already as declared\n", undefined],
  [undefined, undefined],
])("of %j people are told %j", (message, told) => {
  expect(lastWords(message)).toBe(told);
});
