/** Something that was looked at: there, not there, or not to be told. */
export type Observed<Value> =
  | { readonly state: "found"; readonly value: Value }
  | { readonly state: "absent" }
  | { readonly state: "unknown"; readonly reason: string; /** What lets it be looked at, if that is known. */ readonly next?: string };

/** A secret's newest version in Vault, without values. */
export interface VaultObservation {
  /** `kv/agents/clovis` */
  readonly path: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly deleted: boolean;
  readonly keys: readonly string[];
}

/** What the External Secrets Operator says about an ExternalSecret. */
export interface SyncObservation {
  readonly ready: boolean;
  /** In the operator's words; empty when it said nothing yet. */
  readonly message: string;
  /** The last successful sync. */
  readonly refreshedAt?: Date;
  /** Seconds between two syncs; 0: only on request. */
  readonly refreshInterval: number;
}

/** The Secret in the cluster, without values. */
export interface SecretObservation {
  readonly keys: readonly string[];
  readonly createdAt: Date;
  /** When its data last changed; undefined when the cluster does not tell. */
  readonly changedAt?: Date;
  /** HMAC of its content with the fleet's key; absent where there is no controller, or its key may not be read. */
  readonly digest?: string;
}

/** A pod of the agent. */
export interface ProcessObservation {
  readonly pod: string;
  /** Start of the gateway's container, whose environment is what the Secret held then. */
  readonly startedAt?: Date;
  /** Why it has not started. */
  readonly waiting?: string;
  /** HMAC of the Secret that a controller made the pod for. */
  readonly secretDigest?: string;
}

/** The restart of a process that has older values. */
export interface PendingRestart {
  /** A controller does it when it may; otherwise nobody does before a person has done something. */
  readonly isAutomatic: boolean;
  /** What it waits for, or why nobody does it: in words. */
  readonly why: string;
  readonly next: string;
}

/** All that is known about the way of one agent's secrets from Vault into its process. */
export interface SecretObservations {
  readonly agent: string;
  /** Keys that the agent declares as required. */
  readonly declared: readonly string[];
  readonly vault: Observed<VaultObservation>;
  /** Why the SecretStore is not ready; undefined when it is, or when that is not known. */
  readonly storeFailure?: string;
  readonly sync: Observed<SyncObservation>;
  readonly secret: Observed<SecretObservation>;
  readonly processes: readonly ProcessObservation[];
  /** Where there is a controller: how a process with older values gets the present ones. */
  readonly restart?: PendingRestart;
  /** When the operator brought the Secret's present data, as a controller noted it. */
  readonly broughtAt?: Date;
}

/** Keys that may be synced: those of the newest version, unless it is deleted. */
export function keysInVault(vault: Observed<VaultObservation>): readonly string[] {
  return vault.state === "found" && !vault.value.deleted ? vault.value.keys : [];
}

/** Declared keys that are not there. */
export function missingKeys(declared: readonly string[], present: readonly string[]): readonly string[] {
  return declared.filter((key) => !present.includes(key));
}
