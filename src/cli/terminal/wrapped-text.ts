import type { Output } from "../context.ts";
import { lineLimit } from "./line-limit.ts";
import { displayWidth } from "./table.ts";

/** A text in lines of at most `width` columns, broken between words, all but the first behind `indent`; a longer word has a line of its own. */
export function wrapText(text: string, width: number, indent = ""): string[] {
  const [first = "", ...words] = text.split(" ");
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    const isFull = line.trim() !== "" && displayWidth(`${line} ${word}`) > width;
    if (isFull) lines.push(line);
    line = isFull ? `${indent}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

/**
 * One paragraph, broken between words where a terminal's line is over; further lines are indented by two more than the first. Elsewhere it stays
 * one line, for `grep`.
 */
export function wrapParagraph(text: string, output: Output): string {
  const [margin = ""] = /^ */.exec(text) ?? [];
  return wrapText(text, lineLimit(output), `${margin}  `).map((line) => `${line}\n`).join("");
}
