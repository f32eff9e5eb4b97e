import type { Output } from "../context.ts";
import { lineLimit } from "./line-limit.ts";
import { displayWidth } from "./table.ts";

/**
 * A text in lines of at most `width` columns, broken between words, all but the first behind `indent`; a longer word has a line of its own. What
 * stands in backticks, as a command that is to be copied, is one word.
 */
export function wrapText(text: string, width: number, indent = ""): string[] {
  const [first = "", ...words] = wordsOf(text);
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    const isFull = line.trim() !== "" && displayWidth(`${line} ${word}`) > width;
    if (isFull) lines.push(line);
    line = isFull ? `${indent}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  let isWithin = false;
  for (const part of text.split(" ")) {
    if (isWithin) words.push(`${words.pop() ?? ""} ${part}`);
    else words.push(part);
    if (part.split("`").length % 2 === 0) isWithin = !isWithin;
  }
  return words;
}

/**
 * One paragraph, broken between words where a terminal's line is over; further lines are indented by two more than the first. Elsewhere it stays
 * one line, for `grep`.
 */
export function wrapParagraph(text: string, output: Output): string {
  const [margin = ""] = /^ */.exec(text) ?? [];
  return wrapText(text, lineLimit(output), `${margin}  `).map((line) => `${line}\n`).join("");
}

/** A text of lines that end with `\n`, each broken as {@link wrapParagraph} does. */
export function wrapLines(text: string, output: Output): string {
  return text.split("\n").slice(0, -1).map((line) => wrapParagraph(line, output)).join("");
}
