import { credentialIn, isSecretName } from "../spec/credential.ts";
import { isPlainMap, type PlainMap } from "../spec/plain-data.ts";
import type { FieldDifference } from "./change-set.ts";
import { hides } from "./redaction.ts";

/** What stands where a secret value was: that it differs is told, nothing of it is. */
const MASK = { before: "*** (before)", after: "*** (after)", same: "***" } as const;

/** Masks secret values of an object's differences: a Secret's whole data, and whatever else looks like a credential. */
export function maskDifferences(kind: string, found: readonly FieldDifference[]): FieldDifference[] {
  return found.map((difference) => maskDifference(kind, difference));
}

function maskDifference(kind: string, { path, ...sides }: FieldDifference): FieldDifference {
  const isSecretData = kind === "Secret" && /^(?:data|stringData)\b/.test(path);
  const mask = (value: unknown, text: string) => (isSecretData ? text : maskValue(nameOf(path), value, text));
  return {
    path,
    ...("before" in sides ? { before: mask(sides.before, MASK.before) } : {}),
    ...("after" in sides ? { after: mask(sides.after, MASK.after) } : {}),
  };
}

/** The name that a value goes by: its key, or for `env[GITHUB_TOKEN].value` the variable's name. */
function nameOf(path: string): string {
  const variable = /\benv\[([^\]]+)\]\.value$/.exec(path)?.[1];
  return variable ?? /[^.[\]"]+(?=["\]]*$)/.exec(path)?.[0] ?? "";
}

/** A value of an OpenClaw configuration, with every credential in it replaced, and with what OpenClaw itself hides. */
export function maskConfiguration(path: readonly string[], value: unknown): unknown {
  return maskHidden(maskValue(path.at(-1) ?? "", value));
}

function maskHidden(value: unknown): unknown {
  if (typeof value === "string") return hides(value) ? MASK.same : value;
  if (Array.isArray(value)) return value.map(maskHidden);
  if (!isPlainMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskHidden(item)]));
}

/** The value with every credential in it replaced; `name` is the key that it stands under. */
function maskValue(name: string, value: unknown, text: string = MASK.same): unknown {
  if (typeof value === "string") return credentialIn(name, value) === undefined ? value : text;
  if (Array.isArray(value)) return value.map((item: unknown) => maskValue(name, item, text));
  if (isPlainMap(value)) return maskMap(value, text);
  return value;
}

function maskMap(value: PlainMap, text: string): PlainMap {
  const isVariable = typeof value["name"] === "string" && isSecretName(value["name"]) && "value" in value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      isVariable && key === "value" ? maskValue(String(value["name"]), item, text) : maskValue(key, item, text),
    ]),
  );
}
