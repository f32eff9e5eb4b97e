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

/**
 * As {@link formatTable}, with as many whole columns as fit on the terminal. What has no room gives way from the right, but columns named in
 * `first` before any other, in that order; the first column stays.
 */
export function formatFittingTable(header: readonly string[], rows: readonly (readonly string[])[], output: Output, first: readonly string[] = []): FittingTable {
  const limit = lineLimit(output);
  const columns = header.map((title, index) => ({ title, index, width: Math.max(...[header, ...rows].map((line) => displayWidth(line[index] || "-"))) }));
  const giving = [...first.flatMap((title) => columns.filter((column) => column.title === title)), ...columns.slice(1).filter(({ title }) => !first.includes(title)).toReversed()];
  let shown = columns;
  for (const column of giving) {
    if (lineWidth(shown) <= limit) break;
    shown = shown.filter((other) => other !== column);
  }
  const pick = (line: readonly string[]) => shown.map(({ index }) => line[index] ?? "");
  const hidden = columns.filter((column) => !shown.includes(column)).map(({ title }) => title);
  return { text: formatTable(pick(header), rows.map(pick), output), hidden };
}

function lineWidth(columns: readonly { readonly width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);
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
