import { FrotaError } from "../../spec/error.ts";
import { closestName, editDistance } from "../../spec/suggestion.ts";

/** Slips of the fingers that count as one mistyped key. More would take SLACK_APP_TOKEN for SLACK_BOT_TOKEN. */
const SLIPS = 2;

/** A key that an agent does not declare. */
export interface UndeclaredKey {
  /** A line that says so. */
  readonly note: string;
  /** SECRET_KEY_UNDECLARED, where a declared key is so near that it is probably meant. */
  readonly refusal?: FrotaError;
}

/** What is to be said of a key that is about to be written; undefined of one that the agent declares. Pure. */
export function undeclaredKey(agent: string, key: string, declared: readonly string[]): UndeclaredKey | undefined {
  if (declared.includes(key)) return undefined;
  const note = `note: ${key} is not among the keys that ${agent} declares (spec.secrets.required)\n`;
  const meant = closestName(key, declared);
  if (meant === undefined || editDistance(key, meant) > SLIPS) return { note };
  const refusal = new FrotaError({
    code: "SECRET_KEY_UNDECLARED",
    message: `${key} is not among the keys that ${agent} declares (spec.secrets.required), and ${meant} is; nothing was written`,
    next: `did you mean \`frota secrets set ${agent} ${meant}\`? If ${key} is meant: --undeclared`,
    outcome: "refused",
  });
  return { note, refusal };
}
