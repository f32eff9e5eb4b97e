import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { screenOf } from "../../scripts/picture/screen.ts";
import { svgOf } from "../../scripts/picture/svg.ts";
import { documents, ROOT } from "./documents.ts";

const ESC = "\u001B[";
const texts = (svg: string) => [...svg.matchAll(/<text(?: class="([^"]*)")? x="([\d.]+)" y="(\d+)"[^>]*>([^<]*)</g)].map(([, style, x, y, text]) => [style ?? "", Number(x), Number(y), text]);

describe("a screen", () => {
  test("has what a terminal shows in the end, not what was written", async () => {
    const screen = await screenOf(`waiting\r${ESC}2Kdone\r\none\r\ntwo${ESC}1A${ESC}3D${ESC}KONE\r\n\r\n`, 40);
    expect(screen.map((line) => line.map(({ text }) => text).join(""))).toEqual(["done", "ONE", "two"]);
  });

  test("has runs of one style, at their columns", async () => {
    const [line] = await screenOf(`${ESC}1mclovis${ESC}22m  ${ESC}31mno${ESC}39m ${ESC}2mold${ESC}22m`, 40);
    const plain = { color: undefined, isBold: false, isDim: false };
    expect(line).toEqual([
      { column: 0, text: "clovis  ", style: { ...plain, isBold: true } },
      { column: 8, text: "no ", style: { ...plain, color: 1 } },
      { column: 11, text: "old", style: { ...plain, isDim: true } },
    ]);
  });

  test("wraps where the terminal ends", async () => {
    expect((await screenOf("abcdef", 4)).map((line) => line.map(({ text }) => text))).toEqual([["abcd"], ["ef"]]);
  });
});

describe("its drawing", () => {
  test("places columns by cells, line below line, and keeps text as text", async () => {
    const svg = svgOf(await screenOf(`AGENT   READY\r\n${ESC}32mclóvis${ESC}39m  <yes> & "no"`, 40), { title: 'a "title"', columns: 40 });
    const [title, agent, ready, name, said] = texts(svg);
    expect(title?.[3]).toBe("a &quot;title&quot;");
    expect([agent, ready].map((text) => text?.[3])).toEqual(["AGENT", "READY"]);
    expect(name).toEqual(["c2", agent?.[1], Number(agent?.[2]) + 19, "clóvis"]);
    expect(said?.slice(1)).toEqual([ready?.[1], name?.[2], "&lt;yes> &amp; &quot;no&quot;"]);
  });

  test("knows light and dark pages", async () => {
    expect(svgOf(await screenOf("x", 4), { title: "", columns: 4 })).toMatch(/\.c1\{fill:#cf222e\}[\s\S]*@media \(prefers-color-scheme:dark\)\{[\s\S]*\.c1\{fill:#ff7b72\}/);
  });
});

test("every committed picture is one that the script makes, and is shown in a document", () => {
  const script = readFileSync(join(ROOT, "scripts/record.ts"), "utf8");
  const pictures = globSync("docs/pictures/*", { cwd: ROOT }).map((path) => basename(path));
  expect(pictures.length).toBeGreaterThan(1);
  const shown = documents().map(({ text }) => text).join("\n");
  expect(pictures.filter((file) => !script.includes(`name: "${basename(file, ".svg")}"`) || !shown.includes(`pictures/${file})`))).toEqual([]);
});
