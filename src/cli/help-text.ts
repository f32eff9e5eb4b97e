import { wrapText } from "./terminal/wrapped-text.ts";

/** Help is laid out for a screen between these widths: wider lines are hard to read, narrower columns hold no words. */
const WIDEST = 100;
const NARROWEST = 60;

/** Columns of help that is not read on a terminal, such as docs/reference/cli.md. */
export const PAGE_WIDTH = 100;

/**
 * A command's help as Stricli writes it, for a screen of so many columns: the one sentence about the command first, paragraphs and
 * descriptions wrapped between words, and no default told of a switch that is off.
 */
export function helpText(help: string, brief: string | undefined, columns: number): string {
  const width = Math.max(NARROWEST, Math.min(columns, WIDEST));
  const [usage = "", ...sections] = help.trimEnd().split(/\n\n(?=FLAGS\n|ARGUMENTS\n|COMMANDS\n)/);
  const [synopsis = "", ...about] = usage.split("\n\n");
  const prose = paragraphs(about.join("\n\n"), width);
  const first = brief === undefined || about.join("\n").startsWith(brief) ? [] : [...wrapText(brief, width), ""];
  const lists = sections.map((section) => `\n${rows(section, width).join("\n")}`);
  return `${[withArguments(synopsis), "", ...first, ...prose, ...lists].join("\n")}\n`;
}

/**
 * Stricli calls every list of arguments obligatory, and `<agent message>...` where the first of them is the agent: `[agent...]` says that none is needed,
 * `<agent> [message...]` which is.
 */
function withArguments(synopsis: string): string {
  return synopsis
    .replaceAll(/<(\w+) ([A-Z]+)>\.\.\./g, "<$1> <$2>")
    .replaceAll(/<(\w+) (\w+)>\.\.\./g, "<$1> [$2...]")
    .replaceAll(/<(\w+)>\.\.\./g, "[$1...]");
}

/** Indented lines are examples and stay; of the others those are joined in which a sentence goes on. */
function paragraphs(text: string, width: number): string[] {
  const lines: string[] = [];
  let open = false;
  for (const line of text.split("\n")) {
    const isProse = line !== "" && !line.startsWith(" ");
    if (isProse && open) lines.push(`${lines.pop() ?? ""} ${line}`);
    else lines.push(line);
    open = isProse && !line.endsWith(".");
  }
  return lines.flatMap((line) => (line.startsWith(" ") ? [line] : wrapText(line, width)));
}

/** A list of flags, arguments or commands: names in one column, what they are wrapped in the other. */
function rows(section: string, width: number): string[] {
  const [title = "", ...lines] = section.split("\n");
  const helpRow = lines.find((line) => line.includes("Print help information"));
  const start = helpRow?.indexOf("Print help information") ?? Math.max(...lines.map((line) => /^ +\S.*? {2,}/.exec(line)?.[0].length ?? 0));
  return [title, ...lines.flatMap((line) => row(line, start, width))];
}

function row(line: string, start: number, width: number): string[] {
  const about = line.slice(start).replace(/ +\[default = false\]$/, "").replace(/ +\[default = ([^\]]*)\]$/, " (default: $1)").replace(/ +(\[[^[\]]*\])$/, " $1");
  const [first = "", ...rest] = wrapText(about, width - start);
  return [line.slice(0, start) + first, ...rest.map((text) => " ".repeat(start) + text)];
}
