import * as fc from "fast-check";
import { expect, test } from "vitest";
import { workspaceKeyLength } from "../../spec/rules/workspace.ts";
import { MODES_KEY, workspaceKey, workspacePath } from "./workspace-key.mjs";

test.each([
  ["AGENTS.md", "AGENTS.md"],
  ["memory/day 1.md", "memory_2fday_201.md"],
  ["memória.md", "mem_c3_b3ria.md"],
  [".env.example", "_2eenv.example"],
  ["snake_case", "snake_5fcase"],
])("%s is the key %s", (path, key) => {
  expect(workspaceKey(path)).toBe(key);
  expect(workspacePath(key)).toBe(path);
});

// Not fast-check's own "binary" unit: building it takes seconds.
const character = fc.oneof(fc.string({ minLength: 1, maxLength: 1 }), fc.constantFrom("é", "🍊", "\0", "\uFEFF", "\n", "_", ".", "/"));

test("every path has a valid key of its own, and comes back from it", () => {
  fc.assert(
    fc.property(fc.string({ unit: character, minLength: 1 }), (path) => {
      const key = workspaceKey(path);
      expect(key).toMatch(/^[-_a-zA-Z0-9][-._a-zA-Z0-9]*$/);
      expect(key).not.toBe(MODES_KEY);
      expect(workspacePath(key)).toBe(path);
    }),
  );
});

test("the rule over the repository knows how long every key is", () => {
  fc.assert(fc.property(fc.string({ unit: character, minLength: 1 }), (path) => workspaceKeyLength(path) === workspaceKey(path).length));
});

test.each([MODES_KEY, "..data", "..2026_11_22", "_2F", "_zz", "a/b"])("%s is no file's key", (key) => {
  expect(workspacePath(key)).toBeUndefined();
});
