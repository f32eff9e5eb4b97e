import { JsonPathScanner } from "./json-path-scanner.ts";

/** One step of a path. */
export type Step =
  | { readonly type: "field"; readonly name: string; /** `['a.b']` may be meant as a path. */ readonly isQuoted: boolean }
  | { readonly type: "all" | "descend" }
  | { readonly type: "slice"; readonly from: number | undefined; readonly to: number | undefined; readonly step: number }
  | { readonly type: "index"; readonly index: number }
  | { readonly type: "union"; readonly alternatives: readonly (readonly Step[])[] }
  | { readonly type: "filter"; readonly filter: Filter };

/** A path: from the root, or from the value that a `range` or a filter is at. */
export interface Path {
  readonly isFromRoot: boolean;
  readonly steps: readonly Step[];
}

export type Operand = { readonly path: Path } | { readonly literal: string | number | boolean | null };
type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** `?(@.type == "Ready")`; without an operator: that there is such a value. */
export interface Filter {
  readonly left: Operand;
  readonly operator?: Comparison;
  readonly right?: Operand;
}

/** A part of a template. */
export type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "path"; readonly path: Path }
  | { readonly type: "range"; readonly path: Path; readonly body: readonly Part[] };

/**
 * Reads a template in the JSONPath dialect of Kubernetes: text, and in braces paths, quoted texts, `range` and `end`. Without any
 * braces it is one path. Throws RangeError.
 */
export function parseJsonPath(template: string): readonly Part[] {
  const isBare = !template.includes("{");
  const scanner = new JsonPathScanner(isBare ? `{${/^[.$[@]/.test(template) ? "" : "."}${template}}` : template);
  const parts = readParts(scanner, false);
  if (!scanner.isAtEnd) scanner.fail("there is no range that this ends");
  return parts;
}

function readParts(scanner: JsonPathScanner, isInRange: boolean): Part[] {
  const parts: Part[] = [];
  while (!scanner.isAtEnd) {
    const text = scanner.take(/[^{]+/y);
    if (text !== undefined) parts.push({ type: "text", text });
    if (scanner.isAtEnd) break;
    const isOver = readBraces(scanner, parts);
    if (isOver) return isInRange ? parts : scanner.fail("there is no range that this ends");
  }
  return isInRange ? scanner.fail("a range without {end}") : parts;
}

/** One pair of braces, with what a range in it encloses; true when it is `{end}`. */
function readBraces(scanner: JsonPathScanner, parts: Part[]): boolean {
  scanner.expect("{");
  for (;;) {
    scanner.take(/\s+/y);
    if (scanner.takes("}")) return false;
    if (scanner.take(/end\s*\}/y) !== undefined) return true;
    if (scanner.take(/range\s+/y) === undefined) parts.push(readItem(scanner));
    else {
      const path = readPath(scanner);
      scanner.take(/\s*/y);
      scanner.expect("}");
      parts.push({ type: "range", path, body: readParts(scanner, true) });
      return false;
    }
  }
}

function readItem(scanner: JsonPathScanner): Part {
  const text = scanner.takeQuoted();
  return text === undefined ? { type: "path", path: readPath(scanner) } : { type: "text", text };
}

function readPath(scanner: JsonPathScanner): Path {
  const start = scanner.take(/[$@]/y);
  const steps: Step[] = [];
  for (let found = readStep(scanner); found; found = readStep(scanner)) steps.push(...found);
  if (start === undefined && steps.length === 0) scanner.fail("a path was expected, such as .agents[*].name");
  return { isFromRoot: start === "$", steps };
}

/** Undefined where the path is over; no steps for a single dot, the present value. */
function readStep(scanner: JsonPathScanner): Step[] | undefined {
  if (scanner.takes("[")) return [readSubscript(scanner)];
  if (scanner.takes("..")) return [{ type: "descend" }, ...readName(scanner)];
  return scanner.takes(".") ? readName(scanner) : undefined;
}

function readName(scanner: JsonPathScanner): Step[] {
  if (scanner.takes("*")) return [{ type: "all" }];
  const name = scanner.takeName();
  return name === undefined ? [] : [{ type: "field", name, isQuoted: false }];
}

function readSubscript(scanner: JsonPathScanner): Step {
  if (scanner.takes("?(")) {
    const filter = readFilter(scanner);
    scanner.expect(")");
    scanner.expect("]");
    return { type: "filter", filter };
  }
  const alternatives: Step[] = [];
  do alternatives.push(readAlternative(scanner));
  while (scanner.takes(","));
  scanner.expect("]");
  const [first] = alternatives;
  return first && alternatives.length === 1 ? first : { type: "union", alternatives: alternatives.map((step) => [step]) };
}

const SLICE = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/;

function readAlternative(scanner: JsonPathScanner): Step {
  scanner.take(/\s*/y);
  const name = scanner.takeQuoted();
  const other = name === undefined ? (scanner.take(/[-\d:*]+/y) ?? "") : "";
  scanner.take(/\s*/y);
  if (name !== undefined) return { type: "field", name, isQuoted: true };
  if (other === "*") return { type: "all" };
  if (/^-?\d+$/.test(other)) return { type: "index", index: Number(other) };
  const slice = SLICE.exec(other);
  if (!slice) return scanner.fail("a number, *, a slice or a quoted name was expected");
  const [, from, to, step] = slice;
  return { type: "slice", from: numberOf(from), to: numberOf(to), step: Math.max(1, numberOf(step) ?? 1) };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function readFilter(scanner: JsonPathScanner): Filter {
  const left = readOperand(scanner);
  const operator = scanner.take(/==|!=|<=|>=|<|>/y);
  if (operator === undefined) return { left };
  if (!isComparison(operator)) return scanner.fail("an operator was expected");
  return { left, operator, right: readOperand(scanner) };
}

function isComparison(text: string): text is Comparison {
  return ["==", "!=", "<", "<=", ">", ">="].includes(text);
}

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

function readOperand(scanner: JsonPathScanner): Operand {
  scanner.take(/\s*/y);
  const operand = readLiteral(scanner) ?? { path: readPath(scanner) };
  scanner.take(/\s*/y);
  return operand;
}

function readLiteral(scanner: JsonPathScanner): Operand | undefined {
  const text = scanner.takeQuoted();
  if (text !== undefined) return { literal: text };
  const number = scanner.take(/-?\d+(?:\.\d+)?/y);
  if (number !== undefined) return { literal: Number(number) };
  const word = scanner.take(/(?:true|false|null)\b/y);
  return word === undefined ? undefined : { literal: WORDS[word] ?? null };
}
