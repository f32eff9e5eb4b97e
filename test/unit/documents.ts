import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The checkout. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** A Markdown file of the project. */
export interface Document {
  /** Path below {@link ROOT}. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a document. */
export interface Block {
  readonly path: string;
  /** One-based, of the fence. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** One command of a shell block, comment and line breaks aside. */
export interface ShellCommand {
  readonly path: string;
  readonly line: number;
  readonly words: readonly string[];
}

/** Every document that people read. */
export function documents(): Document[] {
  const paths = ["README.md", "README.pt-BR.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: ROOT })].sort();
  return paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

/** The fenced blocks of a document. */
export function blocks({ path, text }: Document): Block[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map((match) => ({
    path,
    line: text.slice(0, match.index).split("\n").length,
    language: match[2] ?? "",
    text: match[3] ?? "",
  }));
}

/** The commands of a shell block. A pipeline is as many commands as it has programs; a here-document's text is none. */
export function shellCommands(block: Block): ShellCommand[] {
  const found: ShellCommand[] = [];
  let until: string | undefined;
  for (const [index, line] of block.text.split("\n").entries()) {
    const ends: boolean = until !== undefined && line.trim() === until;
    if (until === undefined) found.push(...commandsOf(line).map((words) => ({ path: block.path, line: block.line + index + 1, words })));
    until = ends ? undefined : (until ?? /<<'?(\w+)'?/.exec(line)?.[1]);
  }
  return found;
}

/** The commands of one line, each as its words: quotes are resolved, `NAME=value` in front and redirections are left out. */
export function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(/"[^"]*"(?:[^\s"]*)|(?:[^\s"'|&#$<]|\$(?!\()|'[^']*'|(?<=\S)#|"[^"]*")+|\$\(.*\)|\|+|&&|<<?'?\w+'?|#.*$/g)) {
    if (token.startsWith("#")) break;
    if (/^(\|+|&&)$/.test(token)) commands.push([]);
    else if (!token.startsWith("<")) commands.at(-1)?.push(token.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
  }
  return commands.map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)))).filter((words) => words.length > 0);
}

/** The arguments of a command line of frota, without where its output goes; undefined for any other program. */
export function frotaArguments(words: readonly string[]): readonly string[] | undefined {
  const rest = words[0] === "npx" ? words.slice(1) : words;
  const end = rest.indexOf(">");
  return rest[0] === "frota" || rest[0] === "bin/frota" ? rest.slice(1, end === -1 ? undefined : end) : undefined;
}
