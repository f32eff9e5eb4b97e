import { API_VERSION, agentSchema, nameSchema } from "../../spec/agent.ts";
import { FrotaError } from "../../spec/error.ts";

/** What a flag or an answer may be: returns it, or throws a RangeError that says what is wanted. */
type Parse = (text: string) => string;

function matching(pattern: RegExp, wanted: string): Parse {
  return (text) => {
    if (pattern.test(text)) return text;
    throw new RangeError(`give ${wanted}`);
  };
}

/** A name of a fleet, an agent or a namespace. */
export const parseName: Parse = (text) => {
  if (nameSchema.safeParse(text).success) return text;
  throw new RangeError("give a name: lower-case letters, digits and hyphens, at most 40 characters");
};

/** The name of another Kubernetes object, such as a Secret or a storage class. */
export const parseObjectName = matching(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "a name of Kubernetes: lower-case letters, digits, hyphens and dots");

/** A node pool. */
export const parseLabelValue = matching(/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/, "the value of a node label, such as bots");

/** The label that names node pools. */
export const parseLabelKey = matching(/^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/, "the key of a node label, such as example.com/node-pool");

/** Registry and path, without tag or digest. */
export const parseImage = matching(
  /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
  "registry and path without a tag: registry.example.com/team/agent",
);

/** Of a Vault. A user name or password in it is none of ours to write down. */
export const parseAddress: Parse = (text) => {
  if (/^https?:\/\/[^/?#@\s]+$/.test(text) && URL.canParse(text)) return text;
  throw new RangeError("give an address without a path, such as https://vault.example.com:8200");
};

/** A mount, path or role of Vault. */
export const parseVaultPath = matching(/^[\w-]+([./][\w-]+)*$/, "a path in Vault, such as agents or teams/acme");

/** OpenClaw's name of a model. */
export const parseModel = matching(/^[\w.-]+(\/[\w.:@-]+)+$/, "provider and model, such as google/gemini-3.1-pro-preview");

/** What may stand in a comment. */
export const parseLine = matching(/^[^\p{Control}\u2028\u2029]*[^\p{Control}\p{White_Space}][^\p{Control}\u2028\u2029]*$/u, "one line of text");

/** Of a volume. */
export const parseVolumeSize: Parse = (text) => {
  const agent = { apiVersion: API_VERSION, kind: "Agent", metadata: { name: "any" }, spec: { storage: { size: text } } };
  if (agentSchema.safeParse(agent).success) return text;
  throw new RangeError("give a size, such as 20Gi");
};

/** The value of a flag. Throws FLAG_INVALID, which does not repeat it: an address may hold a password. */
export function flagValue(flag: string, text: string, parse: Parse): string {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FrotaError({ code: "FLAG_INVALID", message: `${flag} is not valid: ${error.message}`, next: "nothing was written: give another value", outcome: "usage" });
  }
}

/** Names of keys for Vault. Throws SECRET_KEY_INVALID without repeating what was given: it may hold a value. */
export function keyNames(keys: readonly string[] = []): readonly string[] {
  if (keys.every((key) => /^[A-Z_][A-Z0-9_]*$/.test(key))) return [...new Set(keys)];
  throw new FrotaError({
    code: "SECRET_KEY_INVALID",
    message: "--secret wants the name of an environment variable (capital letters, digits, underscores), never a value.",
    next: "for example: --secret GITHUB_TOKEN; its value goes to Vault with `frota secrets set`. Change the value if you gave a real one",
    outcome: "usage",
  });
}
