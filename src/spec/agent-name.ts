import { nameSchema } from "./agent.ts";

/** Latin letters that no decomposition turns into letters from a to z. */
const LETTERS: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", þ: "th", ł: "l", ı: "i" };

/**
 * The name that Kubernetes can have for what people call `text`: `Clóvis` -> `clovis`, `Ana Júlia` -> `ana-julia`. Undefined when
 * no letter or digit from a to z is left of it, or when it is too long: nothing is cut off.
 */
export function deriveName(text: string): string | undefined {
  const plain = text.toLowerCase().normalize("NFKD").replaceAll(/\p{Mark}/gu, "").replaceAll(/[^\0-\x7F]/g, (letter) => LETTERS[letter] ?? "-");
  const name = plain.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return nameSchema.safeParse(name).success ? name : undefined;
}
