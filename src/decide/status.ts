import type { RestartCause } from "./world.ts";

/** A condition as Kubernetes has them. */
export interface Condition {
  readonly type: "Ready" | "ImageCurrent" | "ConfigCurrent" | "SecretsCurrent" | "Reconciling" | "Stalled";
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase, stable. */
  readonly reason: string;
  /** In words. It changes only when the situation does, so that waiting writes nothing. */
  readonly message: string;
  readonly observedGeneration: number;
  /** ISO 8601. */
  readonly lastTransitionTime: string;
}

/** One start of an agent's process. */
export interface RestartRecord {
  /** ISO 8601. */
  readonly at: string;
  readonly cause: RestartCause;
  /** In words: from which image to which, exit code, who asked. */
  readonly detail: string;
}

/** `status` of an Agent. Derived from the cluster's other objects, save the history of restarts. */
export interface AgentStatus {
  readonly observedGeneration: number;
  /** The Fleet's generation that this status answers. */
  readonly observedFleetGeneration?: number;
  readonly conditions: readonly Condition[];
  /** What the agent is at: for people and for `frota status`. */
  readonly phase:
    | "Pending" | "Starting" | "Ready" | "WaitingForQuiet" | "Draining" | "Checking" | "Baking" | "Failed" | "Suspended" | "Removing";
  readonly image: { readonly digest?: string; readonly openclawVersion?: string; readonly previousDigest?: string; readonly failedDigest?: string };
  /** The chain of the newest secret; ISO 8601 times, each absent while it is not known. */
  readonly secrets: {
    readonly vaultChangedAt?: string;
    readonly refreshedAt?: string;
    readonly secretChangedAt?: string;
    readonly processStartedAt?: string;
    /** The running process has what the Secret holds. */
    readonly isProven: boolean;
  };
  /** Newest last, at most ten. */
  readonly restarts: readonly RestartRecord[];
  /** What `restarts` knows of: the pod, the restarts of its container, the newest restart on purpose (id and cause), `restartedAt` of the pod. */
  readonly seen?: { readonly podUid: string; readonly containerRestarts: number; readonly restart?: string; readonly restartedAt?: string };
  /** `id` of the newest request of a person that was carried out. */
  readonly acknowledgedOperation?: string;
  /** `id` of the request that was seen and is still to be carried out: what else this status says is not of before it. */
  readonly pendingOperation?: string;
}

/** One wave of a rollout. */
export interface WaveStatus {
  readonly name: string;
  readonly agents: readonly string[];
  readonly done: number;
  readonly failed: number;
}

/** What a person may ask of a rollout. */
export type RolloutVerb = "start" | "pause" | "resume" | "abort" | "undo";

/** How a channel's image rolls out. */
export interface RolloutStatus {
  readonly channel: string;
  readonly digest: string;
  readonly openclawVersion?: string;
  /** `RollingBack`: a newer image was aborted or undone, and agents go back to this one. `Paused` and `Held` also once all is done. */
  readonly phase: "Complete" | "Progressing" | "RollingBack" | "Paused" | "Halted" | "Frozen" | "Held";
  /** Why, in words. */
  readonly message: string;
  /** None once the last one is over. */
  readonly waves: readonly WaveStatus[];
  /** Agents on the image and settled, of all that follow the channel. */
  readonly done: number;
  readonly total: number;
  readonly failedAgents: readonly { readonly name: string; readonly reason: string }[];
  /** What an abort or undo would go back to. */
  readonly previousDigest?: string;
  /** What would change something if somebody asked for it now. */
  readonly operations?: readonly RolloutVerb[];
}

/** `status` of a Fleet. */
export interface FleetStatus {
  readonly observedGeneration: number;
  /** The tag that agents follow unless they say otherwise, declared or by default. */
  readonly tag?: string;
  readonly conditions: readonly Condition[];
  readonly agents: { readonly total: number; readonly ready: number; readonly disrupted: number };
  readonly rollouts: readonly RolloutStatus[];
  /** Agents with a permit, and why. */
  readonly disruptions: readonly { readonly agent: string; readonly cause: string; readonly since: string }[];
  readonly frozenUntil?: string;
  /** Records of the controller's own that nobody can read, and that count for nothing: in words, one each. */
  readonly unreadableRecords?: readonly string[];
  /** Agents that nobody declares and that are not removed nevertheless: how many, and why. */
  readonly removalsHeld?: { readonly agents: number; readonly message: string };
  readonly acknowledgedOperation?: string;
}
