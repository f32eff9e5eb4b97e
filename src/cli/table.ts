import { stripVTControlCharacters } from "node:util";
import type { Output } from "./context.ts";

/** Between two columns. */
const GAP = "  ";

/**
 * Aligned columns, without borders so that `cut` and `awk` can read them. On a terminal, lines are cut at its width.
 * Cells may be colored; empty ones become `-`.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[], output: Output): string {
  const lines = [header, ...rows].map((row) => row.map((cell) => cell || "-"));
  const widths = header.map((_title, column) => Math.max(...lines.map((line) => displayWidth(line[column] ?? ""))));
  const limit = output.isTTY === true ? (output.columns ?? 80) : Number.POSITIVE_INFINITY;
  return lines.map((line) => `${cut(formatLine(line, widths), limit)}\n`).join("");
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))));
  return padded.join(GAP).trimEnd();
}

/** Columns that a text takes on a terminal, colors not counted. */
function displayWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/** Cuts a line that is too long; a colored one loses its colors, so that none leaks into the next line. */
function cut(line: string, limit: number): string {
  if (displayWidth(line) <= limit) return line;
  return `${Array.from(stripVTControlCharacters(line)).slice(0, limit - 1).join("")}…`;
}
