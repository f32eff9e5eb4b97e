import type { Cluster } from "../../../cluster/cluster.ts";
import type { RegistryOptions } from "../../../registry/client.ts";
import { firstOf, pullSecretCredentials, type CredentialSource } from "../../../registry/credentials.ts";
import { textAt } from "../../../spec/plain-field.ts";

/** Pull secrets rarely change: they are read again after so long (milliseconds). */
const KEPT = 600_000;

/**
 * How to ask the registry as the fleet's nodes do: with what was given, else with the credentials of the fleet's pull secrets. A pull secret
 * that may not be read is passed over.
 */
export function withPullSecrets(options: RegistryOptions, cluster: Cluster, namespace: string, names: () => readonly string[]): RegistryOptions {
  const known = new Map<string, { readonly at: number; readonly source: Promise<CredentialSource> }>();
  const read = async (name: string): Promise<CredentialSource> => {
    const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name }).catch(() => undefined);
    return pullSecretCredentials(Buffer.from(textAt(secret, "data", ".dockerconfigjson") ?? "", "base64").toString("utf8"));
  };
  const pullSecrets: CredentialSource = async (registry) => {
    for (const name of names()) {
      const kept = known.get(name);
      const fresh = kept && performance.now() - kept.at < KEPT ? kept : { at: performance.now(), source: read(name) };
      known.set(name, fresh);
      const found = await (await fresh.source)(registry);
      if (found) return found;
    }
    return undefined;
  };
  return { ...options, credentials: firstOf([...(options.credentials ? [options.credentials] : []), pullSecrets]) };
}
