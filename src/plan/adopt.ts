import { diffArrays } from "diff";
import { isCollection, isMap, isScalar, parseDocument, type Document } from "yaml";
import { FrotaError } from "../spec/error.ts";
import { isPlainMap } from "../spec/plain-data.ts";
import { formatConfigurationPath, type ConfigurationChange } from "./configuration-path.ts";

/** Where an Agent's own OpenClaw configuration stands in its file. */
const ROOT: readonly string[] = ["spec", "openclaw"];

/** Long lines stay whole. */
const FORMAT = { lineWidth: 0 } as const;

/**
 * The text of an `agent.yaml` with the agent's own values in it: comments, order and every other line stay as they are, new
 * keys come last. A change without a value removes the key. Pure. Throws ADOPT_NOT_POSSIBLE for a file that cannot be edited so.
 */
export function adoptInto(file: string, text: string, changes: readonly ConfigurationChange[]): string {
  const document = parseDocument(text);
  for (const { path, after } of changes) {
    try {
      edit(document, [...ROOT, ...path], after);
    } catch (cause) {
      throw new FrotaError(
        {
          code: "ADOPT_NOT_POSSIBLE",
          message: `openclaw.${formatConfigurationPath(path)} cannot be written into this file: something on its way is an alias or not a map`,
          where: { file },
          next: "edit the file by hand; `frota drift` shows the values",
          outcome: "refused",
        },
        { cause },
      );
    }
  }
  return withOwnFormat(text, parseDocument(text).toString(FORMAT), document.toString(FORMAT));
}

function edit(document: Document.Parsed, path: readonly string[], value: unknown): void {
  if (value === undefined) {
    if (document.hasIn(path)) remove(document, path);
    return;
  }
  for (const length of ROOT.keys()) {
    const place = ROOT.slice(0, length + 1);
    if (!isMap(document.getIn(place, true))) document.setIn(place, document.createNode({}));
  }
  set(document, path, value);
}

/** Changes as little as makes the value so: what is the same keeps its comments and its style. */
function set(document: Document.Parsed, path: readonly string[], value: unknown): void {
  const node = document.getIn(path, true);
  if (isMap(node) && isPlainMap(value)) {
    const keys = node.items.map(({ key }) => String(isScalar(key) ? key.value : key));
    for (const key of keys.filter((name) => !Object.hasOwn(value, name))) document.deleteIn([...path, key]);
    for (const [key, item] of Object.entries(value)) set(document, [...path, key], item);
    return;
  }
  const isScalarValue = value === null || typeof value !== "object";
  document.setIn(path, isScalarValue ? value : document.createNode(value));
}

/** Removes a key, and the maps that it leaves empty. */
function remove(document: Document.Parsed, path: readonly string[]): void {
  for (let length = path.length; length >= ROOT.length; length -= 1) {
    const place = path.slice(0, length);
    const node = document.getIn(place, true);
    const isEmptied = isCollection(node) && node.items.length === 0;
    if (length < path.length && !isEmptied) return;
    document.deleteIn(place);
  }
}

/** The edited text, with each line that the edit did not touch as it was written. */
function withOwnFormat(own: string, formatted: string, edited: string): string {
  const [ownLines, formattedLines] = [own.split("\n"), formatted.split("\n")];
  if (ownLines.length !== formattedLines.length) return edited;
  let line = 0;
  const parts = diffArrays(formattedLines, edited.split("\n")).flatMap(({ added, removed, value }) => {
    if (added) return value;
    line += value.length;
    return removed ? [] : ownLines.slice(line - value.length, line);
  });
  return parts.join("\n");
}
