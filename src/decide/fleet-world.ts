import type { FleetPolicy, Instant } from "./policy.ts";
import type { Roster } from "./removal.ts";
import type { FleetStatus } from "./status.ts";
import type { AgentWorld, ImageTarget, Permit } from "./world.ts";

/** A digest that a channel once resolved to: a ControllerRevision. */
export interface ImageRevision extends ImageTarget {
  /** Name of the ControllerRevision. */
  readonly name: string;
  readonly channel: string;
  /** The highest that is not rejected is the channel's target. */
  readonly revision: number;
  /** Why it is not rolled out any more, until somebody starts it again. `failed` halts: agents that run it well keep it. */
  readonly rejected?: "failed" | "aborted" | "undone";
  readonly rejectedReason?: string;
  /** Raised each time that somebody starts its rollout again; failures of earlier attempts no longer count. */
  readonly attempt: number;
  /** `id` of the operation that last marked it. */
  readonly operation?: string;
  /** Its rollout was complete once: what agents go back to, before any image that another overtook on its way. */
  readonly isProven?: true;
}

/** A tag that agents follow, and what the registry says about it. */
export interface Channel {
  readonly tag: string;
  /** Absent while the registry was never reached. */
  readonly resolved?: ImageTarget & {
    /** Why the image can never start, from its labels. */
    readonly problem?: string;
  };
  /** Why the registry cannot tell now. */
  readonly failure?: string;
}

/** What a person asked of the fleet. */
export interface FleetOperation {
  readonly id: string;
  readonly verb: "pause" | "resume" | "abort" | "undo" | "start" | "refresh";
  readonly by: string;
  readonly at: Instant;
  /** The channel that it means; the fleet's own tag when absent. */
  readonly channel?: string;
  /** Channels that stand still since somebody paused them, this request included. */
  readonly paused?: readonly string[];
}

/** An image being brought to a node, or brought there, before anything stops. */
export interface PrePull {
  readonly node: string;
  readonly digest: string;
  readonly state: "pulling" | "done" | "failed";
  readonly message?: string;
  /** When it got into its state; a failed one is tried again some time after that, one without a time never. */
  readonly at?: Instant;
}

/** Everything that is known about a fleet. */
export interface FleetWorld {
  /** Of the Fleet: new ControllerRevisions are called `<name>-image-<digest>`; `fleet` when absent. */
  readonly name?: string;
  readonly generation: number;
  readonly policy: FleetPolicy;
  /** The fleet's own tag. */
  readonly defaultChannel: string;
  readonly channels: readonly Channel[];
  readonly revisions: readonly ImageRevision[];
  readonly agents: readonly AgentWorld[];
  readonly roster?: Roster;
  /** `resourceVersion` is absent while there is no ledger. */
  readonly ledger: { readonly resourceVersion?: string; readonly permits: ReadonlyMap<string, Permit> };
  readonly operation?: FleetOperation;
  /** Images by node: digests that the node says it has, or that were brought there. */
  readonly nodeImages: ReadonlyMap<string, ReadonlySet<string>>;
  readonly prePulls: readonly PrePull[];
  /** Records of the engine's own that nobody can read, and that count for nothing: in words, one each. */
  readonly unreadable?: readonly string[];
  readonly previous?: FleetStatus;
}
