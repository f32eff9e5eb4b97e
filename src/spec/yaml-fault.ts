import { isCollection, isScalar, visit } from "yaml";
import type { Document, Node, YAMLError } from "yaml";

/** One fault of a YAML text. Its words never hold a part of the text, which may be secret. */
export interface YamlFault {
  readonly code: "YAML_SYNTAX" | "YAML_DUPLICATE_KEY";
  /** One sentence: what is wrong. */
  readonly message: string;
  /** Where in the text the wrong line or character is. */
  readonly offset: number;
  readonly fix: string;
}

/** Faults of one file that are told. */
const MAXIMUM_FAULTS = 10;

/** Faults that stand for themselves; what else follows a broken place is its echo. */
const OWN: ReadonlySet<YAMLError["code"]> = new Set<YAMLError["code"]>(["DUPLICATE_KEY", "TAB_AS_INDENT"]);

/** What the parser found, in the words and at the line of somebody who looks for the slip; each line once. */
export function yamlFaults(document: Document.Parsed, text: string): YamlFault[] {
  const conflict = document.errors.length > 0 ? /^<{7} .*$[^]*^>{7} /m.exec(text) : null;
  if (conflict) return [{ code: "YAML_SYNTAX", message: "a merge conflict of Git is left in the file", offset: conflict.index, fix: "keep one of its two sides, and remove the lines of `<<<<<<<`, `=======` and `>>>>>>>`" }];
  const broken = document.errors.find(({ code }) => !OWN.has(code));
  const told = document.errors.filter((error) => OWN.has(error.code) || error === broken);
  const firstTab = Math.min(...document.errors.filter(({ code }) => code === "TAB_AS_INDENT").map(({ pos: [offset] }) => lineStart(text, offset)));
  const isEcho = ({ code, pos: [offset] }: YAMLError) => !OWN.has(code) && offset >= firstTab;
  return told.filter((error) => !isEcho(error)).slice(0, MAXIMUM_FAULTS).map((error) => faultOf(error, document, text));
}

function faultOf(error: YAMLError, document: Document.Parsed, text: string): YamlFault {
  const [offset] = error.pos;
  if (error.code === "DUPLICATE_KEY") return { code: "YAML_DUPLICATE_KEY", message: "the key is given twice", offset, fix: "remove one of the two, or merge their values" };
  const found = openEnd(error, document, text) ?? indentation(error, text) ?? WORDS[error.code];
  return { code: "YAML_SYNTAX", offset, ...(found ?? { message: plainMessage(error), fix: "see the YAML around this place" }) };
}

type Words = Omit<YamlFault, "code">;

const NO_PAIR = { message: "the line is no `key: value`", fix: "is a `:`, or the space behind it, missing, or an indentation wrong?" } as const;

const WORDS: Readonly<Partial<Record<YAMLError["code"], Omit<Words, "offset">>>> = {
  TAB_AS_INDENT: { message: "tabs are not allowed as indentation", fix: "indent with spaces" },
  MULTILINE_IMPLICIT_KEY: NO_PAIR,
  MISSING_CHAR: NO_PAIR,
  BLOCK_AS_IMPLICIT_KEY: { message: "a second `: ` is in the same line", fix: "quote a value that holds `: `, or put a nested map on its own, deeper indented line" },
  BLOCK_IN_FLOW: { message: "lines of their own are not allowed within brackets", fix: "is a comma or a closing bracket missing?" },
  BAD_SCALAR_START: { message: "no value may begin with this character", fix: "put the value in quotes" },
  UNEXPECTED_TOKEN: { message: "something stands behind the end of a value", fix: "put the whole value in quotes of one kind (inside '…', '' stands for one), or remove what is behind it" },
};

