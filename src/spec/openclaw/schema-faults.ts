import type { ErrorObject } from "ajv";
import { variablesIn } from "./leaves.ts";

/** Errors about the text itself; they say nothing about a text with `${NAME}`, which OpenClaw replaces first. */
const TEXT_KEYWORDS: ReadonlySet<string> = new Set(["pattern", "format", "enum", "const", "minLength", "maxLength"]);

/** Errors that say that a value is of another form altogether. */
const FORM_KEYWORDS: ReadonlySet<string> = new Set(["type", "const", "enum"]);

/** One thing that is wrong. With several alternatives, the value has none of the forms that these ask for. */
export interface SchemaFault {
  /** JSON pointer to the value. */
  readonly instancePath: string;
  /** At least one. */
  readonly alternatives: readonly ErrorObject[];
}

/**
 * Ajv's flat list, brought down to what a person wants to hear: of a union only the branch that was meant, or one fault
 * that names all of its forms; nothing about texts that hold variables.
 */
export function reduceErrors(errors: readonly ErrorObject[]): SchemaFault[] {
  const unions = errors.filter(isUnion);
  const outermost = unions.filter((union) => !unions.some((other) => isInside(union, other)));
  const told = errors.filter((error) => !isUnion(error) && isTold(error) && !outermost.some((union) => isInside(error, union)));
  return [
    ...told.map((error) => ({ instancePath: error.instancePath, alternatives: [error] })),
    ...outermost.flatMap((union) => reduceUnion(union, errors.filter((error) => isInside(error, union)))),
  ];
}

function isUnion(error: ErrorObject): boolean {
  return error.keyword === "anyOf" || error.keyword === "oneOf";
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  const below = error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`);
  return below && error.schemaPath.startsWith(`${union.schemaPath}/`);
}

/** `propertyNames` comes with a second error for what is wrong with the name, `if` with that of its branch. */
function isTold(error: ErrorObject): boolean {
  const isAboutVariable = TEXT_KEYWORDS.has(error.keyword) && typeof error.data === "string" && variablesIn(error.data).length > 0;
  return error.propertyName === undefined && error.keyword !== "if" && !isAboutVariable;
}

function reduceUnion(union: ErrorObject, members: readonly ErrorObject[]): SchemaFault[] {
  const branches = Map.groupBy(members, (error) => error.schemaPath.slice(union.schemaPath.length + 1).split("/")[0]);
  const reduced = Array.from(branches.values(), reduceErrors);
  if (reduced.length === 0) return [{ instancePath: union.instancePath, alternatives: [union] }];
  // A branch whose only errors concern variables is one that OpenClaw will accept.
  if (reduced.some((branch) => branch.length === 0)) return [];
  const isOtherForm = (fault: SchemaFault): boolean => fault.instancePath === union.instancePath && isForm(fault);
  const meant = reduced.filter((branch) => !branch.some(isOtherForm));
  if (meant.length === 0) {
    const alternatives = reduced.flatMap((branch) => branch.filter(isOtherForm).flatMap((fault) => fault.alternatives));
    return [{ instancePath: union.instancePath, alternatives }];
  }
  return fewest(meant.filter((branch) => !branch.some(isDiscriminator))) ?? fewest(meant) ?? [];
}

function isForm(fault: SchemaFault): boolean {
  return fault.alternatives.every((error) => FORM_KEYWORDS.has(error.keyword));
}

/** `{source: env}` against a branch for `source: file`: that branch was not meant. */
function isDiscriminator(fault: SchemaFault): boolean {
  return fault.alternatives.every((error) => error.keyword === "const");
}

function fewest(branches: readonly SchemaFault[][]): SchemaFault[] | undefined {
  return branches.toSorted((left, right) => left.length - right.length)[0];
}
