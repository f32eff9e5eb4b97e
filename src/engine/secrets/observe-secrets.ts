import { referenceOf, type Cluster } from "../../cluster/cluster.ts";
import type { Observed, ProcessObservation, SecretObservation, SecretObservations, SyncObservation, VaultObservation } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { SECRET_ANNOTATION } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import { isPlainMap, valueAt } from "../../spec/plain-data.ts";
import { mapsAt, textAt } from "../../spec/plain-field.ts";
import type { KeyValueStore } from "../../vault/kv.ts";
import { AGENT_LABEL, condition, CONTAINER, eventFacts } from "../observe/agent-facts.ts";
import { concurrently } from "../concurrently.ts";
import { observeController } from "./observe-controller.ts";
import { dateOf, observe, observeObjects, unknownFor, CONCURRENT } from "./observe-objects.ts";

/** An agent whose secrets are looked at. */
export interface SecretAgent {
  readonly name: string;
  /** Keys that it declares as required. */
  readonly declared: readonly string[];
  /** Below Vault's mount: `agents/clovis`. */
  readonly path: string;
}

/** Where to look. */
export interface SecretWorld {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** The user's Vault, or why there is none. */
  readonly store: KeyValueStore | FrotaError;
}

const EXTERNAL_SECRET = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" } as const;
const SECRET = { apiVersion: "v1", kind: "Secret" } as const;
const ABSENT = { state: "absent" } as const;

/** Looks at everything between Vault and the processes of these agents. Reads no value out of Vault; keeps none of the cluster's. */
export async function observeSecrets(world: SecretWorld, agents: readonly SecretAgent[]): Promise<SecretObservations[]> {
  const names = agents.map(({ name }) => name);
  const [vaults, externalSecrets, secrets, processes, operated] = await Promise.all([
    concurrently(agents, CONCURRENT, ({ path }) => observeVault(world.store, path)),
    observeObjects(world, names, externalSecretOf),
    observeObjects(world, names, secretOf),
    observeProcesses(world.cluster, world.namespace, names),
    observeController(world, names),
  ]);
  const stores = new Map<string, Promise<string | undefined>>();
  return concurrently([...agents.entries()], CONCURRENT, async ([index, { name, declared }]) => {
    const externalSecret = externalSecrets[index] ?? ABSENT;
    const storeName = externalSecret.state === "found" ? textAt(externalSecret.value, "spec", "secretStoreRef", "name") : undefined;
    const secret = found(secrets[index] ?? ABSENT, (value) => ({ ...secretFacts(value), ...operated.digest(value) }));
    const failure = await remember(stores, storeName ?? "", () => storeFailure(world, storeName));
    return {
      agent: name,
      declared,
      vault: vaults[index] ?? ABSENT,
      ...(failure !== undefined && { storeFailure: failure }),
      sync: await observeSync(world, externalSecret),
      secret,
      processes: processes.get(name) ?? [],
      ...operated.restart(name),
      ...(secret.state === "found" && operated.brought(name, secret.value.changedAt)),
    };
  });
}

/** Reference of an agent's ExternalSecret. */
export function externalSecretOf(namespace: string, agent: string) {
  return { ...EXTERNAL_SECRET, namespace, name: `${agent}-env` };
}

/** Reference of an agent's Secret. */
export function secretOf(namespace: string, agent: string) {
  return { ...SECRET, namespace, name: `${agent}-env` };
}

/** Keys and times of a Secret; its values stay behind. */
export function secretFacts(secret: Manifest): SecretObservation {
  const data = secret["data"];
  const created = new Date(textAt(secret, "metadata", "creationTimestamp") ?? "");
  const changes = mapsAt(secret, "metadata", "managedFields")
    .filter((entry) => isPlainMap(valueAt(entry, ["fieldsV1", "f:data"])))
    .flatMap((entry) => dateOf(textAt(entry, "time")) ?? []);
  const changed = changes.length > 0 ? new Date(Math.max(...changes.map(Number))) : undefined;
  return {
    keys: isPlainMap(data) ? Object.keys(data).sort() : [],
    createdAt: created,
    ...(changed !== undefined && { changedAt: changed }),
  };
}

