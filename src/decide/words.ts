import type { Instant } from "./policy.ts";

/** `sha256:ab12cd34ef56`: enough of a digest to tell it from others. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** `14:05 UTC`: a time of today. */
export function clockTime(at: Instant): string {
  return `${isoTime(at).slice(11, 16)} UTC`;
}

/** ISO 8601, in UTC. */
export function isoTime(at: Instant): string {
  return new Date(Math.min(Math.max(at, -MAX_INSTANT), MAX_INSTANT)).toISOString();
}

/** What `Date` can hold at most, in milliseconds. */
const MAX_INSTANT = 8.64e15;

/** The fields that are there: an absent one is left out, as `exactOptionalPropertyTypes` wants it. */
export function present<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const found: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== undefined) found[key] = fields[key];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- exactly those fields that are not undefined
  return found as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Milliseconds since the epoch; undefined for what is not a time. */
export function instantOf(iso: string | undefined): Instant | undefined {
  const at = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(at) ? undefined : at;
}

/** `a, b, c and 4 more` */
export function enumerate(items: readonly string[], limit = 5): string {
  const shown = items.slice(0, limit).join(", ");
  return items.length > limit ? `${shown} and ${items.length - limit} more` : shown;
}

/** A message of somebody else, on one line and of bounded length. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > MAX_EXCERPT ? `${line.slice(0, MAX_EXCERPT)}...` : line;
}

/** Characters: the start guard's longest sentence fits. */
const MAX_EXCERPT = 400;
