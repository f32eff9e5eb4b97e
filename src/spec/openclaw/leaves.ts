import { isPlainMap } from "../plain-data.ts";
import type { ValuePath } from "../yaml-document.ts";

/** A text somewhere inside plain data. */
export interface TextLeaf {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** Every text inside plain data, in order. */
export function textLeaves(data: unknown, path: ValuePath = []): TextLeaf[] {
  if (typeof data === "string") return [{ path, text: data }];
  if (Array.isArray(data)) return data.flatMap((item, index) => textLeaves(item, [...path, index]));
  if (!isPlainMap(data)) return [];
  return Object.entries(data).flatMap(([key, value]) => textLeaves(value, [...path, key]));
}

/** Names in `${NAME}` as OpenClaw reads them; `$${NAME}` is literal text. */
export function variablesIn(text: string): string[] {
  return Array.from(text.matchAll(/(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}/g), (match) => match[1] ?? "");
}
