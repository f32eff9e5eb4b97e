import { expect, test } from "vitest";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import { diagnosticsText } from "./diagnostics-text.ts";

const found = (line: number, code: string, fix?: string): Diagnostic => ({ severity: "error", code, message: "it is wrong", file: "a.yaml", line, column: 1, ...(fix === undefined ? {} : { fix }) });

test("neighbors with the same code and fix have it once; others have their own", () => {
  const list = [found(1, "A", "render"), found(2, "A", "render"), found(3, "B", "render"), found(4, "B", "mend"), found(5, "C"), found(6, "C"), found(7, "A", "render")];
  expect(diagnosticsText(list, { write: () => undefined }, (_style, text) => text)).toBe(`a.yaml:1:1 error A it is wrong
a.yaml:2:1 error A it is wrong
  fix of these 2: render
a.yaml:3:1 error B it is wrong
  fix: render
a.yaml:4:1 error B it is wrong
  fix: mend
a.yaml:5:1 error C it is wrong
a.yaml:6:1 error C it is wrong
a.yaml:7:1 error A it is wrong
  fix: render
`);
});
