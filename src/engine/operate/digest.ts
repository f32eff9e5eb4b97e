import { createHash } from "node:crypto";

/** 32 hexadecimal digits that tell one text from another. Not for secret values. */
export function digestText(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
