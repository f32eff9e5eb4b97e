import { describe, expect, test } from "vitest";
import { buildKey, defaultBase, type BuildFile } from "./build-key.ts";

const file = (path: string, text: string, executable = false): BuildFile => ({ path, content: Buffer.from(text), executable });
const files = [file("Dockerfile", "FROM x"), file("check.mjs", "1")];
const key = buildKey(files, { A: "1", B: "2" }, "sha256:base");

describe("buildKey", () => {
  test("does not depend on any order", () => {
    expect(buildKey(files.toReversed(), { B: "2", A: "1" }, "sha256:base")).toBe(key);
  });

  test.each([
    ["a file's content", [file("Dockerfile", "FROM y"), file("check.mjs", "1")], { A: "1", B: "2" }, "sha256:base"],
    ["a file's name", [file("Dockerfile", "FROM x"), file("check2.mjs", "1")], { A: "1", B: "2" }, "sha256:base"],
    ["a file's mode", [file("Dockerfile", "FROM x"), file("check.mjs", "1", true)], { A: "1", B: "2" }, "sha256:base"],
    ["an argument", files, { A: "1", B: "3" }, "sha256:base"],
    ["the base", files, { A: "1", B: "2" }, "sha256:other"],
  ])("changes with %s", (_what, changed, args, base) => {
    expect(buildKey(changed, args, base)).not.toBe(key);
  });
});

test.each([
  ["ARG BASE_IMAGE=node:22-bookworm\nFROM ${BASE_IMAGE}", "node:22-bookworm"],
  ['# x\nARG BASE_IMAGE="node:24-bookworm"\nFROM $BASE_IMAGE', "node:24-bookworm"],
  ["FROM node:22", undefined],
])("the default base of %j is %s", (text, expected) => {
  expect(defaultBase(text)).toBe(expected);
});
