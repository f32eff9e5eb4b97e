import * as z from "zod";
import { deriveName } from "./agent-name.ts";
import { findCredentials } from "./credential.ts";

type Repaired = string | number | boolean;

/** What was written with a slip, as it was most likely meant: the first repair that the field's schema takes. Undefined without one, and for what may be a secret. */
export function meantValue(written: unknown, schema: z.core.$ZodType): Repaired | undefined {
  if (typeof written !== "string" && typeof written !== "number") return undefined;
  const text = String(written).replaceAll(/[“”„«»‘’"']/g, "").trim();
  if (text.length > 40 || findCredentials(text).length > 0) return undefined;
  return [...scalars(text), ...measures(text), ...names(text)].find((repaired) => repaired !== written && z.safeParse(schema, repaired).success);
}

const YES = /^(?:true|yes|y|on|sim|s)$/i;
const NO = /^(?:false|no|n|off|não|nao)$/i;

function scalars(text: string): Repaired[] {
  const truth = YES.test(text) ? [true] : NO.test(text) ? [false] : [];
  return [...truth, ...(/^\d+$/.test(text) ? [Number(text)] : [])];
}

/** The binary unit of memory that was written in another case or with a `B`. */
const BINARY = /^(\d+(?:\.\d+)?)([kmgt])i?b?$/i;

/** Units of time as people write them, by the first letter of those that durations have. */
const TIMES: Readonly<Record<string, RegExp>> = { s: /^(\d+)(?:s|secs?|seconds?|segundos?)$/i, m: /^(\d+)(?:m|mins?|minutes?|minutos?)?$/i, h: /^(\d+)(?:h|hs|hrs?|hours?|horas?)$/i };

/** Quantities, durations and address ranges. */
function measures(text: string): string[] {
  const close = text.replaceAll(/\s/g, "").replace(/^(\d+),(\d+)/, "$1.$2");
  const [, amount = "", unit = ""] = BINARY.exec(close) ?? [];
  const times = Object.entries(TIMES).flatMap(([short, pattern]) => (pattern.test(close) ? [close.replace(pattern, `$1${short}`)] : []));
  const days = /^(\d{1,3})(?:d|days?|dias?)$/i.exec(close)?.[1];
  const address = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(close) ? [`${close}/32`] : [];
  return [close, ...(amount === "" ? [] : [`${amount}${unit.toUpperCase()}i`]), ...times, ...(days === undefined ? [] : [`${Number(days) * 24}h`]), ...address];
}

/** Names of agents and of variables; none with many digits, which may be a key that slipped in. */
function names(text: string): string[] {
  if ((text.match(/\d/g) ?? []).length > 4) return [];
  const variable = text.normalize("NFKD").replaceAll(/\p{Mark}/gu, "").toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
  return [text, deriveName(text) ?? "", variable];
}
