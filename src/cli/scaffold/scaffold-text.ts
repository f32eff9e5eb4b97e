import { providerPlugin } from "../../render/scaffold-agent.ts";
import { formatLocation } from "../../spec/error.ts";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import type { Output } from "../context.ts";
import { withFixes } from "../fleet/diagnostics-text.ts";
import type { Paint } from "../terminal/paint.ts";

/** Something to do next: a command, what it is for, or both. */
export interface Step {
  readonly command?: string;
  readonly about?: string;
}

/** A line for each file or folder (with `/`) under which something was written, and what it is. */
export function linesOfFiles(about: readonly (readonly [path: string, about: string])[], written: readonly string[]): string {
  return valuesText(about.filter(([path]) => written.some((file) => file === path || (path.endsWith("/") && file.startsWith(path)))));
}

/** What to do next, in this order; explanations stand in one column. */
export function stepsText(steps: readonly Step[], paint: Paint): string {
  const width = Math.max(...steps.map(({ command, about }) => (command === undefined || about === undefined ? 0 : command.length)));
  const lines = steps.map(({ command, about }) => {
    const comment = about === undefined ? "" : paint("dim", `# ${about}`);
    if (command === undefined || comment === "") return `  ${command ?? comment}\n`;
    return `  ${command.padEnd(width)}  ${comment}\n`;
  });
  return `\n${paint("bold", "Next:")}\n${lines.join("")}`;
}

/** Names with what they are, in two columns. */
export function valuesText(values: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...values.map(([name]) => name.length));
  return values.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join("");
}

/** How an agent's secrets get into Vault. */
export function secretSteps(agent: string, keys: readonly string[]): Step[] {
  return keys.map((key) => {
    if (key !== "OPENCLAW_GATEWAY_TOKEN") return { command: `frota secrets set ${agent} ${key}` };
    // Nobody issues this one: it is what the agent's own gateway asks for.
    return { command: `openssl rand -hex 32 | frota secrets set ${agent} ${key}` };
  });
}

/** What a model needs besides its key; empty for one whose provider OpenClaw brings. */
export function pluginNote(model: string, agent: string): string {
  const plugin = providerPlugin(model);
  if (plugin === undefined) return "";
  return `note: OpenClaw does not bring the provider of ${model}: once the agent runs, \`frota shell ${agent} -- openclaw plugins install ${plugin}\` puts it on its volume\n`;
}

/** Findings that do not forbid anything. */
export function warningsText(warnings: readonly Diagnostic[], output: Output): string {
  return withFixes(warnings, output, (found) => `warning ${found.code}: ${formatLocation(found)}: ${found.message}`);
}
