import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { isNodeRecent, OLDEST_NODE } from "./node-version.ts";

test.each([
  ["24.15.0", true],
  ["24.21.0", true],
  ["25.0.0", true],
  ["24.14.9", false],
  ["22.23.3", false],
  ["9.99.0", false],
])("Node %s: %s", (version, recent) => {
  expect(isNodeRecent(version)).toBe(recent);
});

test("package.json asks npm for the same", () => {
  expect(packageJson.engines.node).toBe(`>=${OLDEST_NODE}`);
});
