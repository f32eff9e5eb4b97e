import { Ajv } from "ajv";
import type { ErrorObject, ValidateFunction } from "ajv";
import { isPlainMap } from "../plain-data.ts";
import type { PlainMap } from "../plain-data.ts";
import { formatPath, quoteName } from "../schema-issues.ts";
import { suggestName } from "../suggestion.ts";
import type { ValuePath } from "../yaml-document.ts";
import { KNOWN_NAMES, pruneSchema } from "./json-schema.ts";
import { reduceErrors } from "./schema-faults.ts";
import type { SchemaFault } from "./schema-faults.ts";

/** One fault of an OpenClaw configuration, at a path below its root. */
export interface ConfigurationFault {
  readonly path: ValuePath;
  /** Whether it is about the last key of `path` rather than its value. */
  readonly onKey: boolean;
  /** One sentence; never holds a value of the configuration. */
  readonly message: string;
  readonly fix?: string;
}

/**
 * Makes a check of OpenClaw configurations out of OpenClaw's own JSON Schema. It is compiled for these configurations
 * and holds for no others. As in OpenClaw, texts may hold `${NAME}`, and secrets may be SecretRefs.
 */
export function createValidator(schema: PlainMap, configurations: readonly unknown[]): (configuration: unknown) => ConfigurationFault[] {
  // Whether OpenClaw's schema is one is tested once (`check-configurations.test.ts`), not at each start: that would take as long as all the rest.
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, logger: false, addUsedSchema: false, validateSchema: false });
  ajv.addFormat("uri", (text: string) => URL.canParse(text));
  const validate: ValidateFunction = ajv.compile(pruneSchema(schema, configurations));
  return (configuration) => {
    if (validate(configuration)) return [];
    return reduceErrors(validate.errors ?? []).map((fault) => describeFault(fault, configuration));
  };
}

function describeFault(fault: SchemaFault, configuration: unknown): ConfigurationFault {
  const path = pathOf(fault.instancePath, configuration);
  const name = `\`${formatPath(["openclaw", ...path])}\``;
  const [first] = fault.alternatives;
  if (first?.keyword === "additionalProperties") return unknownSetting(first, path, name);
  if (first?.keyword === "required") {
    const missing = String(first.params["missingProperty"]);
    return { path, onKey: true, message: `${name} has no \`${missing}\``, fix: `OpenClaw needs it: add \`${missing}\`` };
  }
  const expected = [...new Set(fault.alternatives.map(expectation))];
  return { path, onKey: false, message: `${name} must be ${expected.join(" or ")}`, ...valueFix(fault.alternatives) };
}

function valueFix(alternatives: readonly ErrorObject[]): { fix?: string } {
  const value: unknown = alternatives[0]?.data;
  if (typeof value !== "string") return {};
  const names = alternatives.flatMap(allowedTexts);
  if (names.length > 0) return { fix: suggestName(value, names) };
  // In YAML 1.2 these words are text.
  const isOldBoolean = /^(?:yes|no|on|off)$/i.test(value) && alternatives.some(({ params }) => params["type"] === "boolean");
  return isOldBoolean ? { fix: "write `true` or `false`" } : {};
}

function unknownSetting(error: ErrorObject, path: ValuePath, name: string): ConfigurationFault {
  const key = String(error.params["additionalProperty"]);
  const parent: unknown = error.parentSchema;
  const known = isPlainMap(parent) && Array.isArray(parent[KNOWN_NAMES]) ? parent[KNOWN_NAMES].map(String) : [];
  return { path: [...path, key], onKey: true, message: `OpenClaw knows no setting ${quoteName(key)} in ${name}`, fix: suggestName(key, known) };
}

/** The texts that an error would have accepted. */
function allowedTexts(error: ErrorObject): string[] {
  const allowed: unknown = error.keyword === "enum" ? error.params["allowedValues"] : [error.params["allowedValue"]];
  return Array.isArray(allowed) ? allowed.filter((value) => typeof value === "string") : [];
}

const TYPES: Readonly<Record<string, string>> = {
  object: "a map",
  array: "a list",
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "empty",
};

const EXPECTATIONS: Readonly<Record<string, (params: PlainMap) => string>> = {
  type: ({ type }) => [type].flat().map((name) => TYPES[String(name)] ?? String(name)).join(" or "),
  const: ({ allowedValue }) => `\`${String(allowedValue)}\``,
  enum: ({ allowedValues }) => [allowedValues].flat().map((value) => `\`${String(value)}\``).join(" or "),
  minimum: ({ limit }) => `at least ${String(limit)}`,
  maximum: ({ limit }) => `at most ${String(limit)}`,
  exclusiveMinimum: ({ limit }) => `more than ${String(limit)}`,
  exclusiveMaximum: ({ limit }) => `less than ${String(limit)}`,
  minLength: ({ limit }) => `text of ${String(limit)} characters or more`,
  maxLength: ({ limit }) => `text of at most ${String(limit)} characters`,
  minItems: ({ limit }) => `a list of ${String(limit)} or more`,
  maxItems: ({ limit }) => `a list of at most ${String(limit)}`,
  pattern: ({ pattern }) => `text that matches ${String(pattern)}`,
  format: ({ format }) => (format === "uri" ? "a URL" : `a ${String(format)}`),
};

function expectation(error: ErrorObject): string {
  return EXPECTATIONS[error.keyword]?.(error.params) ?? `otherwise: ${error.message ?? error.keyword}`;
}

/** Steps of a JSON pointer; those into lists are numbers. */
function pathOf(pointer: string, configuration: unknown): (string | number)[] {
  let value = configuration;
  return pointer.split("/").slice(1).map((step) => {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const parent = value;
    value = isPlainMap(parent) || Array.isArray(parent) ? Reflect.get(parent, key) : undefined;
    return Array.isArray(parent) ? Number(key) : key;
  });
}
