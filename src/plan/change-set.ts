import type { Manifest } from "../render/manifest.ts";

/** Which object, for people and for scripts. */
export interface ObjectId {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** A field whose value differs. Secret values are already masked. A side that lacks the field lacks the key. */
export interface FieldDifference {
  /** For example `spec.template.spec.containers[openclaw].image`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * What applying would do to an object. `configured` without differences only takes ownership of fields that already
 * have the declared values. A Fleet's or an Agent's differences are those that no other object of the change set tells.
 */
export interface ObjectChange {
  readonly id: ObjectId;
  /** The agent that it belongs to; absent for the fleet's own objects. */
  readonly agent?: string;
  readonly action: "created" | "configured" | "unchanged";
  readonly differences: readonly FieldDifference[];
}

/** One reason why an agent restarts. */
export interface RestartReason {
  /** Field of the pod template. */
  readonly path: string;
  /** In words: `image`, `configuration that needs a restart`. */
  readonly cause: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A declared OpenClaw configuration key that changes. */
export interface ConfigurationChange extends FieldDifference {
  /**
   * `live`: the agent takes it over while it runs. `restart`: this change restarts the agent and applies then. `next-start`: it waits for
   * the next start.
   */
  readonly applies: "live" | "restart" | "next-start";
}

/** What applying would do to one agent. */
export interface AgentChange {
  readonly name: string;
  /** `update` changes objects without a restart. */
  readonly action: "create" | "restart" | "update" | "none";
  /** Of one that is created: its volume is there, with what it knew before. */
  readonly isReturning?: boolean;
  readonly restartReasons: readonly RestartReason[];
  readonly configuration: readonly ConfigurationChange[];
}

/** Why a change may not be applied, found by reading only. */
export interface Refusal {
  /** Stable, UPPER_SNAKE_CASE. */
  readonly code: string;
  readonly message: string;
  readonly object?: ObjectId;
  readonly agent?: string;
  readonly next: string;
}

/** What applying would do, as data. */
export interface ChangeSet {
  readonly objects: readonly ObjectChange[];
  readonly agents: readonly AgentChange[];
  /** Objects that Frota's files once declared and no longer do. They stay; never a volume claim. */
  readonly leftovers: readonly ObjectId[];
  readonly refusals: readonly Refusal[];
}

/** One declared object with what the cluster says about it. */
export interface PlannedObject {
  readonly agent?: string;
  readonly desired: Manifest;
  readonly live?: Manifest;
  /** The API server's answer to a dry run of the apply; `live` itself where nothing would change. Absent where it could not be asked (new namespace, refusal). */
  readonly dryRun?: Manifest;
  /** Why the API server would not take it. */
  readonly refusal?: Refusal;
}

/** Whether anything would be written. */
export function hasChanges(changes: ChangeSet): boolean {
  return changes.objects.some((object) => object.action !== "unchanged");
}

/** The identity of a manifest. */
export function objectId({ apiVersion, kind, metadata }: Manifest): ObjectId {
  const { name, namespace } = metadata;
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name };
}
