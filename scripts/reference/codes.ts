import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { argumentsFor, sentence } from "./sentence.ts";
import { child, children, nodesOf, plainText, type Node } from "./syntax.ts";

/** One place in the source that gives a stable code to something that is wrong. */
export interface CodeUse {
  readonly code: string;
  /** Path below src/. */
  readonly file: string;
  /** What is said; what is only known at run time is `<name>`. */
  readonly message: string;
  /** What to do next; empty when it is not said in the same place. */
  readonly next: string;
}

/** Node's own error names (ETIMEDOUT) are none of ours. */
const CODE = /^(?!E[A-Z]+$)[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$/;

/** Functions that make a finding, and where among their arguments code, message and advice are. */
const MAKERS: ReadonlyMap<string | undefined, readonly [number, number, number]> = new Map([
  ["failure", [1, 2, 3]],
  ["caution", [1, 2, 3]],
  ["report", [0, 1, 3]],
  ["unknown", [1, 2, 3]],
]);

/** What starts the program, and may say why it cannot. */
const LAUNCHER = "../bin/frota";

/** Every use of a code in src/, tests aside, and in what starts the program. */
export function codeUses(root: string): CodeUse[] {
  const source = join(root, "src");
  const files = globSync("**/*.{ts,mjs,sh}", { cwd: source }).filter((file) => !/\.test\.ts$|\/testing\//.test(file)).sort();
  return [...files, LAUNCHER].flatMap((file) => {
    const found = file.endsWith(".sh") || file === LAUNCHER ? shellUses(readFileSync(join(source, file), "utf8")) : scriptUses(join(source, file));
    return found.map((use) => Object.assign(use, { file }));
  });
}

type Use = Omit<CodeUse, "file">;

function scriptUses(file: string): Use[] {
  const nodes = nodesOf(file);
  return nodes.flatMap((node) => {
    if (node.type === "ObjectExpression") return objectUses(node, nodes);
    return node.type === "CallExpression" ? callUses(node, nodes) : [];
  });
}

function objectUses(node: Node, nodes: readonly Node[]): Use[] {
  const value = (name: string) => {
    const property = children(node, "properties").find((one) => plainText(child(one, "key")) === name);
    return property && child(property, "value");
  };
  const message = sentence(value("message"), nodes);
  // Where another function gives the message, it gives the advice with it.
  const isGivenElsewhere = message === "" && children(node, "properties").some(({ type }) => type === "SpreadElement");
  const next = isGivenElsewhere ? "<...>" : sentence(value("next") ?? value("fix"), nodes);
  return literals(value("code"), nodes).map((code) => ({ code, message, next }));
}

function callUses(node: Node, nodes: readonly Node[]): Use[] {
  const places = MAKERS.get(plainText(child(node, "callee")));
  if (!places) return [];
  const [code, message, next] = places.map((index) => children(node, "arguments")[index]);
  return literals(code, nodes).map((literal) => ({ code: literal, message: sentence(message, nodes), next: sentence(next, nodes) }));
}

/** The codes that an expression may be: a literal, a choice between some, or a constant of the file. */
function literals(node: Node | undefined, nodes: readonly Node[]): string[] {
  if (!node || !["Literal", "Identifier", "ConditionalExpression", "LogicalExpression"].includes(node.type)) return [];
  // The code of a maker of findings is known where it is called.
  if (node.type === "Identifier" && argumentsFor(node, nodes).length > 0) return [];
  return sentence(node, nodes).split(" / ").filter((text) => CODE.test(text));
}

/** In start.sh `fail "message [CODE]" "next"`; in the launcher the two lines of an error. */
function shellUses(text: string): Use[] {
  const told = [...text.matchAll(/echo "error ([A-Z_]+): (.+)" >&2\n\s*echo " {2}next: (.+)" >&2/g)].map(([, code = "", message = "", next = ""]) => ({ code, message, next }));
  const failed = [...text.matchAll(/\bfail\s+(?:\\\n\s*)?"([^"]+) \[([A-Z_]+)\]"\s+(?:\\\n\s*)?"([^"]+)"/g)].map(([, message = "", code = "", next = ""]) => ({
    code,
    message: message.replaceAll(/\$\{?(\w+)\}?/g, "<$1>"),
    next,
  }));
  return [...told, ...failed];
}
