import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { codeUses } from "../../scripts/reference/codes.ts";
import { CATALOG, explainedCodes } from "../../src/spec/catalog/catalog.ts";
import { ROOT } from "./documents.ts";

const uses = codeUses(ROOT);
const explained = explainedCodes();

/** Where the message itself says what is allowed, there is no more to say at that place. */
const SAYS_IT_ITSELF = new Set(["spec/schema-issues.ts"]);
/** The controller's own: an action that failed in a way that nobody foresaw is tried again by itself. */
const TRIED_AGAIN = "UNEXPECTED";

describe("the catalog of codes", () => {
  test("has every code of the source, and no other", () => {
    const used = new Set(uses.map(({ code }) => code));
    const known = explained.map(({ code }) => code);
    expect({ unexplained: [...used].filter((code) => !known.includes(code)), unused: known.filter((code) => !used.has(code)) }).toEqual({ unexplained: [], unused: [] });
  });

  test("has each code once", () => {
    expect(explained.length).toBe(new Set(explained.map(({ code }) => code)).size);
    expect(CATALOG.flatMap(({ codes }) => Object.keys(codes)).length).toBe(explained.length);
  });

  test("gives each a cause and a remedy, in whole sentences", () => {
    const poor = explained.filter(({ cause, remedy }) => ![cause, remedy].every((text) => text.length >= 12 && text.endsWith(".") && !text.includes("\n")));
    expect(poor.map(({ code }) => code)).toEqual([]);
  });

  test("names only pages that are there", () => {
    const named = explained.flatMap(({ cause, remedy }) => [...`${cause} ${remedy}`.matchAll(/docs\/[\w/-]+\.md/g)].map(([path]) => path));
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

test("every error, finding and refusal says at its place what to do next", () => {
  const silent = uses.filter(({ code, file, next }) => next === "" && !SAYS_IT_ITSELF.has(file) && code !== TRIED_AGAIN);
  expect(silent.map(({ code, file }) => `${code} in src/${file}`)).toEqual([]);
});
