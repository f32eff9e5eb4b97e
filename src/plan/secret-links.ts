import { keysInVault, missingKeys, type Observed, type SecretObservations, type VaultObservation } from "./secret-observations.ts";
import type { SecretStep } from "./secret-proof.ts";

type LinkName = "vault" | "sync" | "secret" | "process" | "proof";

/** How one link of the chain is: `waiting` mends itself or is held back on purpose, `broken` does not. */
export type LinkState = "ok" | "waiting" | "unknown" | "broken";

/** One link of the chain, in words. */
export interface ChainLink {
  readonly link: LinkName;
  readonly state: LinkState;
  /** Stable, for scripts; undefined when the link is ok. */
  readonly code?: string;
  readonly message: string;
  /** When this link last changed. */
  readonly at?: Date;
  readonly next?: string;
  /** Of the proof: the times of the whole way, in its order. */
  readonly steps?: readonly SecretStep[];
}

/** Syncs that may fail to happen before the operator counts as stuck. */
const MISSED_SYNCS = 3;
/** Kubernetes and Vault do not share a clock, and the operator needs a moment. */
const TOLERANCE_MS = 10_000;
const ASK_DOCTOR = "frota doctor";

/** Pods whose process started before the Secret got its present data, and that were not made for that very data. */
export function stalePods({ secret, processes }: Pick<SecretObservations, "secret" | "processes">): readonly string[] {
  if (secret.state !== "found") return [];
  const { changedAt, createdAt, digest } = secret.value;
  if (changedAt === undefined) return [];
  // Times are whole seconds: in the second of a change only a Secret that never had other data is certain.
  const unchanged = changedAt.getTime() === createdAt.getTime();
  return processes
    .filter(({ startedAt }) => startedAt !== undefined && isBefore(startedAt, changedAt, unchanged))
    .filter(({ secretDigest }) => secretDigest === undefined || secretDigest !== digest)
    .map(({ pod }) => pod);
}

function isBefore(startedAt: Date, changedAt: Date, unchanged: boolean): boolean {
  return startedAt < changedAt || (!unchanged && startedAt.getTime() === changedAt.getTime());
}

/** Whether Vault has a version with every declared key. */
export function vaultLink({ agent, declared, vault }: SecretObservations): ChainLink {
  const link = "vault";
  if (vault.state === "unknown") return unknown(link, "VAULT_UNKNOWN", `Vault could not be asked: ${vault.reason}`, vault.next ?? "set VAULT_ADDR and run `vault login`");
  const absent = missingKeys(declared, keysInVault(vault));
  const set = absent.length > 0 ? `frota secrets set ${agent} ${absent[0]}` : `frota secrets set ${agent} KEY`;
  if (vault.state === "absent") {
    return { link, state: "broken", code: "VAULT_SECRET_MISSING", message: "Vault has no secret for this agent", next: set };
  }
  const { path, version, createdAt: at, deleted } = vault.value;
  if (deleted) {
    const message = `the newest version (${version}) of ${path} is deleted in Vault`;
    return { link, state: "broken", code: "VAULT_SECRET_DELETED", message, at, next: `vault kv undelete or rollback, or ${set}` };
  }
  if (absent.length === 0) return { link, state: "ok", message: `version ${version}, ${vault.value.keys.length} keys`, at };
  const message = `version ${version} lacks ${absent.join(", ")}`;
  return { link, state: "broken", code: "VAULT_KEYS_MISSING", message, at, next: set };
}

/** Whether the External Secrets Operator syncs, and has brought Vault's newest version. */
export function syncLink({ agent, vault, sync, storeFailure }: SecretObservations, now: Date): ChainLink {
  const link = "sync";
  if (sync.state === "unknown") return unknown(link, "SYNC_UNKNOWN", sync.reason, ASK_DOCTOR);
  if (sync.state === "absent") {
    const message = "the cluster has no ExternalSecret for this agent";
    return { link, state: "broken", code: "EXTERNAL_SECRET_MISSING", message, next: `frota apply ${agent}` };
  }
  const { ready, message: said, refreshedAt, refreshInterval } = sync.value;
  const at = refreshedAt === undefined ? {} : { at: refreshedAt };
  if (storeFailure !== undefined) {
    const message = `the SecretStore cannot reach Vault: ${storeFailure}`;
    return { link, state: "broken", code: "SECRET_STORE_NOT_READY", message, ...at, next: "kubectl describe secretstore, or frota doctor" };
  }
  if (!ready || refreshedAt === undefined) return failedSync(said, at);
  return delayedSync({ refreshedAt, refreshInterval }, vault, now);
}

