import type { Output } from "./context.ts";
import { wrapText } from "./terminal/wrapped-text.ts";

/** The commands by what they are for, in the order in which somebody who is new meets them. */
const SUBJECTS: readonly (readonly [title: string, commands: readonly string[]])[] = [
  ["Begin", ["start", "init", "new"]],
  ["Look", ["status", "events", "logs", "drift", "doctor", "explain"]],
  ["Change", ["check", "render", "diff", "plan", "apply", "adopt"]],
  ["Steer", ["restart", "rollout", "freeze", "suspend", "resume", "delete"]],
  ["Talk to an agent", ["chat", "open", "shell"]],
  ["Parts", ["secrets", "image", "controller", "lab"]],
  ["This tool", ["completion", "version"]],
];

/** Columns in front of a description: the longest command and its margins. */
const INDENT = 14;
const WIDTH = 80;

/** One command, or one group of them. */
export interface OverviewEntry {
  readonly name: string;
  readonly brief: string;
}

/** Whether a command line asks for the overview: nothing at all, or help about nothing in particular. */
export function asksForOverview(argv: readonly string[]): boolean {
  return argv.length === 0 || (argv.length === 1 && ["help", "--help", "-h"].includes(argv[0] ?? ""));
}

/** All commands by subject, a line or two for each, for a terminal of at most 80 columns. A command without a subject comes last. */
export function overviewText(entries: readonly OverviewEntry[], { program, purpose }: { readonly program: string; readonly purpose: string }, output: Output): string {
  const width = Math.min(output.isTTY === true ? (output.columns ?? WIDTH) : WIDTH, WIDTH);
  const named = new Set(SUBJECTS.flatMap(([, commands]) => commands));
  const others = entries.filter(({ name }) => !named.has(name)).map(({ name }) => name);
  const subjects = others.length === 0 ? SUBJECTS : [...SUBJECTS, ["Other", others] as const];
  const sections = subjects.map(([title, commands]) => {
    const lines = commands.flatMap((command) => entries.filter(({ name }) => name === command)).flatMap((entry) => commandLines(entry, width));
    return `${title}\n${lines.join("\n")}\n`;
  });
  const further = `All about one: ${program} COMMAND --help. About an error: ${program} explain CODE.`;
  return [...wrapText(purpose, width), "", ...sections, ...wrapText(further, width), ""].join("\n");
}

function commandLines({ name, brief }: OverviewEntry, width: number): string[] {
  const [first = "", ...rest] = wrapText(brief, width - INDENT);
  return [`  ${name}`.padEnd(INDENT) + first, ...rest.map((line) => " ".repeat(INDENT) + line)];
}
