/** Shapes of well-known credentials. Prefixes are those that the issuers document. */
const SHAPES: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/ },
  { name: "a Linear API key", pattern: /\blin_(?:api|oauth)_[A-Za-z0-9]{16,}/ },
  { name: "a Google API key", pattern: /\bAIza[\w-]{30,}/ },
  { name: "an OpenAI or Anthropic key", pattern: /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}/ },
  { name: "a Slack token", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/ },
  { name: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { name: "a Vault token", pattern: /\bhv[sbr]\.[\w-]{20,}/ },
  { name: "a DigitalOcean token", pattern: /\bdo[opr]_v1_[0-9a-f]{32,}/ },
  { name: "a GitLab token", pattern: /\bglpat-[\w-]{20,}/ },
  { name: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{30,}/ },
  { name: "a Telegram bot token", pattern: /\b\d{8,10}:[\w-]{35}\b/ },
  { name: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { name: "a JSON web token", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/ },
  { name: "a URL with a password", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@$]+@/i },
];

const SECRET_NAME = /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/;

/** A place in a text where a credential seems to stand: offsets, and what it looks like. */
export interface CredentialMatch {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Every well-known credential in a text. */
export function findCredentials(text: string): CredentialMatch[] {
  // Hardly any text holds one, and looking for all of them takes much longer than looking whether there is one.
  return SHAPES.filter(({ pattern }) => pattern.test(text)).flatMap(({ name, pattern }) =>
    Array.from(text.matchAll(new RegExp(pattern, `${pattern.flags}g`)), (match) => ({
      start: match.index,
      end: match.index + match[0].length,
      name,
    })),
  ).sort((left, right) => left.start - right.start);
}

/** A text with whatever looks like a credential replaced. */
export function withoutCredentials(text: string): string {
  return findCredentials(text).reduceRight((rest, { start, end }) => `${rest.slice(0, start)}***${rest.slice(end)}`, text);
}

/** Whether a variable's name says that its value is secret: `GITHUB_TOKEN`, `botToken`, `apiKey`. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_").toUpperCase());
}

/** What a plain value under this name looks like, in words, when it should be in Vault; undefined when it may stay. */
export function credentialIn(name: string, value: string): string | undefined {
  const shape = findCredentials(value)[0];
  if (shape) return shape.name;
  const harmless = value === "" || /^\$\{\w+\}$/.test(value) || /^(?:true|false|\d{1,6}|\/.*|https?:\/\/.*)$/.test(value);
  return isSecretName(name) && !harmless ? "a credential, by its name" : undefined;
}
