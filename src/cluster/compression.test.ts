import { expect, test } from "vitest";
import { isWorthCompressing } from "./compression.ts";

test.each([
  ["https://127.0.0.1:6443", false],
  ["https://localhost:6443", false],
  ["https://[::1]:6443", false],
  ["https://10.1.2.3:6443", true],
  ["https://0d3c.k8s.ondigitalocean.com", true],
  ["https://localhost.example.com", true],
])("answers of %s come compressed: %s", (server, expected) => {
  expect(isWorthCompressing(server)).toBe(expected);
});
