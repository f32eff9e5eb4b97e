import { isPlainMap, type PlainMap } from "../../spec/plain-data.ts";
import { parseJsonPath, type Filter, type Operand, type Part, type Path, type Step } from "./json-path-template.ts";

/** A JSONPath template that was read. */
export interface JsonPathTemplate {
  /** As it was written. */
  readonly text: string;
  readonly parts: readonly Part[];
}

/** Reads a template; throws RangeError. See {@link parseJsonPath}. */
export function jsonPathTemplate(text: string): JsonPathTemplate {
  return { text, parts: parseJsonPath(text) };
}

/** What `kubectl -o jsonpath` would print of this data: several values with spaces between, maps and lists as JSON, nothing for what is not there. */
export function renderJsonPath({ parts }: JsonPathTemplate, data: unknown): string {
  return renderParts(parts, { root: data, here: data });
}

/** Fields of the data's first level that the template names and that are not there: probably a mistake. */
export function missingFields({ parts }: JsonPathTemplate, data: PlainMap): string[] {
  const first = parts.filter((part) => part.type !== "text").map(({ path }) => path.steps[0]);
  return first.flatMap((step) => (step?.type === "field" && !Object.hasOwn(data, step.name) ? [step.name] : []));
}

interface Place {
  readonly root: unknown;
  readonly here: unknown;
}

function renderParts(parts: readonly Part[], place: Place): string {
  return parts.map((part) => renderPart(part, place)).join("");
}

function renderPart(part: Part, place: Place): string {
  if (part.type === "text") return part.text;
  const values = valuesAt(part.path, place);
  if (part.type === "range") return values.map((here) => renderParts(part.body, { ...place, here })).join("");
  return values.map(textOf).join(" ");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function valuesAt({ isFromRoot, steps }: Path, place: Place): unknown[] {
  return walk(steps, [isFromRoot ? place.root : place.here], place.root);
}

function walk(steps: readonly Step[], values: readonly unknown[], root: unknown): unknown[] {
  return steps.reduce<unknown[]>((found, step) => found.flatMap((value) => stepFrom(step, value, root)), [...values]);
}

function stepFrom(step: Step, value: unknown, root: unknown): unknown[] {
  switch (step.type) {
    case "field":
      return fieldOf(value, step);
    case "all":
      return childrenOf(value);
    case "descend":
      return [value, ...descendantsOf(value)];
    case "index":
      return Array.isArray(value) ? present(value.at(step.index)) : [];
    case "slice":
      return Array.isArray(value) ? value.slice(step.from, step.to).filter((_item, index) => index % step.step === 0) : [];
    case "union":
      return step.alternatives.flatMap((steps) => walk(steps, [value], root));
    default:
      return childrenOf(value).filter((here) => isMet(step.filter, { root, here }));
  }
}

/** `['a.b']` is the field of that name, or else, as in Kubernetes, field `b` of field `a`; `\.` is a dot of the name. */
function fieldOf(value: unknown, { name, isQuoted }: Extract<Step, { type: "field" }>): unknown[] {
  const names = isQuoted ? [[name], [name.replaceAll("\\.", ".")], name.split(".")] : [[name]];
  for (const steps of names) {
    const found = steps.reduce<unknown[]>((values, step) => values.flatMap((one) => own(one, step)), [value]);
    if (found.length > 0) return found;
  }
  return [];
}

function own(value: unknown, name: string): unknown[] {
  return isPlainMap(value) && Object.hasOwn(value, name) ? present(value[name]) : [];
}

function present(value: unknown): unknown[] {
  return value === undefined ? [] : [value];
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return [...(value as readonly unknown[])];
  return isPlainMap(value) ? Object.values(value) : [];
}

function descendantsOf(value: unknown): unknown[] {
  return childrenOf(value).flatMap((child) => [child].concat(descendantsOf(child)));
}

function isMet({ left, operator, right }: Filter, place: Place): boolean {
  const one = operandValue(left, place);
  if (operator === undefined || right === undefined) return one !== undefined;
  const other = operandValue(right, place);
  if (operator === "==") return one === other;
  return operator === "!=" ? one !== other : isOrdered(operator, one, other);
}

function operandValue(operand: Operand, place: Place): unknown {
  return "literal" in operand ? operand.literal : valuesAt(operand.path, place)[0];
}

function isOrdered(operator: "<" | "<=" | ">" | ">=", one: unknown, other: unknown): boolean {
  const order = orderOf(one, other);
  if (order === undefined) return false;
  const isEqual = order === 0 && operator.endsWith("=");
  return isEqual || (operator.startsWith("<") ? order < 0 : order > 0);
}

/** Negative, zero or positive; undefined for what cannot be compared. */
function orderOf(one: unknown, other: unknown): number | undefined {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one !== "string" || typeof other !== "string") return undefined;
  return one === other ? 0 : one < other ? -1 : 1;
}
