import { isPlainMap, type PlainMap } from "../../spec/plain-data.ts";
import type { Output } from "../context.ts";
import { jsonPathTemplate, missingFields, renderJsonPath, type JsonPathTemplate } from "./json-path.ts";
import { writeStructured } from "./structured-output.ts";

/** How a command that lists prints, other than as its table. */
export type ListOutput =
  | { readonly type: "json" | "yaml" | "name" }
  /** The table with all of its columns. */
  | { readonly type: "wide" }
  | { readonly type: "jsonpath"; readonly template: JsonPathTemplate };

/** Reads `json`, `yaml`, `name`, `wide` or `jsonpath=TEMPLATE`; throws RangeError. */
function parseListOutput(text: string): ListOutput {
  if (text === "json" || text === "yaml" || text === "name" || text === "wide") return { type: text };
  const template = /^jsonpath=(.+)$/s.exec(text)?.[1];
  if (template !== undefined) return { type: "jsonpath", template: jsonPathTemplate(template) };
  throw new RangeError(`not a way to print: ${text} (write json, yaml, name, wide or jsonpath=TEMPLATE)`);
}

function parseNarrowOutput(text: string): Exclude<ListOutput, { type: "wide" }> {
  const output = parseListOutput(text);
  if (output.type === "wide") throw new RangeError("this table has no further columns (write json, yaml, name or jsonpath=TEMPLATE)");
  return output;
}

/** `-o json|yaml|name|jsonpath=...` */
export const listOutputFlag = {
  kind: "parsed",
  parse: parseNarrowOutput,
  optional: true,
  brief: "Print for programs: json, yaml, name, or jsonpath=TEMPLATE in kubectl's dialect",
  placeholder: "format",
} as const;

/** `-o wide` as well, for a table that has columns which are not always shown. */
export const wideOutputFlag = {
  ...listOutputFlag,
  parse: parseListOutput,
  brief: "Print all columns (wide), or for programs: json, yaml, name, or jsonpath=TEMPLATE in kubectl's dialect",
} as const;

/** What a command lists, for programs. */
export interface Listing {
  readonly data: PlainMap | readonly unknown[];
  /** What `-o name` prints, a line each: as Frota's commands take them. */
  readonly names: readonly string[];
}

/** Writes a listing for programs. A template that names what the data never has is told on `stderr`: it prints nothing of it. */
export async function writeListing({ data, names }: Listing, output: Exclude<ListOutput, { type: "wide" }>, { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output }): Promise<void> {
  if (output.type === "name") stdout.write(names.map((name) => `${name}\n`).join(""));
  else if (output.type === "jsonpath") {
    const unknown = isPlainMap(data) ? missingFields(output.template, data) : [];
    if (unknown.length > 0) stderr.write(`warning: there is no .${unknown.join(", .")}; there is ${Object.keys(data).map((key) => `.${key}`).join(", ")}\n`);
    stdout.write(`${renderJsonPath(output.template, data).replace(/\n$/, "")}\n`);
  } else await writeStructured(data, output.type, stdout);
}
