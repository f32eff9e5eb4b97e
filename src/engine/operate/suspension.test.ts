import { expect, test } from "vitest";
import { suspensionReason } from "./suspension.ts";

test.each<[string, boolean, Record<string, string>, string | undefined]>([
  ["nothing", false, {}, undefined],
  ["its own word", true, {}, "suspended by its own specification"],
  ["a person", false, { "frota.dev/suspended": '{"by":"ana","reason":"demo"}' }, "suspended by ana: demo"],
  ["somebody whom nobody can read", false, { "frota.dev/suspended": "yes" }, "suspended by somebody"],
  ["a person without a reason", false, { "frota.dev/suspended": '{"by":"ana"}' }, "suspended by ana"],
])("suspended by %s", (_title, suspend, annotations, expected) => {
  expect(suspensionReason(suspend, annotations)).toBe(expected);
});
