import { FrotaError } from "../../spec/error.ts";
import { closestName, editDistance } from "../../spec/suggestion.ts";

/** Slips of the fingers that count as one mistyped key. More would take SLACK_APP_TOKEN for SLACK_BOT_TOKEN. */
const SLIPS = 2;
/** Letters of a word for each slip that it may have: two in a short one make another word of it, as GITLAB is none for GITHUB. */
const LETTERS = 4;

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
  const meant = closestName(key, declared.filter((name) => isSlip(key, name)));
  if (meant === undefined) return { note };
  const refusal = new FrotaError({
    code: "SECRET_KEY_UNDECLARED",
    message: `${key} is not among the keys that ${agent} declares (spec.secrets.required), and ${meant} is; nothing was written`,
    next: `did you mean \`frota secrets set ${agent} ${meant}\`? If ${key} is meant: --undeclared`,
    outcome: "refused",
  });
  return { note, refusal };
}

function isSlip(written: string, name: string): boolean {
  if (editDistance(written, name) > SLIPS) return false;
  const [words, meant] = [written.split("_"), name.split("_")];
  // An underscore itself slipped: which words are the same is not known.
  if (words.length !== meant.length) return true;
  return meant.every((word, index) => editDistance(words[index] ?? "", word) <= Math.max(1, Math.floor(word.length / LETTERS)));
}
