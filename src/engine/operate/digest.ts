import { createHash } from "node:crypto";
import { isPlainMap } from "../../spec/plain-data.ts";

/** 32 hexadecimal digits that tell one text from another. Not for secret values. */
export function digestText(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

type Digests = Readonly<Record<string, string>>;

const known = new WeakMap<object, Digests>();

/** Digests of a ConfigMap's texts, by key. The start guard's scripts are the same object for every agent: digested once. */
export function dataDigests(data: unknown): Digests {
  if (!isPlainMap(data)) return {};
  const digests = known.get(data) ?? Object.fromEntries(Object.entries(data).map(([key, text]) => [key, digestText(String(text))]));
  known.set(data, digests);
  return digests;
}
