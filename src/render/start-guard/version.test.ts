import { expect, test } from "vitest";
import { compareVersions } from "./version.mjs";

/** Each older than the next. */
const ORDER = ["2026.8.31", "2026.9.2-alpha.1", "2026.9.2-beta.2", "2026.9.2-beta.10", "2026.9.2", "2026.9.2-1", "2026.9.2-10", "2026.9.10", "2026.10.1", "2027.1.1"];

test("versions are ordered by number; a word suffix comes before the release, a numeric one after", () => {
  expect(ORDER.toReversed().sort(compareVersions)).toEqual(ORDER);
  for (const [index, version] of ORDER.entries()) expect(ORDER.map((other) => Math.sign(compareVersions(version, other)))).toEqual(ORDER.map((_, at) => Math.sign(index - at)));
});

test("build metadata does not count", () => {
  expect(compareVersions("2026.9.2+abc", "2026.9.2")).toBe(0);
});
