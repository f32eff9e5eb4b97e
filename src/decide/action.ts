import type { ImageRevision } from "./fleet-world.ts";
import type { Instant } from "./policy.ts";
import type { AgentStatus, FleetStatus } from "./status.ts";
import type { ImageTarget, Permit, RestartCause } from "./world.ts";

/** Something to tell people by a Kubernetes Event on the Agent or Fleet. */
export interface Announcement {
  readonly type: "announce";
  readonly severity: "Normal" | "Warning";
  /** CamelCase, stable. */
  readonly reason: string;
  readonly message: string;
}

/** A write that replaces the agent's pod. It carries the `resourceVersion` that it was decided on. */
export interface RestartAction {
  readonly type: "restart";
  readonly resourceVersion: string;
  readonly id: string;
  readonly cause: RestartCause;
  readonly detail: string;
  readonly image: ImageTarget;
  /** The image to go back to: recorded with the write. */
  readonly previous?: ImageTarget;
  /** Recorded with a Rollback: what the agent failed on. */
  readonly failed?: { readonly digest: string; readonly attempt: number };
  /** Recorded: the person's request that stands, which any restart serves. */
  readonly request?: string;
}

/** Makes the Deployment: the agent's first start, or after somebody deleted it. */
export interface CreateAction {
  readonly type: "create";
  readonly image: ImageTarget;
  /** Recorded where somebody waits for a restart: this start is it. `id` is the permit's, or the request's. */
  readonly serves?: { readonly id: string; readonly detail: string; readonly request?: string };
}

/** What the engine does next for one agent, in order; the first that fails ends the turn. Each may be done twice without harm. */
export type AgentAction =
  /** Server-side apply of objects other than the pod template. */
  | { readonly type: "apply"; readonly keys: readonly string[] }
  /** Hot keys to the running gateway; then the ConfigMap. */
  | { readonly type: "configure"; readonly throughGateway: boolean }
  | CreateAction
  | RestartAction
  /** Sets `replicas` back to 1. */
  | { readonly type: "scale-up"; readonly resourceVersion: string }
  /** Asks the gateway now. `activity`: it is about to be stopped, so running turns must be told exactly. */
  | { readonly type: "check-gateway"; readonly depth: "light" | "full"; readonly activity?: true }
  /** Sets the volume to Retain and records on the claim which OpenClaw runs. */
  | { readonly type: "record-state" }
  /** Deletes what runs of an agent that is no longer declared. Never its claim. */
  | { readonly type: "remove" }
  | Announcement;

/** What becomes of one agent. */
export interface AgentDecision {
  readonly actions: readonly AgentAction[];
  /** The whole status; written only if it differs from what is there. Absent for an agent that is no longer declared. */
  readonly status?: AgentStatus;
  /** Look again then, though nothing changes. */
  readonly wakeAt?: Instant;
}

/** What the engine does next for the fleet, in order. */
export type FleetAction =
  | { readonly type: "record-revision"; readonly revision: ImageRevision }
  /** Changes an existing revision: its number, its rejection, its attempt. */
  | { readonly type: "mark-revision"; readonly revision: ImageRevision }
  /** Deletes a revision that nothing needs any more. */
  | { readonly type: "forget-revision"; readonly name: string }
  /** Replaces the ledger if nobody wrote it since `resourceVersion` (absent: if there is none). */
  | { readonly type: "write-ledger"; readonly resourceVersion?: string; readonly permits: ReadonlyMap<string, Permit> }
  /** Puts on record that everything that runs is declared under the definition agents.frota.dev of this uid. */
  | { readonly type: "record-definition"; readonly uid: string }
  | { readonly type: "pre-pull"; readonly node: string; readonly image: ImageTarget }
  | { readonly type: "forget-pre-pull"; readonly node: string; readonly digest: string }
  /** Asks the registry now. */
  | { readonly type: "resolve-channels" }
  | Announcement;

/** What becomes of the fleet. */
export interface FleetDecision {
  readonly actions: readonly FleetAction[];
  readonly status: FleetStatus;
  /** By channel: the image for agents that are made now. */
  readonly targets: ReadonlyMap<string, ImageTarget>;
  readonly wakeAt?: Instant;
}
