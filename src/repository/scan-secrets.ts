import { lintSource } from "@secretlint/core";
import { creator as recommendedRules } from "@secretlint/secretlint-rule-preset-recommend";
import { extname } from "node:path";
import { findCredentials } from "../spec/credential.ts";
import type { Diagnostic } from "../spec/diagnostic.ts";
import type { RepositoryFiles } from "../spec/repository.ts";
import { TextPositions } from "../spec/text-position.ts";

const PRESET = "@secretlint/secretlint-rule-preset-recommend";

const CONFIG = {
  rules: [
    {
      id: PRESET,
      rule: recommendedRules,
      // Off by default there; an access key's id alone already tells where to look for its other half.
      rules: [{ id: "@secretlint/secretlint-rule-aws", options: { enableIDScanRule: true } }],
    },
  ],
};

const FIX = "remove it, revoke it where it was issued, and put the new one in Vault with `frota secrets set`";

/** Finds credentials in every file of a repository. Findings say what and where, never the value. */
export async function scanSecrets(files: RepositoryFiles): Promise<Diagnostic[]> {
  const found = await Promise.all(Array.from(files, ([file, text]) => scanFile(file, text)));
  return found.flat();
}

/** As {@link scanSecrets}, for one file. */
export async function scanFile(file: string, text: string): Promise<Diagnostic[]> {
  const positions = new TextPositions(text);
  const matches = [...(await lint(file, text)), ...findCredentials(text), ...findSecretManifests(file, text)];
  matches.sort((left, right) => left.start - right.start);
  let told = -1;
  return matches.flatMap(({ start, end, name }) => {
    // Two rules may know the same credential by different names.
    if (start < told) return [];
    told = end;
    return [{ severity: "error", code: "CREDENTIAL_IN_FILE", message: `this looks like ${name}`, file, ...positions.at(start), fix: FIX }];
  });
}

interface Match {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

async function lint(filePath: string, content: string): Promise<Match[]> {
  const source = { filePath, content, contentType: "text" as const, ext: extname(filePath) };
  const { messages } = await lintSource({ source, options: { config: CONFIG, maskSecrets: true, noPhysicFilePath: true } });
  return messages.map(({ messageId, range }) => ({ start: range[0], end: range[1], name: credentialName(messageId) }));
}

/** `HASHICORP_VAULT_SERVICE_TOKEN`, `AWSAccessKeyID`: the rule's own name for it, in words. */
function credentialName(messageId: string): string {
  const words = messageId.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ");
  return `a credential (${words})`;
}

/** A Kubernetes Secret with values in Git is a credential in Git, however it is encoded. */
function findSecretManifests(file: string, text: string): Match[] {
  if (!/\.(?:ya?ml|json)$/.test(file)) return [];
  const kind = /^\s*"?kind"?:\s*["']?Secret["']?\s*,?\s*$/m.exec(text);
  const values = /^\s*"?(?:data|stringData)"?:/m.exec(text);
  if (!kind || !values) return [];
  return [{ start: kind.index + kind[0].search(/\S/), end: kind.index + kind[0].length, name: "a Kubernetes Secret with values in it" }];
}
