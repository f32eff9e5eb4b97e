import { randomBytes } from "node:crypto";
import { agentNames } from "../../src/render/names.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { BENCH, REQUIRED_KEYS, type GeneratedFleet } from "./generated-fleet.ts";
import { HttpClient, type Endpoint } from "./http-client.ts";

/** A value that nobody uses for anything. */
function worthless(): string {
  return randomBytes(16).toString("hex");
}

function allKeys(): Record<string, string> {
  return Object.fromEntries(REQUIRED_KEYS.map((key) => [key, worthless()]));
}

/** Writes every agent's secrets to Vault, from where External Secrets takes them. */
export async function writeToVault({ source, names }: GeneratedFleet, endpoint: Endpoint): Promise<void> {
  const { mount, path } = source.fleet.spec.vault;
  const client = new HttpClient(endpoint);
  await Promise.all(names.map((name) => client.send({ method: "POST", path: `/v1/${mount}/data/${path}/${name}`, body: { data: allKeys() } })));
  client.close();
}

/** The Secrets as External Secrets would make them. */
export function directSecrets({ source }: GeneratedFleet): Manifest[] {
  return source.agents.map(({ agent }) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: agentNames(agent).secret, namespace: BENCH },
    stringData: allKeys(),
  }));
}

/** A change of one key of a Secret, as a merge patch. */
export function rotation(key: (typeof REQUIRED_KEYS)[number]): { stringData: Record<string, string> } {
  return { stringData: { [key]: worthless() } };
}
