import { FrotaError } from "../../spec/error.ts";
import { closestName } from "../../spec/suggestion.ts";

/** A key that an agent does not declare. */
export interface UndeclaredKey {
  readonly note: string;
  /** SECRET_KEY_UNDECLARED, where a declared key is so near that it is probably meant. */
  readonly refusal?: FrotaError;
}

/** What is to be said of a key that is about to be written; undefined of one that the agent declares. Pure. */
export function undeclaredKey(agent: string, key: string, declared: readonly string[]): UndeclaredKey | undefined {
  if (declared.includes(key)) return undefined;
  const note = `note: ${key} is not among the keys that ${agent} declares (spec.secrets.required)\n`;
  const meant = closestName(key, declared);
  if (meant === undefined) return { note };
  const refusal = new FrotaError({
    code: "SECRET_KEY_UNDECLARED",
    message: `${key} is not among the keys that ${agent} declares (spec.secrets.required), and ${meant} is; nothing was written`,
    next: `did you mean \`frota secrets set ${agent} ${meant}\`? If ${key} is meant: --undeclared`,
    outcome: "refused",
  });
  return { note, refusal };
}
