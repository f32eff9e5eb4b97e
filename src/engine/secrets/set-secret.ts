import type { Cluster } from "../../cluster/cluster.ts";
import { stalePods } from "../../plan/secret-links.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";
import type { KeyValueStore, KeyWritten } from "../../vault/kv.ts";
import { externalSecretOf, observeProcesses, secretFacts, secretOf, syncFailure } from "./observe-secrets.ts";

/** A key of an agent's secret to write, and where it has to arrive. */
export interface SetSecretRequest {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly store: KeyValueStore;
  readonly agent: string;
  /** Below Vault's mount: `agents/clovis`. */
  readonly path: string;
  readonly key: string;
  readonly value: string;
  /** Milliseconds that the sync may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Different at every call, so that the annotation that asks for a sync changes. */
  readonly requestId: string;
  readonly onWritten: (written: KeyWritten) => void;
}

/** How far the value came. */
export interface SecretSet extends KeyWritten {
  /** `not-applied`: the cluster has no ExternalSecret for this agent yet. */
  readonly sync: "synced" | "not-applied";
  /** Pods that still run with an older value. */
  readonly stalePods: readonly string[];
}

/**
 * Writes the key to Vault, asks the External Secrets Operator for a sync, and waits until the Secret carries the value.
 * Values are compared in memory only. Throws what {@link KeyValueStore.writeKey} throws before anything is written; after it
 * SYNC_TIMEOUT or INTERRUPTED, which say so.
 */
export async function setSecret(request: SetSecretRequest): Promise<SecretSet> {
  const { cluster, namespace, agent, store, path, key, value } = request;
  const [before, secretBefore] = await Promise.all([
    cluster.get(externalSecretOf(namespace, agent)),
    cluster.get(secretOf(namespace, agent)),
  ]);
  const written = await store.writeKey({ path, key, value });
  request.onWritten(written);
  if (before === undefined) return { ...written, sync: "not-applied", stalePods: [] };
  const isNew = valueOf(secretBefore, key) !== value;
  await cluster.mergePatch(
    externalSecretOf(namespace, agent),
    { metadata: { annotations: { "force-sync": request.requestId } } },
    { fieldManager: "frota-sync" },
  );
  const secret = await untilSynced(request, written, { marker: syncMarker(before), isNew });
  const processes = (await observeProcesses(cluster, namespace, [agent])).get(agent) ?? [];
  return {
    ...written,
    sync: "synced",
    stalePods: stalePods({ secret: { state: "found", value: secretFacts(secret) }, processes }),
  };
}

/** Follows the ExternalSecret; after each change of it, looks whether the Secret carries the value. */
async function untilSynced(
  request: SetSecretRequest,
  written: KeyWritten,
  before: { readonly marker: string; readonly isNew: boolean },
): Promise<Manifest> {
  const { cluster, namespace, agent, key, value, signal, timeout } = request;
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  const { apiVersion, kind, name } = externalSecretOf(namespace, agent);
  const selection = { namespace, fieldSelector: `metadata.name=${name}` };
  let last: Manifest | undefined;
  for await (const event of cluster.watch({ apiVersion, kind }, selection, ending)) {
    if (event.type === "synced") last = event.objects[0];
    else if (event.type === "changed") last = event.object;
    else continue;
    // The same value as before proves nothing until the operator has looked again.
    if (!before.isNew && syncMarker(last) === before.marker) continue;
    const secret = await cluster.get(secretOf(namespace, agent));
    if (secret !== undefined && valueOf(secret, key) === value) return secret;
  }
  throw signal.aborted ? interrupted(request, written) : await notSynced(request, written, last);
}

/** Changes with every sync that the operator finishes. */
function syncMarker(externalSecret: Manifest | undefined): string {
  const status = ["refreshTime", "syncedResourceVersion"].map((field) => textAt(externalSecret, "status", field) ?? "");
  return status.join(" ");
}

function valueOf(secret: Manifest | undefined, key: string): string | undefined {
  const encoded = textAt(secret, "data", key);
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

async function notSynced(request: SetSecretRequest, written: KeyWritten, last: Manifest | undefined): Promise<FrotaError> {
  const { cluster, namespace, agent, timeout } = request;
  const failure = last && (await syncFailure(cluster, last));
  const reason = failure ?? "the External Secrets Operator did not answer";
  return new FrotaError({
    code: "SYNC_TIMEOUT",
    message: `Vault has the value (version ${written.version}), but the Secret does not carry it after ${timeout / 1000} s: ${reason}`,
    where: { kind: "ExternalSecret", namespace, name: `${agent}-env` },
    next: `frota secrets status ${agent}`,
    outcome: "timeout",
  });
}

function interrupted({ namespace, agent }: SetSecretRequest, written: KeyWritten): FrotaError {
  return new FrotaError({
    code: "INTERRUPTED",
    message: `interrupted; Vault has the value (version ${written.version}), and the sync into the cluster goes on`,
    where: { kind: "ExternalSecret", namespace, name: `${agent}-env` },
    next: `frota secrets status ${agent}`,
    outcome: "interrupted",
  });
}
