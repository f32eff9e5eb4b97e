import type { FleetOperation, ImageRevision, PrePull } from "../../src/decide/fleet-world.ts";
import type { AgentStatus, FleetStatus } from "../../src/decide/status.ts";
import type { DeclaredAgent, ImageTarget, Permit, RestartCause } from "../../src/decide/world.ts";

// The objects of the true cluster. Each is replaced as a whole by a write and never changed, so that an engine's cache
// is no more than references to older ones.

/** The Agent resource. */
export interface Resource {
  readonly generation: number;
  /** Follows this tag, unless `pinned`. */
  readonly channel: string;
  readonly pinned?: string;
  /** Version of everything in the pod template that is neither image, secret nor configuration. */
  readonly template: number;
  /** Version of the configuration keys that need a restart, and of those that do not. */
  readonly configuration: number;
  readonly hot: number;
  /** How many keys of its secret are required. */
  readonly keys: number;
  readonly onSecretChange: "restart" | "notify";
  readonly invalid?: string;
  readonly suspended?: string;
  readonly restartRequest?: NonNullable<DeclaredAgent["restartRequest"]>;
  readonly status?: AgentStatus;
}

/** A pod template. */
export interface Template {
  /** Absent: it names the tag. */
  readonly digest?: string;
  readonly version: number;
  readonly configuration: number;
  readonly secret?: string;
  readonly restartedAt?: string;
  /** Somebody edited it by hand. */
  readonly drift: number;
  /** Makes each restart on purpose a new template, whatever else it changes. */
  readonly stamp?: string;
}

/** A Deployment with strategy Recreate. */
export interface Deployment {
  readonly resourceVersion: number;
  /** Raised whenever `template` changes. */
  readonly revision: number;
  readonly isObserved: boolean;
  readonly replicas: number;
  readonly template: Template;
  /** Who brought this template about, and why. */
  readonly cause: RestartCause;
  readonly previous?: ImageTarget;
  readonly failed?: { readonly digest: string; readonly attempt: number };
  readonly restart?: { readonly id: string; readonly cause: RestartCause; readonly at: number; readonly request?: string };
}

/** Where a pod is. A `lost` one is on a dead node. */
type PodPhase = "unscheduled" | "pulling" | "locked" | "booting" | "running" | "backoff" | "draining" | "finished" | "lost";

/** A pod. */
export interface Pod {
  readonly uid: string;
  readonly agent: string;
  readonly node?: number;
  readonly revision: number;
  readonly template: Template;
  readonly cause: RestartCause;
  readonly phase: PodPhase;
  /** True time of its next change by itself. */
  readonly due: number;
  readonly isTerminating: boolean;
  readonly digest?: string;
  readonly createdAt: number;
  readonly isReady: boolean;
  readonly readyChangedAt?: number;
  readonly startedAt?: number;
  readonly restarts: number;
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly ended?: { readonly reason: string; readonly exitCode: number; readonly message?: string };
  /** The configuration that its process has taken over. */
  readonly hot: number;
  readonly loaded: number;
  /** What its mount held when its process began. */
  readonly mounted?: Configuration;
  /** The version of the Secret that its process has. */
  readonly secret: number;
  /** Its gateway runs turns until then. */
  readonly busyUntil: number;
  /** It hangs: not ready, but alive. */
  readonly isHung: boolean;
}

/** A PersistentVolumeClaim and what is on its volume. */
export interface Claim {
  readonly isBound: boolean;
  readonly isRetained: boolean;
  /** `frota.dev/openclaw-version`. */
  readonly recorded: number;
  /** Newest OpenClaw that touched the state, and the newest that was ready on it. */
  readonly touched: number;
  readonly ready: number;
}

/** Secret and ExternalSecret of an agent as they stand in the cluster. */
export interface Secret {
  readonly exists: boolean;
  readonly version: number;
  readonly keys: number;
  readonly changedAt?: number;
  readonly isSynced: boolean;
  readonly refreshedAt?: number;
}

/** Vault's entry of an agent. */
export interface VaultEntry {
  readonly version: number;
  readonly keys: number;
  readonly changedAt: number;
}

/** Declared configuration: keys that need a restart, and those that do not. */
export interface Configuration {
  readonly configuration: number;
  readonly hot: number;
}

/** ConfigMap of the configuration. */
interface ConfigurationMap extends Configuration {
  /** True time. */
  readonly writtenAt: number;
  /** `frota.dev/hot-keys`. */
  readonly record?: { readonly takenBy?: string };
}

/** Objects beside Deployment, claim and Secret. */
interface Objects {
  /** Service, by version; negative: somebody edited it. */
  readonly service?: number;
  readonly externalSecret?: number;
  readonly configuration?: ConfigurationMap;
}

/** The true Fleet resource. */
export interface Fleet {
  readonly generation: number;
  readonly maxDisrupted: number;
  readonly canaries: readonly string[];
  readonly bakeTime: number;
  readonly failureBudget: number;
  readonly quietWait: number;
  readonly coalesceWindow: number;
  readonly freezes: readonly { readonly from: number; readonly to: number; readonly reason: string }[];
  readonly suspended?: string;
  readonly operation?: FleetOperation;
  readonly status?: FleetStatus;
}

/** ConfigMap `frota-disruptions`. */
export interface Ledger {
  /** 0: there is none. */
  readonly resourceVersion: number;
  readonly permits: ReadonlyMap<string, Permit>;
}

/** A node of pool `bots`. */
export interface Node {
  readonly isUp: boolean;
  readonly images: ReadonlySet<string>;
}

/** Everything of one agent. */
export interface AgentObjects {
  resource: Resource | undefined;
  deployment: Deployment | undefined;
  pods: readonly Pod[];
  claim: Claim | undefined;
  secret: Secret;
  objects: Objects;
}

/** Everything of the fleet itself. */
export interface FleetObjects {
  fleet: Fleet;
  ledger: Ledger;
  revisions: readonly ImageRevision[];
  nodes: readonly Node[];
  prePulls: readonly (PrePull & { readonly due: number })[];
}
