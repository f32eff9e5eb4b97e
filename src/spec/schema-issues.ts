import * as z from "zod";
import { findCredentials } from "./credential.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { meantValue } from "./meant-value.ts";
import { valueAt } from "./plain-data.ts";
import { fieldsAt, keySchemaAt, placesOf, schemaAt } from "./schema-fields.ts";
import { closestName, suggestName } from "./suggestion.ts";
import type { ValuePath, YamlDocument } from "./yaml-document.ts";

type Issue = z.core.$ZodIssue;

/** A value that fits its schema, or why it does not. */
export interface Checked<Value> {
  readonly value?: Value;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a whole document against a schema and tells every fault at its exact place. */
export function checkDocument<Schema extends z.ZodType>(schema: Schema, document: YamlDocument): Checked<z.output<Schema>> {
  const result = schema.safeParse(document.data);
  if (result.success) return { value: result.data, diagnostics: [] };
  const { issues } = result.error;
  const misspelled = new Set(issues.flatMap((issue) => meantFields(issue, schema)));
  const strange = new Set(issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys.filter(isStrange).map((key) => key.trim()) : [])));
  const isEcho = (path: ValuePath) => misspelled.has(formatPath(path)) || strange.has(String(path.at(-1)));
  const told = issues.filter((issue) => valueAt(document.data, plainPath(issue)) !== undefined || !isEcho(plainPath(issue)));
  return { diagnostics: told.flatMap((issue) => describeIssue(issue, schema, document)) };
}

/** `spec.network.egress[0].ports`; "the file" for the root. */
export function formatPath(path: ValuePath): string {
  if (path.length === 0) return "the file";
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${shown(step)}`)).join("");
}

/** A name from the file, for a message. */
export function quoteName(name: string): string {
  return `\`${shown(name)}\``;
}

/** Names that are long or look like credentials are cut: a value may have been put in a key's place. */
function shown(name: string): string {
  return name.length > 50 || findCredentials(name).length > 0 ? `${name.slice(0, 4)}...` : name;
}

/** A key that begins with a space which YAML takes for a letter, as one that was copied from a web page. */
function isStrange(key: string): boolean {
  return key !== key.trimStart();
}

/** The fields that unknown ones nearly spell: that these are missing goes without saying. */
function meantFields(issue: Issue, schema: z.core.$ZodType): string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const path = plainPath(issue);
  const allowed = fieldsAt(schema, path);
  return issue.keys.flatMap((key) => {
    const meant = closestName(key, allowed);
    return meant === undefined ? [] : [formatPath([...path, meant])];
  });
}

function plainPath(issue: Issue): (string | number)[] {
  return issue.path.filter((step) => typeof step !== "symbol");
}

function describeIssue(issue: Issue, schema: z.core.$ZodType, document: YamlDocument): Diagnostic[] {
  const path = plainPath(issue);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownField(key, path, schema, document));
  }
  const value = valueAt(document.data, path);
  const severity = "error";
  const { file } = document;
  if (issue.code === "invalid_key") {
    const position = document.keyPositionOf(path);
    const wanted = issue.issues[0]?.message ?? "allowed here";
    const names = keySchemaAt(schema, path.slice(0, -1));
    return [{ severity, code: "INVALID_NAME", message: `${quoteName(String(path.at(-1)))} is not ${wanted}`, file, ...position, ...meantFix(path.at(-1), names) }];
  }
  if (value === undefined && path.length > 0) {
    const position = document.keyPositionOf(path);
    return [{ severity, code: "MISSING_FIELD", message: `\`${formatPath(path)}\` is missing`, file, ...position, fix: missingFix(issue) }];
  }
  const told = describeValue(issue, path, value);
  const field = schemaAt(schema, path);
  return [{ severity, ...told, ...(isFixed(issue, told, field, value) ? {} : meantFix(value, field)), file, ...document.positionOf(path) }];
}

/** Whether the fix is the best already: the nearest of some words, or quotes around a number that the field would take as text. */
function isFixed(issue: Issue, { fix }: Pick<Diagnostic, "fix">, field: z.core.$ZodType | undefined, value: unknown): boolean {
  if (issue.code !== "invalid_type" || issue.expected !== "string") return fix?.startsWith("did you mean") === true;
  return field !== undefined && z.safeParse(field, String(value)).success;
}

