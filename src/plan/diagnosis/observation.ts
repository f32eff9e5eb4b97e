import type { SecretChain } from "../secret-chain.ts";
import type { Observed } from "../secret-observations.ts";

/** What an agent's Deployment says. */
export interface DeploymentObservation {
  /** Pods that it wants: 0 or 1. */
  readonly replicas: number;
  readonly image: string;
  readonly pullSecrets: readonly string[];
  /** `resources.limits.memory` of the gateway's container. */
  readonly memoryLimit?: string;
  /** Seconds that the startup probe allows. */
  readonly startupBudget: number;
  /** Node label that the pod wants, `doks.digitalocean.com/node-pool=bots`; absent where it takes any node. */
  readonly nodeSelector?: string;
  /** Why its pod cannot be created, in the cluster's words. */
  readonly podRefused?: string;
}

/** How an instance of the gateway's container ended. */
export interface EndObservation {
  /** The kubelet's word: `Error`, `OOMKilled`. */
  readonly reason: string;
  readonly exitCode: number;
  /** Its termination message: the start guard's sentence, or the end of its log. */
  readonly message?: string;
  readonly at?: Date;
}

/** The pod that counts: of the Deployment's present template, and not on its way out. */
export interface PodObservation {
  readonly name: string;
  readonly node?: string;
  readonly createdAt: Date;
  readonly phase: string;
  /** Of the pod as a whole: `Evicted`. */
  readonly reason?: string;
  readonly message?: string;
  readonly isReady: boolean;
  readonly isRunning: boolean;
  readonly restarts: number;
  /** Start of the running container. */
  readonly startedAt?: Date;
  /** Why the container does not run now. */
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** How the present (or, while it waits or runs, the last) instance of the container ended. */
  readonly ended?: EndObservation;
  /** Why the scheduler finds no node, in its words. */
  readonly unschedulable?: string;
}

/** A pod of the agent that was asked to go. */
export interface LeavingPod {
  readonly name: string;
  readonly node?: string;
  /** The kubelet should have ended it by then, by force if need be. */
  readonly goneBy: Date;
}

/** The agent's volume claim. */
export interface ClaimObservation {
  readonly name: string;
  /** `Bound`, `Pending`, `Lost`. */
  readonly phase: string;
  readonly storageClass?: string;
  /** As the volume has it, else as it was asked for. */
  readonly size?: string;
  /** Only where the volume has not grown to it yet. */
  readonly requested?: string;
  /** PersistentVolume. */
  readonly volume?: string;
  readonly classes: Observed<readonly string[]>;
}

/** A node. */
export interface NodeObservation {
  readonly name: string;
  readonly isReady: boolean;
  /** Why it is not ready, in its kubelet's or the node controller's words. */
  readonly message?: string;
  readonly isCordoned: boolean;
  /** `MemoryPressure`, `DiskPressure`, `PIDPressure`: what is true of it. */
  readonly pressures: readonly string[];
}

/** Where a volume is attached. */
export interface AttachmentObservation {
  readonly volume: string;
  readonly node: string;
}

/** An event about one of the agent's objects. */
export interface EventObservation {
  /** `Pod/clovis-5d9f` */
  readonly object: string;
  readonly isWarning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly at?: Date;
}

/** Space of the agent's volume, in bytes. */
export interface VolumeUse {
  readonly size: number;
  readonly free: number;
}

/** One account of a channel, as the gateway tells of it. */
export interface ChannelObservation {
  /** `telegram`, `telegram/second` */
  readonly id: string;
  readonly isConnected: boolean;
  /** In OpenClaw's words. */
  readonly lastError?: string;
  readonly startedAt?: Date;
}

/** What the gateway says of itself. */
export interface GatewayObservation {
  /** GET `/startupz`: `starting`, `started`, `draining`. */
  readonly startup: string;
  /** GET `/readyz`: what is failing; empty when it is ready. */
  readonly failing: readonly string[];
  /** Its RPC's answers; unknown with the reason and, where the gateway itself refused, a stable code. */
  readonly rpc: Observed<{
    /** What keeps model calls from working, in words. */
    readonly modelProblems: readonly string[];
    /** Other things that it is not well for, in words. */
    readonly problems: readonly string[];
    readonly channels: readonly ChannelObservation[];
  }>;
  readonly refusal?: "GATEWAY_UNAUTHORIZED" | "GATEWAY_RPC_DISABLED";
}

/** What a controller holds back on purpose, in words. */
export interface HoldObservation {
  readonly suspended?: string;
  readonly frozen?: string;
  /** Why the controller gave the agent up. */
  readonly stalled?: string;
}

/** All that was seen of one agent. Whatever could not be looked at is unknown, with the reason. Texts hold no credential. */
export interface AgentObservation {
  readonly agent: string;
  readonly namespace: string;
  readonly deployment: Observed<DeploymentObservation>;
  readonly pod: Observed<PodObservation>;
  readonly leaving: readonly LeavingPod[];
  readonly claim: Observed<ClaimObservation>;
  /** The node that the pod is on. */
  readonly node: Observed<NodeObservation>;
  /** The nodes that the pod may run on. */
  readonly pool: Observed<readonly NodeObservation[]>;
  readonly attachments: Observed<readonly AttachmentObservation[]>;
  /** Oldest first. */
  readonly events: Observed<readonly EventObservation[]>;
  /** The newest lines of the container that runs. */
  readonly log: Observed<readonly string[]>;
  /** The last lines of the container before it, or of the one that ended. */
  readonly lastWords: Observed<readonly string[]>;
  readonly volumeUse: Observed<VolumeUse>;
  readonly gateway: Observed<GatewayObservation>;
  readonly secrets: Observed<SecretChain>;
  /** Absent in the plain way. */
  readonly hold: Observed<HoldObservation>;
}
