import { explainedCodes, type ExplainedCode } from "../../spec/catalog/catalog.ts";
import { codesOfReason } from "../../spec/catalog/kubernetes-reasons.ts";
import { FrotaError } from "../../spec/error.ts";
import { suggestName } from "../../spec/suggestion.ts";
import type { CliContext, Output } from "../context.ts";
import { lineLimit } from "../terminal/line-limit.ts";
import { painter, type Paint } from "../terminal/paint.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import { cutLine } from "../terminal/table.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

type Reason = NonNullable<ReturnType<typeof codesOfReason>>;

/** `-o` of `frota explain`. */
export interface ExplainFlags {
  readonly output?: OutputFormat;
}

/** `frota explain [code]`: cause and remedy of one code, or of those behind a word of Kubernetes such as `OOMKilled`, or the list of all. Asks nobody. */
export async function explain({ process }: CliContext, { output }: ExplainFlags, written: string | undefined): Promise<void> {
  const all = explainedCodes();
  const reason = written === undefined ? undefined : codesOfReason(written);
  if (reason) return explainReason(process, reason, all, output);
  const found = written === undefined ? undefined : findCode(all, written);
  if (output !== undefined) return writeStructured(found === undefined ? all.map(dataOf) : dataOf(found), output, process.stdout);
  const paint = painter(process.stdout, process.env);
  process.stdout.write(found === undefined ? listText(all, process.stdout, paint) : codeText(found, process.stdout, paint));
}

async function explainReason({ stdout, env }: CliContext["process"], { reason, codes }: Reason, all: readonly ExplainedCode[], output: OutputFormat | undefined): Promise<void> {
  const behind = codes.flatMap((wanted) => all.filter(({ code }) => code === wanted));
  if (output !== undefined) return writeStructured(behind.map(dataOf), output, stdout);
  const paint = painter(stdout, env);
  stdout.write(wrapParagraph(`${reason} is what kubectl shows; \`frota doctor --agent NAME\` finds which of these is behind it.`, stdout));
  for (const code of behind) stdout.write(`\n${codeText(code, stdout, paint)}`);
}

/** As it stands in a log, a message or a condition: `[code]`, lower case, hyphens and `RemovalHeld` mean the same. */
function findCode(all: readonly ExplainedCode[], written: string): ExplainedCode {
  const wanted = written.replaceAll(/[^\w-]/g, "").replaceAll("-", "_").replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
  const found = all.find(({ code }) => code === wanted);
  if (found) return found;
  const containing = all.map(({ code }) => code).filter((code) => wanted !== "" && code.includes(wanted));
  throw new FrotaError({
    code: "CODE_UNKNOWN",
    message: `frota has no code ${written}`,
    next: /^Frota[A-Z]/.test(written) ? "alerts of the controller are in docs/guide/runbooks.md" : containing.length > 0 ? `one of these: ${containing.join(", ")}` : `${suggestion(all, wanted)}\`frota explain\` lists all`,
    outcome: "usage",
  });
}

function suggestion(all: readonly ExplainedCode[], wanted: string): string {
  const text = suggestName(wanted, all.map(({ code }) => code));
  return text.startsWith("did you mean") ? `${text} ` : "";
}

function dataOf({ code, cause, remedy, section }: ExplainedCode) {
  return { code, section: section.title, cause, remedy };
}

/** For the eye, and for `grep`: each code with the first sentence of its cause. On a terminal, lines are cut at its width. */
function listText(all: readonly ExplainedCode[], output: Output, paint: Paint): string {
  const width = Math.max(...all.map(({ code }) => code.length));
  const limit = lineLimit(output);
  const line = ({ code, cause }: ExplainedCode) => cutLine(`  ${code.padEnd(width)}  ${/^.*?\.(?= |$)/.exec(cause)?.[0] ?? cause}`, limit);
  const sections = Map.groupBy(all, ({ section }) => section.title);
  return Array.from(sections, ([title, codes]) => `${[paint("bold", title), ...codes.map(line)].join("\n")}\n`).join("\n");
}

function codeText({ code, cause, remedy, section }: ExplainedCode, output: Output, paint: Paint): string {
  return `${paint("bold", code)}  ${paint("dim", section.title)}\n${wrapParagraph(`  cause: ${cause}`, output)}${wrapParagraph(`  remedy: ${remedy}`, output)}`;
}
