import type { Diagnostic } from "../../spec/diagnostic.ts";
import type { Output } from "../context.ts";
import type { Paint } from "../terminal/paint.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

/** Writes findings as compilers do: `file:line:column severity CODE message`, the fix below; see {@link withFixes}. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], output: Output, paint: Paint): string {
  return withFixes(diagnostics, output, ({ severity, code, message, file, line, column }) => {
    const place = paint("bold", `${file}:${line}:${column}`);
    const label = paint(severity === "error" ? "red" : "yellow", severity);
    return `${place} ${label} ${code} ${message}`;
  });
}

/** A line for each finding, and its fix below; those that follow one another with the same code and fix have it once, below the last of them. */
export function withFixes(diagnostics: readonly Diagnostic[], output: Output, lineOf: (found: Diagnostic) => string): string {
  return alikeInARow(diagnostics)
    .map((members) => {
      const fix = members[0]?.fix;
      const title = members.length === 1 ? "fix" : `fix of these ${members.length}`;
      return `${members.map((found) => `${lineOf(found)}\n`).join("")}${fix === undefined ? "" : wrapParagraph(`  ${title}: ${fix}`, output)}`;
    })
    .join("");
}

function alikeInARow(diagnostics: readonly Diagnostic[]): Diagnostic[][] {
  const rows: Diagnostic[][] = [];
  for (const found of diagnostics) {
    const row = rows.at(-1);
    if (row?.[0]?.code === found.code && row[0].fix === found.fix) row.push(found);
    else rows.push([found]);
  }
  return rows;
}

/** `2 errors, 1 warning`; "no errors" stays in when there are only warnings. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((found) => found.severity === "error").length;
  const warnings = diagnostics.length - errors;
  return `${plural(errors, "error")}, ${plural(warnings, "warning")}`;
}

function plural(count: number, noun: string): string {
  return `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
}
