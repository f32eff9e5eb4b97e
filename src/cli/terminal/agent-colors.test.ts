import { expect, test } from "vitest";
import { AgentColors, plainText } from "./agent-colors.ts";

test("every agent keeps its color, and names are aligned", () => {
  const colors = new AgentColors((style, text) => `<${style}>${text}`, ["clementina", "clovis"]);
  expect([colors.name("clovis"), colors.name("clementina"), colors.name("novo"), colors.name("clovis")]).toEqual([
    "<yellow>clovis    ",
    "<cyan>clementina",
    "<green>novo      ",
    "<yellow>clovis    ",
  ]);
});

test("a text of somebody else's moves no cursor", () => {
  expect(plainText("\u001b[31mred\u001b[0m\u001b]0;title\u0007 a\tb\r\u0008c Clóvis")).toBe("red a\tbc Clóvis");
});