function meantFix(written: unknown, schema: z.core.$ZodType | undefined): { fix?: string } {
  const meant = schema === undefined ? undefined : meantValue(written, schema);
  if (meant === undefined) return {};
  return { fix: typeof meant === "string" ? `did you mean \`${meant}\`?` : `write \`${meant}\`${typeof meant === "number" ? ", without quotes" : ""}` };
}

function unknownField(key: string, path: ValuePath, schema: z.core.$ZodType, document: YamlDocument): Diagnostic {
  if (isStrange(key)) {
    const place = { file: document.file, ...document.keyPositionOf([...path, key]) };
    return { severity: "error", code: "YAML_SYNTAX", message: `${quoteName(key.trim())} is indented with non-breaking spaces, which YAML takes for letters`, ...place, fix: "delete what is before it in the line, and indent it with the space bar" };
  }
  const where = path.length === 0 ? "at the top level" : `in \`${formatPath(path)}\``;
  const allowed = fieldsAt(schema, path);
  const places = placesOf(schema, key);
  const only = places.length === 1 ? places[0] : undefined;
  const elsewhere = only && closestName(key, allowed) === undefined ? `\`${key}\` belongs ${only.length === 0 ? "at the top level" : `in \`${formatPath(only)}\``}` : undefined;
  return {
    severity: "error",
    code: "UNKNOWN_FIELD",
    message: `unknown field ${quoteName(key)} ${where}`,
    file: document.file,
    ...document.keyPositionOf([...path, key]),
    fix: elsewhere ?? suggestName(key, allowed),
  };
}

function missingFix(issue: Issue): string {
  if (issue.code === "invalid_value") return `write \`${String(issue.path.at(-1))}: ${String(issue.values[0])}\``;
  return issue.code === "invalid_type" ? `add it: ${article(issue.expected)}` : `add it: ${issue.message}`;
}

function describeValue(issue: Issue, path: ValuePath, value: unknown): Pick<Diagnostic, "code" | "message" | "fix"> {
  const name = path.length === 0 ? "the file" : `\`${formatPath(path)}\``;
  switch (issue.code) {
    case "invalid_type":
      return { code: "WRONG_TYPE", message: `${name} must be ${article(issue.expected)}, not ${article(typeOf(value))}`, ...typeFix(issue.expected, value) };
    case "invalid_value":
      return { code: "INVALID_VALUE", message: `${name} must be ${issue.values.map((allowed) => `\`${String(allowed)}\``).join(" or ")}`, fix: valueFix(value, issue.values.map(String)) };
    case "too_small":
    case "too_big":
      return { code: "INVALID_VALUE", message: `${name} must be ${issue.code === "too_small" ? `at least ${issue.minimum}` : `at most ${issue.maximum}`}` };
    case "custom":
      return { code: "INVALID_VALUE", message: `${name}: ${issue.message}` };
    case "invalid_format":
      return { code: "INVALID_VALUE", message: `${name} must be ${issue.format === "url" ? "a URL such as https://vault.example.com:8200" : issue.message}` };
    default:
      return { code: "INVALID_VALUE", message: `${name} must be ${issue.message}` };
  }
}

function valueFix(value: unknown, allowed: readonly string[]): string {
  const only = allowed.length === 1 ? allowed[0] : undefined;
  if (only !== undefined) return `write \`${only}\``;
  return typeof value === "string" ? suggestName(value, allowed) : `allowed here: ${allowed.join(", ")}`;
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "a map",
  record: "a map",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  null: "empty",
};

function article(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

function typeFix(expected: string, value: unknown): { fix?: string } {
  const isMap = expected === "object" || expected === "record";
  if (value === null) return { fix: isMap ? "indent what belongs to it two deeper than it, or remove the line" : "give it a value, or remove the line" };
  const scalar = typeof value !== "object";
  if (expected === "string" && scalar) return { fix: 'put it in quotes: "..."' };
  if (expected === "array" && scalar) return { fix: "write it as a list: [...]" };
  if (isMap) return { fix: "write it as `key: value` lines below it, indented deeper" };
  return {};
}
