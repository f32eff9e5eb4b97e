import { isPlainMap, valueAt, type PlainMap } from "../spec/plain-data.ts";

/** What OpenClaw's `config.get` says in place of a credential; names of variables (`${NAME}`) it tells as they are. */
const REDACTED = "__OPENCLAW_REDACTED__";

/**
 * A gateway's configuration as far as it can be known: where it hides a value that is declared as something else than the
 * name of one variable, it is taken to be as declared so far, because nothing tells otherwise. The agent's own stay hidden.
 */
export function withoutRedaction(live: PlainMap, declaredSoFar: PlainMap): PlainMap {
  const known = (value: unknown, path: readonly string[]): unknown => {
    if (isPlainMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, known(item, [...path, key])]));
    if (!hides(value)) return value;
    const declared = valueAt(declaredSoFar, path);
    return canBeHidden(declared) ? declared : value;
  };
  return Object.fromEntries(Object.entries(live).map(([key, item]) => [key, known(item, [key])]));
}

/** Whether a value has a hidden part. */
export function hides(value: unknown): boolean {
  if (typeof value === "string") return value.includes(REDACTED);
  if (Array.isArray(value)) return value.some(hides);
  return isPlainMap(value) && Object.values(value).some(hides);
}

function canBeHidden(declared: unknown): boolean {
  if (typeof declared === "string") return !/^\$\{[^}]*\}$/.test(declared);
  return Array.isArray(declared);
}
