import type { Cluster } from "../../cluster/cluster.ts";
import { secretChain, type SecretChain } from "../../plan/secret-chain.ts";
import type { Observed } from "../../plan/secret-observations.ts";
import { SECRET_STORE } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";
import type { KeyValueStore } from "../../vault/kv.ts";
import { eventFacts, requiredSecrets } from "../observe/agent-facts.ts";
import { observeSecrets } from "../secrets/observe-secrets.ts";
import type { SeenObjects } from "./agent-objects.ts";
import { look } from "./look.ts";

/** Opens the user's Vault at a mount; the error says why there is none. */
export type OpenStore = (mount: string) => Promise<KeyValueStore | FrotaError>;

/** Milliseconds: several questions, one after another. */
const LIMIT = 20_000;

/** Whose secrets to follow. */
interface FollowedAgent {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agent: string;
  readonly objects: SeenObjects;
  readonly openStore: OpenStore;
  readonly now: Date;
}

/** The way of an agent's secrets as the cluster has it: which keys, path and mount is taken from the live objects, not from files. */
export async function observeChain({ cluster, namespace, agent, objects, openStore, now }: FollowedAgent): Promise<Observed<SecretChain>> {
  const { deployment, externalSecret } = objects;
  const extract = externalSecret.state === "found" ? valueAt(externalSecret.value, ["spec", "dataFrom", 0, "extract"]) : undefined;
  const path = textAt(extract, "key") ?? `agents/${agent}`;
  const declared = deployment.state === "found" ? requiredSecrets(deployment.value) : [];
  return look(
    async () => {
      const store = await openStore(await mountOf(cluster, namespace));
      const [observed] = await observeSecrets({ cluster, namespace, store }, [{ name: agent, declared, path }]);
      return observed && withStoreWarning(cluster, namespace, secretChain(observed, now));
    },
    { limit: LIMIT },
  );
}

/** Why a SecretStore is not ready, its condition says roughly and its newest warning exactly. */
async function withStoreWarning(cluster: Cluster, namespace: string, chain: SecretChain): Promise<SecretChain> {
  const broken = chain.links.find(({ code }) => code === "SECRET_STORE_NOT_READY");
  if (!broken) return chain;
  const events = await cluster.events(storeReference(namespace)).catch(() => []);
  const said = events.map(eventFacts).findLast(({ type }) => type === "Warning")?.message;
  if (said === undefined || broken.message.includes(said)) return chain;
  const message = `${broken.message}: ${said.replaceAll(/\s+/g, " ")}`;
  return { ...chain, links: chain.links.map((link) => (link === broken ? { ...broken, message } : link)) };
}

function storeReference(namespace: string) {
  return { apiVersion: "external-secrets.io/v1", kind: "SecretStore", namespace, name: SECRET_STORE.name };
}

async function mountOf(cluster: Cluster, namespace: string): Promise<string> {
  const store = await cluster.get(storeReference(namespace)).catch((error: unknown) => {
    if (error instanceof FrotaError) return undefined;
    throw error;
  });
  return textAt(store, "spec", "provider", "vault", "path") ?? "kv";
}
