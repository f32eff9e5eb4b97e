import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocks, ROOT, shellCommands, type Document } from "./documents.ts";

function read(path: string): Document {
  return { path, text: readFileSync(join(ROOT, path), "utf8") };
}

const english = read("README.md");
const portuguese = read("README.pt-BR.md");

const headings = ({ text }: Document) => [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^(#+) /gm)].map(([, level]) => level);
const inShell = (document: Document) => blocks(document).filter(({ language }) => language === "sh").flatMap(shellCommands).map(({ words }) => words.join(" "));
const inText = ({ text }: Document) => [...text.matchAll(/`((?:npx |npm )[^`]+)`/g)].map(([, command]) => command);
const links = ({ text }: Document) => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target).filter((target) => !target?.startsWith("README"));
const shape = (document: Document) => blocks(document).map(({ language, text }) => [language, text.split("\n").length]);
const rows = ({ text }: Document) => [...text.matchAll(/^\|/gm)].length;

describe("README.pt-BR.md says what README.md says", () => {
  test("in as many sections", () => expect(headings(portuguese)).toEqual(headings(english)));
  test("with the same commands", () => {
    expect(inShell(english).length).toBeGreaterThan(1);
    expect(inShell(portuguese)).toEqual(inShell(english));
    expect(inText(english).length).toBeGreaterThan(10);
    expect(inText(portuguese)).toEqual(inText(english));
  });
  test("with the same links and pictures", () => expect(links(portuguese)).toEqual(links(english)));
  test("in tables and blocks of the same size", () => {
    expect(shape(portuguese)).toEqual(shape(english));
    expect(rows(portuguese)).toBe(rows(english));
  });
});

test("each links to the other", () => {
  expect(english.text).toContain("(README.pt-BR.md)");
  expect(portuguese.text).toContain("(README.md)");
});
