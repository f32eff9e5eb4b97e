import { formatLocation } from "../spec/error.ts";
import type { Diagnostic } from "../spec/diagnostic.ts";
import type { Paint } from "./paint.ts";

/** Something to do next: a command, what it is for, or both. */
export interface Step {
  readonly command?: string;
  readonly about?: string;
}

/** A line for each file or folder (with `/`) under which something was written, and what it is. */
export function linesOfFiles(about: readonly (readonly [path: string, about: string])[], written: readonly string[]): string {
  const shown = about.filter(([path]) => written.some((file) => file === path || (path.endsWith("/") && file.startsWith(path))));
  const width = Math.max(...shown.map(([path]) => path.length));
  return shown.map(([path, text]) => `  ${path.padEnd(width)}  ${text}\n`).join("");
}

/** Commands longer than this stand alone on their line, so that the others' explanations fit into 80 columns. */
const WIDEST = 40;

/** What to do next, in this order. */
export function stepsText(steps: readonly Step[], paint: Paint): string {
  const width = Math.max(...steps.map(({ command = "" }) => command.length).filter((length) => length <= WIDEST));
  const lines = steps.map(({ command, about }) => {
    if (command === undefined) return `  ${paint("dim", `# ${about ?? ""}`)}\n`;
    return `  ${command.padEnd(about === undefined ? 0 : width)}${about === undefined ? "" : `  ${paint("dim", `# ${about}`)}`}\n`;
  });
  return `\n${paint("bold", "Next:")}\n${lines.join("")}`;
}

/** How an agent's secrets get into Vault. */
export function secretSteps(agent: string, keys: readonly string[]): Step[] {
  return keys.map((key) => {
    if (key !== "OPENCLAW_GATEWAY_TOKEN") return { command: `frota secrets set ${agent} ${key}` };
    // Nobody issues this one: it is what the agent's own gateway asks for.
    return { command: `openssl rand -hex 32 | frota secrets set ${agent} ${key}` };
  });
}

/** Findings that do not forbid anything. */
export function warningsText(warnings: readonly Diagnostic[]): string {
  return warnings.map((found) => `warning ${found.code}: ${formatLocation(found)}: ${found.message}\n${found.fix === undefined ? "" : `  fix: ${found.fix}\n`}`).join("");
}
