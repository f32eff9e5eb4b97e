import { stringify } from "yaml";
import { isConstant } from "./constant.ts";

/**
 * How manifests are written. `kubectl`, Argo CD and Flux read YAML by the rules of 1.1, in which `yes`, `on` and `n` are booleans, 1_000 is a number and
 * 2026-01-01 a time: such texts get quotes.
 */
export const MANIFEST_YAML = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

const STEP = "  ";

/** Texts of a YAML document that everybody reads as a string, without quotes. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|e\d+)$)[a-z][\w./-]*\w$/i;

/** Lines of nothing but spaces: the library (2.9.0) writes them as a block, from which the spaces are not read back. */
const BLANK = /^[ \n]*(?: \n|\n )[ \n]*$/;

/** What the library made of a text, by indentation and text: in a large fleet most texts come again with each agent. */
const known = new Map<string, string>();
const KNOWN_LIMIT = 100_000;

/**
 * The same text as the YAML library's `stringify(value, MANIFEST_YAML)`, at a fifth of the time: the library itself decides how a scalar is written, and
 * is asked once for each.
 */
export function blockYaml(value: Readonly<Record<string, unknown>>): string {
  return mapText(value, "");
}

function mapText(map: object, indent: string): string {
  let text = "";
  for (const key of Object.keys(map)) {
    const value: unknown = Reflect.get(map, key);
    if (value === undefined) continue;
    text += isFilled(value) ? `${indent}${keyText(key, indent)}:\n${collectionText(value, indent + STEP)}` : `${indent}${keyText(key, indent)}: ${scalarText(value, indent + STEP)}\n`;
  }
  return text;
}

function listText(list: readonly unknown[], indent: string): string {
  let text = "";
  for (const value of list) {
    const item = isFilled(value) ? collectionText(value, indent + STEP).slice(indent.length + STEP.length) : `${scalarText(value, indent + STEP)}\n`;
    text += `${indent}- ${item}`;
  }
  return text;
}

/** Texts of maps and lists that cannot change any more, by indentation. */
const constantTexts = new WeakMap<object, Map<string, string>>();

function collectionText(value: object, indent: string): string {
  if (!isConstant(value)) return newText(value, indent);
  const texts = constantTexts.get(value) ?? new Map<string, string>();
  const text = texts.get(indent) ?? newText(value, indent);
  constantTexts.set(value, texts.set(indent, text));
  return text;
}

function newText(value: object, indent: string): string {
  return Array.isArray(value) ? listText(value, indent) : mapText(value, indent);
}

/** A map or a list with something in it. */
function isFilled(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  for (const key in value) if (Object.hasOwn(value, key) && Reflect.get(value, key) !== undefined) return true;
  return false;
}

/** Keys are few, and are written more often than anything else. */
const plainKeys = new Set<string>();

function keyText(key: string, indent: string): string {
  if (plainKeys.has(key)) return key;
  if (PLAIN.test(key)) {
    if (plainKeys.size < KNOWN_LIMIT) plainKeys.add(key);
    return key;
  }
  // At the beginning of a line some texts mean something else.
  const place = indent === "" ? "" : STEP;
  return remembered(key, `key${place}`, () => {
    const text = place === "" ? stringify({ [key]: 0 }, MANIFEST_YAML) : stringify({ a: { [key]: 0 } }, MANIFEST_YAML).slice("a:\n  ".length);
    return text.slice(0, -": 0\n".length);
  });
}

function scalarText(value: unknown, indent: string): string {
  if (typeof value === "boolean" || (Number.isSafeInteger(value) && value !== 0)) return String(value);
  if (typeof value !== "string") return stringify(value ?? null, MANIFEST_YAML).trimEnd();
  if (PLAIN.test(value)) return value;
  if (BLANK.test(value)) return JSON.stringify(value);
  // Only what goes over several lines is written with the indentation of its place.
  const place = value.includes("\n") ? indent : STEP;
  return remembered(value, place, () => {
    let nested: unknown = value;
    for (let depth = 0; depth < place.length; depth += STEP.length) nested = { a: nested };
    const text = stringify(nested, MANIFEST_YAML);
    return text.slice(text.indexOf("a: ") + "a: ".length, -1);
  });
}

function remembered(text: string, place: string, make: () => string): string {
  const key = `${place}\0${text}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= KNOWN_LIMIT) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}
