import { readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";

/** A node of a syntax tree, as ESTree has it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

/** Every node of a file, in the order of the text. */
export function nodesOf(file: string): Node[] {
  const { program, errors } = parseSync(file, readFileSync(file, "utf8"));
  const [first] = errors;
  if (first) throw new Error(`${file}: ${first.message}`);
  return below(program);
}

/** The node and all nodes beneath it. */
function below(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(below);
  if (typeof value !== "object" || value === null) return [];
  const beneath = Object.values(value).flatMap(below);
  return isNode(value) ? [value, ...beneath] : beneath;
}

/** Whether a value is a node of a syntax tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value && typeof value.type === "string";
}

/** The child node in a field; undefined when there is none. */
export function child(node: Node, field: string): Node | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

/** The child nodes in a field. */
export function children(node: Node, field: string): Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier or the text of a literal; undefined for anything else. */
export function plainText(node: Node | undefined): string | undefined {
  const value = node?.type === "Identifier" ? node["name"] : node?.type === "Literal" ? node["value"] : undefined;
  return typeof value === "string" ? value : undefined;
}
