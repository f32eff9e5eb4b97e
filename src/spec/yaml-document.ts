import { isAlias, isMap, isNode, isScalar, isSeq, parseAllDocuments, visit } from "yaml";
import type { Document, Node, Pair, ParsedNode } from "yaml";
import type { Diagnostic } from "./diagnostic.ts";
import { quickYaml } from "./quick-yaml.ts";
import { TextPositions } from "./text-position.ts";
import type { Position } from "./text-position.ts";
import { yamlFaults } from "./yaml-fault.ts";

/** Keys and indexes from a document's root to a value. */
export type ValuePath = readonly (string | number)[];

/** Characters; larger files are refused rather than parsed. */
const MAXIMUM_LENGTH = 256_000;

/** One parsed YAML file: plain data, and where each part of it stands. */
export interface YamlDocument {
  readonly file: string;
  /** Plain data without cycles. */
  readonly data: unknown;
  /** Where the value at `path` starts; without such a value, the nearest enclosing key. */
  positionOf(path: ValuePath): Position;
  /** Where the last key of `path` is written; without it, as {@link YamlDocument.positionOf}. */
  keyPositionOf(path: ValuePath): Position;
  has(path: ValuePath): boolean;
}

/** What came of parsing: a document when there was one to read, and every fault of its YAML. */
export interface YamlResult {
  readonly document?: YamlDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a file that holds exactly one YAML document; places are looked up when they are asked for. Never throws. */
export function parseYaml(file: string, text: string): YamlResult {
  const data = text.length > MAXIMUM_LENGTH ? undefined : quickYaml(text);
  return data === undefined ? parseWithPlaces(file, text) : { document: new QuickDocument(file, text, data), diagnostics: [] };
}

/** As {@link parseYaml}, with the places of everything at once: several times slower. */
export function parseWithPlaces(file: string, text: string): YamlResult {
  const positions = new TextPositions(text);
  const report = (code: string, message: string, offset: number, fix?: string): Diagnostic => ({
    severity: "error",
    code,
    message,
    file,
    ...positions.at(offset),
    ...(fix === undefined ? {} : { fix }),
  });
  if (text.length > MAXIMUM_LENGTH) {
    return { diagnostics: [report("YAML_TOO_LARGE", "the file is larger than 256 kB", 0, "move large texts to files in workspace/")] };
  }
  try {
    return readDocument(file, text, positions, report);
  } catch (error) {
    // The parser recurses: nesting of some thousand levels overflows its stack; an alias bomb makes it throw.
    const message = error instanceof RangeError ? "the YAML is nested too deeply" : "the YAML cannot be resolved";
    return { diagnostics: [report("YAML_SYNTAX", message, 0, "write it flatter, without aliases of aliases")] };
  }
}

type Report = (code: string, message: string, offset: number, fix?: string) => Diagnostic;

function readDocument(file: string, text: string, positions: TextPositions, report: Report): YamlResult {
  const [first, second] = parseAllDocuments(text, { prettyErrors: false });
  const faults = first ? yamlFaults(first, text).map(({ code, message, offset, fix }) => report(code, message, offset, fix)) : [];
  if (!first?.contents) {
    const empty = report("YAML_EMPTY", "the file is empty", 0, "give it `apiVersion`, `kind` and `metadata`");
    return { diagnostics: faults.length > 0 ? faults : [empty] };
  }
  if (second) {
    const message = "the file holds more than one YAML document";
    faults.push(report("YAML_SEVERAL_DOCUMENTS", message, second.range[0], "one resource per file: move the second one to its own"));
  }
  if (first.errors.some((error) => error.code !== "DUPLICATE_KEY")) return { diagnostics: faults };
  const alias = findBadAlias(first);
  if (alias) {
    faults.push(report("YAML_SYNTAX", alias.message, offsetOf(alias.node) ?? 0, "put a text that begins with * in quotes; else define the anchor before its alias, or write the value out"));
    return { diagnostics: faults };
  }
  return { document: new ParsedDocument(file, first, positions), diagnostics: faults };
}

/** An alias that has no anchor before it, or stands inside its own anchor's value. */
function findBadAlias(document: Document.Parsed): { node: Node; message: string } | undefined {
  let found: { node: Node; message: string } | undefined;
  visit(document, {
    Alias(_key, node, ancestors) {
      const target = node.resolve(document);
      if (target && !ancestors.includes(target)) return undefined;
      found = { node, message: target ? "an alias refers to what it is part of" : "the alias has no anchor before it" };
      return visit.BREAK;
    },
  });
  return found;
}

/** A document without faults, whose places hardly anybody asks for. */
class QuickDocument implements YamlDocument {
  readonly file: string;
  readonly data: unknown;
  readonly #text: string;
  #placed: YamlDocument | undefined;

  constructor(file: string, text: string, data: unknown) {
    this.file = file;
    this.data = data;
    this.#text = text;
  }

  positionOf(path: ValuePath): Position {
    return this.#withPlaces()?.positionOf(path) ?? START;
  }

  keyPositionOf(path: ValuePath): Position {
    return this.#withPlaces()?.keyPositionOf(path) ?? START;
  }

  has(path: ValuePath): boolean {
    return this.#withPlaces()?.has(path) ?? false;
  }

  #withPlaces(): YamlDocument | undefined {
    this.#placed ??= parseWithPlaces(this.file, this.#text).document;
    return this.#placed;
  }
}

const START: Position = { line: 1, column: 1 };

class ParsedDocument implements YamlDocument {
  readonly file: string;
  readonly data: unknown;
  readonly #document: Document.Parsed;
  readonly #positions: TextPositions;

  constructor(file: string, document: Document.Parsed, positions: TextPositions) {
    this.file = file;
    this.data = document.toJS({ maxAliasCount: 100 });
    this.#document = document;
    this.#positions = positions;
  }

  positionOf(path: ValuePath): Position {
    const found = this.#find(path);
    return this.#positions.at(offsetOf(found.value) ?? offsetOf(found.key) ?? 0);
  }

  keyPositionOf(path: ValuePath): Position {
    const found = this.#find(path);
    return this.#positions.at(offsetOf(found.key) ?? offsetOf(found.value) ?? 0);
  }

  has(path: ValuePath): boolean {
    return this.#find(path).complete;
  }

  /** Walks as far as the document goes: `complete` says whether that was the whole path. */
  #find(path: ValuePath): { key: unknown; value: unknown; complete: boolean } {
    let key: unknown;
    let value: unknown = this.#document.contents;
    for (const step of path) {
      const parent = isAlias(value) ? value.resolve(this.#document) : value;
      if (isSeq<ParsedNode>(parent) && parent.items[Number(step)] !== undefined) {
        key = undefined;
        value = parent.items[Number(step)];
        continue;
      }
      const pair = isMap<ParsedNode, ParsedNode>(parent) ? findPair(parent.items, step) : undefined;
      // Nothing there: the innermost thing that is there is named by its key.
      if (!pair) return { key, value: key === undefined ? value : undefined, complete: false };
      key = pair.key;
      value = pair.value ?? undefined;
    }
    return { key, value, complete: true };
  }
}

function findPair(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], step: string | number): Pair<ParsedNode, ParsedNode | null> | undefined {
  return pairs.findLast(({ key }) => isScalar<string | number | boolean | null>(key) && String(key.value ?? "") === String(step));
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
