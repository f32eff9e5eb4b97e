import type { Cluster } from "../../cluster/cluster.ts";
import { secretObstacle, type Obstacle } from "../../decide/agent/obstacle.ts";
import type { SecretFacts } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { isPlainMap } from "../../spec/plain-data.ts";
import { concurrently } from "../concurrently.ts";
import { requiredSecrets } from "../observe/agent-facts.ts";
import { CONCURRENT } from "./observe-objects.ts";
import { externalSecretOf, secretOf, syncFailure } from "./observe-secrets.ts";

/** An agent that cannot start, and why. */
interface Lack extends Obstacle {
  readonly agent: string;
}

/**
 * Refuses to take agents down that could not start again: the Secret is not there, or lacks keys that the Deployment requires. Throws SECRET_MISSING
 * or SECRET_KEYS_MISSING (outcome `refused`). Who may not read Secrets is believed.
 */
export async function requireSecrets(cluster: Cluster, namespace: string, deployments: readonly Manifest[]): Promise<void> {
  const found = await concurrently(deployments, CONCURRENT, (deployment) => lackOf(cluster, namespace, deployment));
  const lacks = found.filter((lack) => lack !== undefined);
  if (lacks.length > 0) throw cannotStart(lacks, namespace);
}

async function lackOf(cluster: Cluster, namespace: string, deployment: Manifest): Promise<Lack | undefined> {
  const { name: agent } = deployment.metadata;
  const facts = await secretFacts(cluster, namespace, deployment);
  if (!facts || !secretObstacle({ name: agent, secret: facts })) return undefined;
  const sync = await syncFacts(cluster, namespace, agent);
  const obstacle = secretObstacle({ name: agent, secret: { ...facts, ...sync } });
  return obstacle && { agent, ...obstacle };
}

/** Undefined where the Secret may not be read. */
async function secretFacts(cluster: Cluster, namespace: string, deployment: Manifest): Promise<Pick<SecretFacts, "exists" | "missingKeys"> | undefined> {
  try {
    const secret = await cluster.get(secretOf(namespace, deployment.metadata.name));
    const data = isPlainMap(secret?.["data"]) ? secret["data"] : {};
    return { exists: secret !== undefined, missingKeys: requiredSecrets(deployment).filter((key) => !Object.hasOwn(data, key)) };
  } catch (error) {
    if (error instanceof FrotaError && error.code === "FORBIDDEN") return undefined;
    throw error;
  }
}

/** The External Secrets Operator's own words, if it has any: what is refused is so without them. */
async function syncFacts(cluster: Cluster, namespace: string, agent: string): Promise<Pick<SecretFacts, "sync">> {
  const externalSecret = await cluster.get(externalSecretOf(namespace, agent)).catch(() => undefined);
  const message = externalSecret && (await syncFailure(cluster, externalSecret));
  return message === undefined ? {} : { sync: { isSynced: false, reason: "NotSynced", message } };
}

/** Names that are told in a command; beyond that it is the one for all. */
const MAX_NAMED = 4;

function cannotStart(lacks: readonly Lack[], namespace: string): FrotaError {
  const [first] = lacks;
  const names = lacks.map(({ agent }) => agent);
  const isAlone = first !== undefined && lacks.length === 1;
  const words = lacks.map(({ agent, message }) => `\n  ${agent}: ${message}`).join("");
  const which = names.length > MAX_NAMED ? "" : ` ${names.join(" ")}`;
  return new FrotaError({
    code: first?.reason === "MissingKeys" ? "SECRET_KEYS_MISSING" : "SECRET_MISSING",
    message: isAlone ? `${first.agent} was not restarted, for it could not start again: ${first.message}` : `nobody was restarted, for ${lacks.length} agents could not start again:${words}`,
    where: { kind: "Secret", namespace, name: secretOf(namespace, first?.agent ?? "").name },
    next: `\`frota secrets status${which}\` shows where it is lost, and what to do; then restart again`,
    outcome: "refused",
  });
}
