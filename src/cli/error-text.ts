import { formatLocation, FrotaError } from "../spec/error.ts";
import type { Output } from "./context.ts";
import { wrapLines } from "./terminal/wrapped-text.ts";

/** The text of a failure: `error CODE: message`, where, and what to do next. Unexpected errors keep their stack. */
export function errorText(error: unknown): string {
  if (isInterruption(error)) {
    return "error INTERRUPTED: stopped before the end\n  next: nothing is lost: run the same command again, it goes on from here\n";
  }
  if (!(error instanceof FrotaError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `error UNEXPECTED: ${stack}\n  next: this is a defect in frota; please report it with the command you ran\n`;
  }
  const lines = [`error ${error.code}: ${error.message}`];
  if (error.where) lines.push(`  at: ${formatLocation(error.where)}`);
  if (error.next) lines.push(`  next: ${error.next}`);
  return `${lines.join("\n")}\n`;
}

/** True for what an aborted signal makes of a command: Ctrl-C, or a request to end. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** Writes {@link errorText} to a stream; on a terminal, lines are broken between words, and a stack stays as it is. */
export function writeError(error: unknown, stderr: Output): void {
  const text = errorText(error);
  const isReadable = error instanceof FrotaError || isInterruption(error);
  stderr.write(isReadable ? wrapLines(text, stderr) : text);
}
