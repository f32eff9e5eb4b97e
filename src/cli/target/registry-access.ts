import type { Cluster } from "../../cluster/cluster.ts";
import type { RegistryOptions } from "../../registry/client.ts";
import { dockerCredentials, firstOf, pullSecretCredentials, type CredentialSource } from "../../registry/credentials.ts";
import { resolveImage, type ResolvedImage } from "../../registry/image.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";
import type { CliContext } from "../context.ts";
import type { RegistryTarget, Target } from "./target.ts";

/** The cluster whose pull secrets may be used, and their names. */
export interface PullSecrets {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly names: readonly string[];
}

/**
 * How to read images as this target does: the lab's own registry, else the credentials of the fleet's pull secrets, else docker's own.
 * A pull secret that may not be read is passed over.
 */
export function registryOptions(context: CliContext, target: Target | undefined, pull: PullSecrets | undefined): RegistryOptions {
  const own = target?.registry ?? { mirrors: {} };
  const sources = [targetCredentials(own), pullCredentials(pull), dockerCredentials(context.process.env)];
  return { mirrors: own.mirrors, credentials: firstOf(sources), signal: context.signal };
}

/** The image; undefined when the registry has none of that name. */
export async function imageOrMissing(reference: string, options: RegistryOptions): Promise<ResolvedImage | undefined> {
  try {
    return await resolveImage(reference, options);
  } catch (error) {
    if (error instanceof FrotaError && error.code === "IMAGE_NOT_FOUND") return undefined;
    throw error;
  }
}

function targetCredentials({ mirrors, credentials }: RegistryTarget): CredentialSource {
  return (registry) => Promise.resolve(Object.hasOwn(mirrors, registry) ? credentials : undefined);
}

function pullCredentials(pull: PullSecrets | undefined): CredentialSource {
  return async (registry) => {
    for (const name of pull?.names ?? []) {
      const content = await pullSecretContent(pull, name);
      const found = content === undefined ? undefined : await pullSecretCredentials(content)(registry);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

async function pullSecretContent(pull: PullSecrets | undefined, name: string): Promise<string | undefined> {
  const reference = { apiVersion: "v1", kind: "Secret", name, ...(pull && { namespace: pull.namespace }) };
  const secret = await pull?.cluster.get(reference).catch(() => undefined);
  const encoded = textAt(secret, "data", ".dockerconfigjson");
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}