/** What the operator wrote into an ExternalSecret's status. */
function syncFacts(externalSecret: Manifest): SyncObservation {
  const ready = condition(externalSecret, "Ready");
  const refreshedAt = dateOf(textAt(externalSecret, "status", "refreshTime"));
  return {
    ready: ready?.["status"] === "True",
    message: textAt(ready, "message") ?? "",
    ...(refreshedAt !== undefined && { refreshedAt }),
    refreshInterval: parseInterval(textAt(externalSecret, "spec", "refreshInterval") ?? "1h"),
  };
}

async function observeSync({ cluster }: SecretWorld, externalSecret: Observed<Manifest>): Promise<Observed<SyncObservation>> {
  if (externalSecret.state !== "found") return externalSecret;
  const facts = syncFacts(externalSecret.value);
  if (facts.ready) return { state: "found", value: facts };
  const message = await syncFailure(cluster, externalSecret.value);
  return { state: "found", value: { ...facts, message: message ?? "" } };
}

/** Why the operator fails to sync: its condition says so roughly, its newest warning exactly. Undefined when it said nothing. */
export async function syncFailure(cluster: Cluster, externalSecret: Manifest): Promise<string | undefined> {
  const ready = condition(externalSecret, "Ready");
  if (ready === undefined || ready["status"] === "True") return undefined;
  const events = await cluster.events(referenceOf(externalSecret)).catch(() => []);
  const warning = events.map(eventFacts).findLast(({ type }) => type === "Warning");
  // Vault's answers span several lines.
  const said = [textAt(ready, "message"), warning?.message].filter((text) => text !== undefined && text !== "");
  return said.length === 0 ? "no reason given" : [...new Set(said)].join(": ").replaceAll(/\s+/g, " ");
}

/** The processes of these agents' gateways: those of pods that are not on their way out. */
export async function observeProcesses(
  cluster: Cluster,
  namespace: string,
  agents: readonly string[],
): Promise<ReadonlyMap<string, readonly ProcessObservation[]>> {
  const labelSelector = agents.length === 1 ? `${AGENT_LABEL}=${agents[0]}` : AGENT_LABEL;
  const pods = await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector });
  const byAgent = Map.groupBy(pods.filter(isStaying), (pod) => pod.metadata.labels?.[AGENT_LABEL] ?? "");
  return new Map([...byAgent].map(([agent, own]) => [agent, own.map(processFacts)]));
}

function processFacts(pod: Manifest): ProcessObservation {
  const status = mapsAt(pod, "status", "containerStatuses").find((entry) => entry["name"] === CONTAINER);
  const startedAt = dateOf(textAt(status, "state", "running", "startedAt"));
  const secretDigest = pod.metadata.annotations?.[SECRET_ANNOTATION];
  const common = { pod: pod.metadata.name, ...(secretDigest !== undefined && { secretDigest }) };
  if (startedAt !== undefined) return { ...common, startedAt };
  const reason = textAt(status, "state", "waiting", "reason") ?? textAt(status, "state", "terminated", "reason");
  return { ...common, waiting: reason ?? "its container does not exist yet" };
}

function isStaying(pod: Manifest): boolean {
  const phase = textAt(pod, "status", "phase");
  return pod.metadata["deletionTimestamp"] === undefined && phase !== "Succeeded" && phase !== "Failed";
}

async function observeVault(store: KeyValueStore | FrotaError, path: string): Promise<Observed<VaultObservation>> {
  if (store instanceof FrotaError) return unknownFor(store);
  return found(await observe(() => store.keys(path)), (value) => ({ path: `${store.mount}/${path}`, ...value }));
}

async function storeFailure({ cluster, namespace }: SecretWorld, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const reference = { apiVersion: "external-secrets.io/v1", kind: "SecretStore", namespace, name };
  const store = await observe(() => cluster.get(reference));
  if (store.state === "absent") return `there is no SecretStore ${name}`;
  if (store.state === "unknown") return undefined;
  const ready = condition(store.value, "Ready");
  return ready?.["status"] === "False" ? (textAt(ready, "message") ?? "no message") : undefined;
}

function found<Value, Result>(observed: Observed<Value>, read: (value: Value) => Result): Observed<Result> {
  return observed.state === "found" ? { state: "found", value: read(observed.value) } : observed;
}

async function remember<Value>(known: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const present = known.get(key) ?? make();
  known.set(key, present);
  return present;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Seconds of a Go duration such as `1m0s`; 0 for `0`. */
function parseInterval(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (UNIT_SECONDS[unit ?? "s"] ?? 1), 0);
}