/** A sync that works may still be behind Vault, or have stopped. */
function delayedSync(
  { refreshedAt, refreshInterval }: { readonly refreshedAt: Date; readonly refreshInterval: number },
  vault: Observed<VaultObservation>,
  now: Date,
): ChainLink {
  const common = { link: "sync", at: refreshedAt } as const;
  const interval = refreshInterval * 1000;
  const newest = vault.state === "found" && !vault.value.deleted ? vault.value : undefined;
  const behind = newest !== undefined && refreshedAt < wholeSecond(newest.createdAt);
  const since = behind ? newest.createdAt : refreshedAt;
  const allowed = (behind ? interval : MISSED_SYNCS * interval) + TOLERANCE_MS;
  if (interval > 0 && now.getTime() - since.getTime() > allowed) {
    const message = `the External Secrets Operator has not synced since ${time(refreshedAt)}, although it should every ${refreshInterval} s`;
    const next = "check that the operator runs: kubectl get pods -A -l app.kubernetes.io/name=external-secrets";
    return { ...common, state: "broken", code: "SYNC_LATE", message, next };
  }
  if (!behind) return { ...common, state: "ok", message: "synced" };
  const message = `version ${newest.version} of Vault is not synced yet`;
  if (interval > 0) return { ...common, state: "waiting", code: "SYNC_BEHIND", message, next: `wait up to ${refreshInterval} s` };
  const next = "its refreshInterval is 0, so that it syncs on request only: kubectl annotate --overwrite externalsecret NAME force-sync=$(date +%s)";
  return { ...common, state: "broken", code: "SYNC_BEHIND", message, next };
}

/** The operator tells whole seconds: a sync in the second of the write counts as after it, as one that was forced is. */
function wholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}

function failedSync(said: string, at: { at?: Date }): ChainLink {
  if (said === "") {
    return { link: "sync", state: "waiting", code: "SYNC_NEVER", message: "not synced yet", ...at, next: "wait for the External Secrets Operator; if it stays, check that it runs" };
  }
  return { link: "sync", state: "broken", code: "SYNC_FAILED", message: `the sync fails: ${said}`, ...at, next: "kubectl describe externalsecret; frota doctor" };
}

/** Whether the Secret has every declared key. */
export function secretLink({ agent, declared, vault, secret }: SecretObservations): ChainLink {
  const link = "secret";
  if (secret.state === "unknown") return unknown(link, "SECRET_UNKNOWN", secret.reason, ASK_DOCTOR);
  if (secret.state === "absent") {
    const message = `the cluster has no Secret ${agent}-env: the agent cannot start`;
    return { link, state: "broken", code: "SECRET_MISSING", message, next: "mend the links before this one" };
  }
  const { keys, createdAt, changedAt } = secret.value;
  const at = changedAt ?? createdAt;
  const absent = missingKeys(declared, keys);
  if (absent.length === 0) return { link, state: "ok", message: `${keys.length} keys`, at };
  const inVault = absent.every((key) => vault.state === "found" && vault.value.keys.includes(key));
  const message = `the Secret lacks ${absent.join(", ")}`;
  return {
    link,
    state: inVault ? "waiting" : "broken",
    code: "SECRET_KEYS_MISSING",
    message,
    at,
    next: inVault ? "they come with the next sync" : `frota secrets set ${agent} ${absent[0]}`,
  };
}

/** A controller restarts it when it may; elsewhere a person does. */
function staleWords({ agent, restart }: SecretObservations, stale: readonly string[]): Pick<ChainLink, "state" | "message" | "next"> {
  const message = `${stale.join(", ")} started before the Secret changed, and runs with its older values`;
  if (!restart) return { state: "broken", message, next: `frota restart ${agent}` };
  const { isAutomatic, why, next } = restart;
  return isAutomatic ? { state: "waiting", message: `${message}; the controller restarts it: ${why}`, next } : { state: "broken", message: `${message}; ${why}`, next };
}

/** Whether every process started with the Secret's present data. */
export function processLink(observations: SecretObservations): ChainLink {
  const { agent, processes, secret } = observations;
  const link = "process";
  if (processes.length === 0) return { link, state: "ok", message: "no pod runs" };
  const stale = stalePods(observations);
  const started = processes.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [startedAt]));
  const at = started.length > 0 ? { at: new Date(Math.min(...started.map(Number))) } : {};
  if (stale.length > 0) {
    return { link, code: "PROCESS_STALE", ...at, ...staleWords(observations, stale) };
  }
  const waiting = processes.find(({ startedAt }) => startedAt === undefined);
  if (waiting !== undefined) {
    const message = `${waiting.pod} has not started: ${waiting.waiting ?? "no reason given"}`;
    return { link, state: "waiting", code: "PROCESS_NOT_STARTED", message, next: `frota status ${agent}` };
  }
  if (secret.state !== "found") return unknown(link, "PROCESS_UNKNOWN", "there is no Secret to compare with", "mend the links before this one");
  if (secret.value.changedAt === undefined) {
    return unknown(link, "PROCESS_UNKNOWN", "the cluster does not tell when the Secret last changed", `to be certain: frota restart ${agent}`);
  }
  return { link, state: "ok", message: "runs with the Secret's present values", ...at };
}

function unknown(link: LinkName, code: string, message: string, next: string): ChainLink {
  return { link, state: "unknown", code, message, next };
}

function time(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, "Z");
}
