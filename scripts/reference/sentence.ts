import { child, children, isNode, plainText, type Node } from "./syntax.ts";

type Reader = (node: Node, nodes: readonly Node[]) => string;

/**
 * The text that an expression would make, as a template: what is only known at run time becomes `<name>`. Constants of
 * the same file are followed.
 */
export function sentence(node: Node | undefined, nodes: readonly Node[]): string {
  if (!node) return "";
  return READERS[node.type]?.(node, nodes) ?? "<...>";
}

const READERS: Readonly<Record<string, Reader>> = {
  Literal: (node) => (typeof node["value"] === "string" ? node["value"] : ""),
  TemplateLiteral: (node, nodes) => {
    const expressions = children(node, "expressions");
    return children(node, "quasis").map((quasi, index) => cooked(quasi) + placeholder(expressions[index], nodes)).join("");
  },
  Identifier: (node, nodes) => {
    const given = argumentsFor(node, nodes);
    if (given.length > 0) return either(given, nodes);
    const constant = declaration(node, nodes);
    return constant ? sentence(constant, nodes) : `<${plainText(node) ?? "..."}>`;
  },
  ConditionalExpression: (node, nodes) => either([child(node, "consequent"), child(node, "alternate")], nodes),
  LogicalExpression: (node, nodes) => either([child(node, "left"), child(node, "right")], nodes),
  BinaryExpression: (node, nodes) => sentence(child(node, "left"), nodes) + sentence(child(node, "right"), nodes),
  MemberExpression: (node) => `<${plainText(child(node, "property")) ?? "..."}>`,
  CallExpression: (node) => {
    const callee = child(node, "callee");
    const receiver = callee?.type === "MemberExpression" ? child(callee, "object") : callee;
    return `<${plainText(receiver) ?? plainText(receiver && child(receiver, "property")) ?? "..."}>`;
  },
  ParenthesizedExpression: (node, nodes) => sentence(child(node, "expression"), nodes),
};

function cooked(quasi: Node): string {
  const value = quasi["value"];
  return typeof value === "object" && value !== null && "cooked" in value ? String(value.cooked) : "";
}

/** Inside a text, a value that is only known at run time: short, whatever it is made of. */
function placeholder(node: Node | undefined, nodes: readonly Node[]): string {
  if (!node) return "";
  const name = plainText(node);
  if (node.type === "Identifier") return `<${name ?? "..."}>`;
  if (node.type === "MemberExpression" || node.type === "CallExpression") return sentence(node, nodes);
  return "<...>";
}

function either(sides: readonly (Node | undefined)[], nodes: readonly Node[]): string {
  const texts = sides.map((side) => (plainText(side) === "undefined" ? "" : sentence(side, nodes))).filter((text) => text !== "" && text !== "<...>");
  return [...new Set(texts)].join(" / ");
}

/** What the same file gives for a parameter wherever it calls the function that the parameter is of. */
export function argumentsFor(use: Node, nodes: readonly Node[]): Node[] {
  const around = nodes.findLast((node) => children(node, "params").length > 0 && node.start < use.start && use.start < Number(node["end"]));
  if (!around) return [];
  const index = children(around, "params").findIndex((parameter) => plainText(parameter) === plainText(use));
  const named = nodes.find((node) => node.type === "VariableDeclarator" && child(node, "init") === around) ?? around;
  const name = plainText(child(named, "id"));
  if (index < 0 || name === undefined) return [];
  const calls = nodes.filter((node) => node.type === "CallExpression" && plainText(child(node, "callee")) === name);
  return calls.flatMap((call) => children(call, "arguments").slice(index, index + 1)).filter((given) => plainText(given) !== plainText(use));
}

/** The value of the nearest constant of that name above its use. */
function declaration(use: Node, nodes: readonly Node[]): Node | undefined {
  const name = plainText(use);
  const found = nodes.findLast((node) => node.type === "VariableDeclarator" && node.start < use.start && plainText(child(node, "id")) === name);
  const value = found?.["init"];
  return isNode(value) && value.start !== use.start ? value : undefined;
}
