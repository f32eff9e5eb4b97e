import { styleText } from "node:util";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import type { Output } from "../context.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

/** Writes findings as compilers do: `file:line:column severity CODE message`, the fix below. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], output: Output): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string => (output.isTTY ? styleText(style, text, { validateStream: false }) : text);
  return diagnostics
    .map(({ severity, code, message, file, line, column, fix }) => {
      const place = paint("bold", `${file}:${line}:${column}`);
      const label = paint(severity === "error" ? "red" : "yellow", severity);
      return `${place} ${label} ${code} ${message}\n${fix === undefined ? "" : wrapParagraph(`  fix: ${fix}`, output)}`;
    })
    .join("");
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
