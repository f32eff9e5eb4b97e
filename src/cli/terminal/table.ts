import { stripVTControlCharacters } from "node:util";
import type { Output } from "../context.ts";
import { lineLimit } from "./line-limit.ts";

/** Between two columns. */
const GAP = "  ";

/**
 * Aligned columns, without borders so that `cut` and `awk` can read them. On a terminal, lines are cut at its width.
 * Cells may be colored; empty ones become `-`.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[], output: Output): string {
  const lines = [header, ...rows].map((row) => row.map((cell) => cell || "-"));
  const widths = header.map((_title, column) => Math.max(...lines.map((line) => displayWidth(line[column] ?? ""))));
  const limit = lineLimit(output);
  return lines.map((line) => `${cutLine(formatLine(line, widths), limit)}\n`).join("");
}

/** A table as far as it fits, and the titles of the columns that do not. */
export interface FittingTable {
  readonly text: string;
  readonly hidden: readonly string[];
}

/** As {@link formatTable}, with as many whole columns from the left as fit on the terminal: the first columns matter most. */
export function formatFittingTable(header: readonly string[], rows: readonly (readonly string[])[], output: Output): FittingTable {
  const limit = lineLimit(output);
  const widths = header.map((_title, column) => Math.max(...[header, ...rows].map((line) => displayWidth(line[column] || "-"))));
  let width = -GAP.length;
  const beyond = widths.findIndex((own) => (width += own + GAP.length) > limit);
  const count = beyond === -1 ? header.length : Math.max(1, beyond);
  const text = formatTable(header.slice(0, count), rows.map((row) => row.slice(0, count)), output);
  return { text, hidden: header.slice(count) };
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))));
  return padded.join(GAP).trimEnd();
}

/** Columns that a text takes on a terminal; colors and accents that are characters of their own (`o` + `\u0301`) take none. */
export function displayWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text).replaceAll(/\p{M}/gu, "")).length;
}

/** Cuts a line that is too long; a colored one loses its colors, so that none leaks into the next line. */
export function cutLine(line: string, limit: number): string {
  if (displayWidth(line) <= limit) return line;
  return `${Array.from(stripVTControlCharacters(line)).slice(0, limit - 1).join("")}…`;
}
