import { connect, type Cluster } from "../cluster/cluster.ts";
import type { ImageReader, SecretKeysReader } from "../engine/ports.ts";
import { FrotaError } from "../spec/error.ts";
import type { Fleet } from "../spec/fleet.ts";
import { textAt } from "../spec/plain-field.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "./context.ts";
import { glanceAtRepository } from "./repository-glance.ts";
import { resolveTarget, type Target } from "./target.ts";

/** A cluster and the namespace that a fleet has there. */
export interface NamespaceTarget {
  readonly target: Target;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Names of the agents in the repository, when there is one. */
  readonly declared: readonly string[];
}

/**
 * Connects to the cluster that a command works on, for commands that do not render: of the repository only the namespace and
 * the agents' folders are read, so that they start fast and work without one.
 */
export async function openNamespace(context: CliContext, flags: ClusterFlags): Promise<NamespaceTarget> {
  const target = await resolveTarget(flags, context.process.env);
  const [cluster, repository] = await Promise.all([connect(target.kubeconfig), glanceAtRepository(context.cwd, flags.repo)]);
  const namespace = flags.namespace ?? repository?.namespace;
  if (namespace !== undefined) {
    return { target, cluster, namespace, declared: namespace === repository?.namespace ? repository.agents : [] };
  }
  throw new FrotaError({
    code: "NO_NAMESPACE",
    message: "there is no fleet repository here that names the fleet's namespace",
    next: "name it with -n NAMESPACE, or the repository with --repo DIR",
    outcome: "usage",
  });
}

/** Reads images as the target's nodes would pull them, with the credentials that the user or the fleet has. */
export async function imageReader(context: CliContext, target: Target, fleet: Fleet, cluster: Cluster): Promise<ImageReader> {
  const { checkImage } = await import("../registry/check-image.ts");
  const { resolveImage } = await import("../registry/image.ts");
  const { dockerCredentials, firstOf, pullSecretCredentials } = await import("../registry/credentials.ts");
  const { mirrors, credentials } = target.registry;
  const pullSecret = async (registry: string) => {
    const content = await readPullSecret(cluster, fleet);
    return content === undefined ? undefined : pullSecretCredentials(content)(registry);
  };
  const own = () => Promise.resolve(credentials);
  const source = firstOf([own, dockerCredentials(context.process.env), pullSecret]);
  return {
    async read(reference) {
      try {
        const image = await resolveImage(reference, { mirrors, credentials: source, signal: context.signal });
        const problem = checkImage(image).find(({ severity }) => severity === "error");
        return {
          digest: image.digest,
          ...(image.openclawVersion === undefined ? {} : { openclawVersion: image.openclawVersion }),
          ...(problem ? { problem: problem.message } : {}),
        };
      } catch (error) {
        if (error instanceof FrotaError && error.code === "IMAGE_NOT_FOUND") return undefined;
        throw error;
      }
    },
  };
}

async function readPullSecret(cluster: Cluster, { metadata, spec }: Fleet): Promise<string | undefined> {
  const [name] = spec.image.pullSecrets;
  if (name === undefined) return undefined;
  const reference = { apiVersion: "v1", kind: "Secret", namespace: metadata.namespace, name };
  // Someone who may apply need not be allowed to read Secrets: then the registry is asked without a name.
  const secret = await cluster.get(reference).catch(() => undefined);
  const encoded = textAt(secret, "data", ".dockerconfigjson");
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

/** Reads which keys Vault has, as the user. A sealed Vault refuses; no address or token leaves it unasked. */
export function secretKeysReader(context: CliContext, target: Target, fleet: Fleet): SecretKeysReader {
  const open = async () => {
    const { vaultConnection } = await import("../vault/connection.ts");
    const { VaultClient } = await import("../vault/client.ts");
    const { KeyValueStore } = await import("../vault/kv.ts");
    const connection = await vaultConnection(target.vault, context.process.env);
    return new KeyValueStore(new VaultClient(connection), fleet.spec.vault.mount);
  };
  let store: ReturnType<typeof open> | undefined;
  return {
    async keys(path) {
      try {
        store ??= open();
        return (await (await store).keys(path))?.keys;
      } catch (error) {
        throw error instanceof FrotaError && error.code === "VAULT_SEALED" ? asRefusal(error) : error;
      }
    },
  };
}

function asRefusal({ code, message, where, next }: FrotaError): FrotaError {
  const place = where ? { where } : {};
  return new FrotaError({ code, message, ...place, ...(next === undefined ? {} : { next }), outcome: "refused" });
}
