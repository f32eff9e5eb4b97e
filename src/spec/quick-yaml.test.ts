import * as fc from "fast-check";
import { expect, test } from "vitest";
import { quickYaml } from "./quick-yaml.ts";
import { parseWithPlaces, parseYaml } from "./yaml-document.ts";
import type { YamlDocument } from "./yaml-document.ts";

const AGENT = "# Clóvis\napiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata:\n  name: clovis\nspec:\n  env: {TEAM: \"a: b\"}\n  secrets:\n    required:\n      - KEY\n  openclaw:\n    note: |\n      two\n      lines\n";

test.each([
  ["an agent as people write it", AGENT],
  ["after the mark of a document's beginning", `---\n${AGENT}`],
  ["as JSON", '{"kind":"Agent","metadata":{"name":"a"},"spec":{"env":{"A":"\\u00e9\\n"}}}'],
])("reads %s as the library with places does", (_title, text) => {
  expect(quickYaml(text)).toEqual(parseWithPlaces("f.yaml", text).document?.data);
  expect(quickYaml(text)).toBeDefined();
});

test.each([
  ["a fault", "a: [1\n"],
  ["a duplicate key", "a: 1\nb: 2\na: 3\n"],
  ["two documents", "a: 1\n---\nb: 1\n"],
  ["an alias", "a: &x 1\nb: *x\n"],
  ["a tag", "a: !!str 1\n"],
  ["a key that is no text", "1: a\n"],
  ["a key that maps have of themselves", "__proto__: {a: 1}\n"],
  ["a tab", "a:\tb\n"],
  ["Windows line ends", "a: b\r\n"],
  ["a list", "- a\n"],
  ["nothing", ""],
])("leaves %s to the library with places", (_title, text) => {
  expect(quickYaml(text)).toBeUndefined();
});

const scalar = fc.constantFrom("a", "b c", "null", "~", "True", "no", "0x1F", "0o17", "017", "1_000", "-0", ".5", "1.", "1e3", "1e999", "1e+05", ".inf", "-.INF", ".nan", "12345678901234567890", "2001-12-14", "é", "🍊", "'it''s'", '"q\\n\\u00e9"', '"a\n  b"', "|", ">-", "|+", "|2", "[a, b]", "{a: 1}", "[a: 1]", "[,]", "a#b", "a #b", "a:b", "a: b", "-", "--", "---", "...", "? a", "<<", "@", "%", "&x", "*x", "!t", "");
const piece = fc.constantFrom("a", "b: ", "'c': ", '"d":', "- ", "-", "  ", "    ", "\n", "\n  ", "\n    ", "\n\n", "# note\n", ":", ",", "{", "}", "[", "]", '"', "'", "|\n", ">\n");
const line = fc.tuple(fc.constantFrom("", "  ", "    ", "- ", "  - "), fc.constantFrom("a:", "b: ", "'c': ", "d: ", "e:", ""), scalar, fc.constantFrom("\n", "\n", "\n\n", " ")).map((parts) => parts.join(""));
const text = fc.oneof(
  fc.array(line, { maxLength: 10 }).map((lines) => lines.join("")),
  fc.array(fc.oneof(piece, scalar), { maxLength: 25 }).map((parts) => `a: ${parts.join("")}`),
  fc.json({ maxDepth: 4 }).map((json) => `a: ${json}\nb:\n  - ${json}\n`),
  fc.string({ maxLength: 40 }).map((value) => `a: ${value}\n`),
  fc.string({ maxLength: 40 }).map((value) => `a: |\n  ${value}\n  x\nb: >-\n   ${value}\n\n   y\n`),
);

function placesIn(document: YamlDocument | undefined, keys: readonly string[]): unknown[] {
  return keys.map((key) => [document?.positionOf([key]), document?.keyPositionOf([key, "a"]), document?.has([key, "a"])]);
}

test("whatever it reads, the library with places reads without fault, in the same order, and tells the same places", () => {
  fc.assert(
    fc.property(text, (yaml) => {
      const data = quickYaml(yaml);
      if (data === undefined) return;
      const { document, diagnostics } = parseWithPlaces("f.yaml", yaml);
      expect(diagnostics).toEqual([]);
      expect(data).toStrictEqual(document?.data);
      expect(JSON.stringify(data)).toBe(JSON.stringify(document?.data));
      const keys = Object.keys(data);
      expect(placesIn(parseYaml("f.yaml", yaml).document, keys)).toEqual(placesIn(document, keys));
    }),
    { numRuns: Number(process.env["FROTA_PROPERTY_RUNS"] ?? 1_000) },
  );
});
