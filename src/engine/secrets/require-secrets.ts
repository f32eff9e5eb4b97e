import type { Cluster } from "../../cluster/cluster.ts";
import { secretObstacle, type Obstacle } from "../../decide/agent/obstacle.ts";
import type { SecretFacts } from "../../decide/world.ts";
import { FrotaError } from "../../spec/error.ts";
import { concurrently } from "../concurrently.ts";
import { requiredSecrets } from "../observe/agent-facts.ts";
import { CONCURRENT } from "./observe-objects.ts";
import { externalSecretOf, secretFacts, secretOf, syncFailure } from "./observe-secrets.ts";

/** An agent that is to be restarted. */
export interface RestartedAgent {
  readonly name: string;
  /** Keys that it starts with, or not at all. */
  readonly required: readonly string[];
}

/** Those of these agents that have a Deployment, with the keys that it requires. */
export async function deployedAgents(cluster: Cluster, namespace: string, names: readonly string[]): Promise<readonly RestartedAgent[]> {
  const found = await concurrently(names, CONCURRENT, (name) => cluster.get({ apiVersion: "apps/v1", kind: "Deployment", namespace, name }));
  return found.filter((deployment) => deployment !== undefined).map((deployment) => ({ name: deployment.metadata.name, required: requiredSecrets(deployment) }));
}

/** An agent that cannot start, and why. */
interface Lack extends Obstacle {
  readonly agent: string;
}

/**
 * Refuses to take agents down that could not start again: the Secret is not there, or lacks keys that they require. Throws SECRET_MISSING
 * or SECRET_KEYS_MISSING (outcome `refused`). Who may not read Secrets is believed.
 */
export async function requireSecrets(cluster: Cluster, namespace: string, agents: readonly RestartedAgent[]): Promise<void> {
  const found = await concurrently(agents, CONCURRENT, (agent) => lackOf(cluster, namespace, agent));
  const lacks = found.filter((lack) => lack !== undefined);
  if (lacks.length > 0) throw cannotStart(lacks, namespace);
}

async function lackOf(cluster: Cluster, namespace: string, agent: RestartedAgent): Promise<Lack | undefined> {
  const { name } = agent;
  const facts = await presence(cluster, namespace, agent);
  if (!facts || !secretObstacle({ name, secret: facts })) return undefined;
  const sync = await syncFacts(cluster, namespace, name);
  const obstacle = secretObstacle({ name, secret: { ...facts, ...sync } });
  return obstacle && { agent: name, ...obstacle };
}

/** Undefined where the Secret may not be read. */
async function presence(cluster: Cluster, namespace: string, { name, required }: RestartedAgent): Promise<Pick<SecretFacts, "exists" | "missingKeys"> | undefined> {
  try {
    const secret = await cluster.get(secretOf(namespace, name));
    const keys = new Set(secret && secretFacts(secret).keys);
    return { exists: secret !== undefined, missingKeys: required.filter((key) => !keys.has(key)) };
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
