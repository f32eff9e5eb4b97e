import { stripVTControlCharacters, styleText } from "node:util";
import { describe, expect, test } from "vitest";
import type { Output } from "../context.ts";
import { displayWidth, formatFittingTable, formatTable } from "./table.ts";

const file: Output = { write: () => undefined };
const terminal: Output = { write: () => undefined, isTTY: true, columns: 16 };
const green = styleText("green", "yes", { validateStream: false });

describe("formatTable", () => {
  test("aligns columns, shows empty cells as -, leaves no spaces at the end", () => {
    expect(formatTable(["AGENT", "READY"], [["clovis", "yes"], ["x", ""]], file)).toBe(
      "AGENT   READY\nclovis  yes\nx       -\n",
    );
  });

  test("colors take no width", () => {
    const text = formatTable(["A", "B"], [[green, "1"], ["no", "2"]], file);
    expect(stripVTControlCharacters(text)).toBe("A    B\nyes  1\nno   2\n");
  });

  test("a terminal's lines are cut at its width, without a color leaking on", () => {
    const text = formatTable(["AGENT", "STATUS"], [[green, "a very long status"]], terminal);
    expect(text).toBe("AGENT  STATUS\nyes    a very l…\n");
  });
});

describe("formatFittingTable", () => {
  test("leaves out whole columns, the last first, and names them", () => {
    const rows = [["clovis", green, "Ready"]];
    expect(formatFittingTable(["AGENT", "READY", "STATUS"], rows, terminal)).toEqual({ text: `AGENT   READY\nclovis  ${green}\n`, hidden: ["STATUS"] });
    expect(formatFittingTable(["AGENT", "READY", "STATUS"], rows, file)).toMatchObject({ hidden: [] });
  });

  test("columns that are named give way before the others, in their order, and the rest stays in its place", () => {
    const [header, rows] = [["AGENT", "A", "B", "C", "D"], [["clovis", "aaaa", "bb", "cc", "dd"]]];
    const fitting = (columns: number) => formatFittingTable(header, rows, { ...terminal, columns }, ["A", "C"]);
    expect(fitting(24)).toMatchObject({ hidden: [] });
    expect(fitting(23)).toEqual({ text: "AGENT   B   C   D\nclovis  bb  cc  dd\n", hidden: ["A"] });
    expect(fitting(17).hidden).toEqual(["A", "C"]);
    expect(fitting(13).hidden).toEqual(["A", "C", "D"]);
    expect(fitting(5).hidden).toEqual(["A", "B", "C", "D"]);
  });

  test("the first column is always there", () => {
    expect(formatFittingTable(["AGENT", "B"], [["a-very-long-name-of-one", "x"]], terminal)).toEqual({ text: "AGENT\na-very-long-nam…\n", hidden: ["B"] });
  });
});

test("an accent of its own takes no width", () => {
  expect(displayWidth("Clo\u0301vis")).toBe(6);
  expect(displayWidth("Clóvis")).toBe(6);
});
