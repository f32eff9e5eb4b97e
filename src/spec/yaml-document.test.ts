import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assembleFleet } from "./assemble.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { parseYaml } from "./yaml-document.ts";

function places(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

describe("faults of YAML stand at their place", () => {
  test.each([
    ["a duplicate key, at the second one", "a: 1\nb: 2\na: 3\n", ["3:1 YAML_DUPLICATE_KEY"]],
    ["a bracket that is not closed, where it opens", "a: [1, 2\n", ["1:4 YAML_SYNTAX"]],
    ["a tab as indentation", "a:\n\tb: 1\n", ["2:1 YAML_SYNTAX"]],
    ["an empty file", "", ["1:1 YAML_EMPTY"]],
    ["a file of comments only", "# nothing\n", ["1:1 YAML_EMPTY"]],
    ["a second document", "a: 1\n---\nb: 1\n", ["2:1 YAML_SEVERAL_DOCUMENTS"]],
    ["an alias inside its own anchor", "a: &x [1, *x]\n", ["1:11 YAML_SYNTAX"]],
    ["an alias without anchor", "a: *x\n", ["1:4 YAML_SYNTAX"]],
    ["Windows line ends", "a: 1\r\na: 2\r\n", ["2:1 YAML_DUPLICATE_KEY"]],
  ])("%s", (_title, text, expected) => {
    expect(places(parseYaml("f.yaml", text).diagnostics)).toEqual(expected);
  });

  test("nesting without end and aliases of aliases are refused, not followed", () => {
    const bomb = `${Array.from({ length: 12 }, (_, level) => `a${level}: &a${level} [${level === 0 ? "x" : `*a${level - 1},`.repeat(9)}]`).join("\n")}\n`;
    for (const text of ["[".repeat(10_000), "{a: ".repeat(10_000), bomb]) {
      expect(parseYaml("f.yaml", text).diagnostics).not.toEqual([]);
    }
  });

  test("a message never quotes the file", () => {
    const secret = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
    for (const text of [`a: *${secret}\n`, `a: !${secret} 1\n`, `a: "${secret}\n`, `${secret}\n  b: 1\n`, `a: 'x' ${secret}\n`, `%${secret}\n---\na: 1\n`]) {
      expect(JSON.stringify(parseYaml("f.yaml", text).diagnostics)).not.toContain(secret);
    }
  });
});

describe("positions of values and keys", () => {
  const { document } = parseYaml("f.yaml", "spec:\n  list:\n    - name: a\n    - name: b\n  <<: &m {x: 1}\n  other: *m\n  1: one\n");

  test.each([
    [["spec", "list", 1, "name"], "4:13", "4:7"],
    [["spec", "other", "x"], "5:14", "5:11"],
    [["spec", "1"], "7:6", "7:3"],
    [["spec", "absent", "deeper"], "1:1", "1:1"],
    [[], "1:1", "1:1"],
  ])("%j", (path, value, key) => {
    const [at, keyAt] = [document?.positionOf(path), document?.keyPositionOf(path)];
    expect([`${at?.line}:${at?.column}`, `${keyAt?.line}:${keyAt?.column}`]).toEqual([value, key]);
  });
});

describe("whatever the files hold", () => {
  const HEAD = "apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata: {name: a}\nspec:\n";
  const words = fc.constantFrom("apiVersion", "kind", "metadata", "name", "spec", "storage", "size", "openclaw", "__proto__", "constructor", "env", "defaults", "frota.dev/v1alpha1", "Agent", "Fleet", "10Gi", "<<", "*a", "&a", "!!set", "null", "- ", ": ", "\n", "\n  ", "\t", "{", "}", "[", "]", '"', "'", "#", "|", ">", "---", "...", "?", ",", "%", "\r\n", "\u2028", "\ufeff", "0x1", ".nan", "1e999");
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 40 }).map((parts) => parts.join("")),
    fc.json({ maxDepth: 5 }),
    fc.json({ maxDepth: 5 }).map((json) => `${HEAD}  ${json}\n`),
    fc.json({ maxDepth: 4 }).map((json) => `${HEAD}  openclaw: ${json}\n  env: ${json}\n`),
  );

  test("checking never throws, and every place lies within its file", () => {
    fc.assert(
      fc.property(text, text, (fleet, agent) => {
        const files = new Map([["fleet.yaml", fleet], ["a/agent.yaml", agent], ["a/workspace/x.md", agent], ["other.yaml", fleet]]);
        const { diagnostics } = assembleFleet(files);
        for (const { file, line, column } of diagnostics) {
          const lines = (files.get(file) ?? "").split("\n");
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
        }
      }),
      { numRuns: Number(process.env["FROTA_PROPERTY_RUNS"] ?? 300) },
    );
  }, 60_000);
});