/** What closes what. */
const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'" };
const BRACKETS: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/** A quote or a bracket that is not closed is told where it opens. */
function openEnd({ code, message, pos: [offset] }: YAMLError, document: Document.Parsed, text: string): Words | undefined {
  const isQuote = code === "MISSING_CHAR" && message.startsWith("Missing closing");
  const isBracket = / end with a [\]}]/.test(message) || (code === "MISSING_CHAR" && message.startsWith("Expected"));
  if (!isQuote && !isBracket) return undefined;
  let opening: number | undefined;
  const look = (node: Node) => {
    const [start, end] = node.range ?? [0, 0];
    const close = (isQuote ? QUOTES : BRACKETS)[text.charAt(start)];
    const isClosed = end - start > 1 && text.charAt(end - 1) === close;
    if (start < offset && close !== undefined && !isClosed) opening = Math.max(start, opening ?? 0);
  };
  visit(document, { Node: (_key, node) => (isScalar(node) || isCollection(node) ? look(node) : undefined) });
  const what = isQuote ? "quote" : "bracket";
  return { message: `the ${what} that opens here is not closed`, offset: opening ?? offset, fix: `close it, and put a text that begins with a ${what} in quotes` };
}

/** A line that begins at another column than it should. */
function indentation({ code, pos: [from] }: YAMLError, text: string): Words | undefined {
  const [rest = "", ...lines] = text.slice(from).split("\n");
  // A plain value goes on in the next line: what was meant as a key there is deeper than the key above, which has a value.
  if (code === "BLOCK_AS_IMPLICIT_KEY" && lines.length > 0 && !/:\s/.test(rest)) {
    const offset = lineWithText(text, from + rest.length + 1);
    return { message: "the line is deeper than the key above it, which has a value already", offset, fix: "line it up with the key above, or take that key's value away" };
  }
  const offset = lineWithText(text, lineStart(text, from));
  if (!(code === "BAD_INDENT" || code === "UNEXPECTED_TOKEN") || from > offset) return undefined;
  const near = linesAbove(text, offset);
  if (near.length === 0) return code === "BAD_INDENT" ? amongSiblings(text, offset) : undefined;
  const column = offset - lineStart(text, offset) + 1;
  const others = near.map(({ line, column: theirs }, index) => `line ${line} ${index === 0 ? "begins " : ""}at column ${theirs}`).join(", ");
  return { message: `the line begins at column ${column}, in line with nothing that it could belong to: ${others}`, offset, fix: "line it up with one of them, or that one with it" };
}

/** A line that begins where others do, and cannot stand among them. */
function amongSiblings(text: string, offset: number): Words {
  const above = text.slice(0, lineStart(text, offset)).split("\n").findLast((line) => line.trim() !== "") ?? "";
  if (isItem(text.slice(offset)) === isItem(above)) return { message: "the line does not begin where its siblings do", offset, fix: "line it up with its siblings" };
  return { message: "items (`- `) and keys are mixed in one place", offset, fix: "make all of them items or all of them keys; what belongs to an item is two columns deeper than its `-`" };
}

function isItem(line: string): boolean {
  return /^[ \t]*-(?:\s|$)/.test(line);
}

/** A line above, and where its text begins; one-based. */
interface LineAbove {
  readonly line: number;
  readonly column: number;
}

/** The least deep of the lines right above that are deeper than this one, and then the one that these are nested under. */
function linesAbove(text: string, offset: number): LineAbove[] {
  const own = offset - lineStart(text, offset) + 1;
  const above = text.slice(0, lineStart(text, offset)).split("\n").slice(0, -1);
  const written = above.map((line, index): LineAbove => ({ line: index + 1, column: line.search(/\S/) + 1 })).filter(({ line, column }) => column > 0 && !/^\s*#/.test(above[line - 1] ?? ""));
  const outer = written.findLast(({ column }) => column <= own);
  const deeper = written.filter(({ line }) => line > (outer?.line ?? 0)).toSorted((one, other) => one.column - other.column);
  const [least] = deeper;
  return least ? [least, ...(outer ? [outer] : [])] : [];
}

function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** Where the text of the first line from here on begins that is neither empty nor a comment. */
function lineWithText(text: string, start: number): number {
  return start + (/^(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*/.exec(text.slice(start))?.[0].length ?? 0);
}

/** The parser's sentence without excerpts of the file. */
function plainMessage(error: YAMLError): string {
  if (error.code === "BAD_ALIAS") return "the alias or anchor is not well formed";
  if (error.code === "TAG_RESOLVE_FAILED") return "the tag is unknown or does not fit its value";
  if (error.message.includes("call stack")) return "the YAML is nested too deeply";
  const sentence = error.message.split(/[:\n]/)[0] ?? "";
  return /["'`]/.test(sentence) || sentence === "" ? `YAML fault ${error.code}` : sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
