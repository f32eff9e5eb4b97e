import type { FleetPolicy, Instant } from "./policy.ts";
import type { AgentStatus } from "./status.ts";

/** Why a restart on purpose is wanted, strongest first: a restart for several reasons is recorded under the first. */
export const RESTART_NEEDS = ["Image", "Template", "Configuration", "Secret", "Drift", "Requested"] as const;

/** One of {@link RESTART_NEEDS}. */
export type RestartNeed = (typeof RESTART_NEEDS)[number];

/** An image of the fleet's repository. */
export interface ImageTarget {
  /** `sha256:...` */
  readonly digest: string;
  /** Absent when the image does not say. */
  readonly openclawVersion?: string;
}

/** The leave to disrupt one agent once, as the fleet's ledger holds it. It is given up when the agent is settled again. */
export interface Permit {
  readonly id: string;
  readonly cause: RestartNeed;
  /** Further needs that this restart serves. */
  readonly also: readonly RestartNeed[];
  readonly grantedAt: Instant;
  /** The image that the agent runs after the restart. */
  readonly image: ImageTarget;
  /** Which start of that image's rollout this is; see `ImageRevision.attempt`. 0 without a rollout. */
  readonly attempt: number;
  /** Granted beyond the budget because the agent was down already: acted on only while it is down. */
  readonly isExtra?: true;
  /** Granted to an agent that was given up already, or was starting on an image that was taken back: that it fails again says nothing about the cause. */
  readonly isRemedy?: true;
  /** Taken back then: nobody may act on it any more. It leaves the ledger a little later, when whoever read it before is past acting. */
  readonly withdrawnAt?: Instant;
}

/** What Git says about the agent, as far as decisions need it. */
export interface DeclaredAgent {
  /** `metadata.generation` of the Agent resource. */
  readonly generation: number;
  /** `metadata.generation` of the Fleet, whose defaults are the agent's as well. */
  readonly fleetGeneration?: number;
  /** Why nothing of this agent is written, if so. */
  readonly suspended?: string;
  /** Why its specification cannot be rendered, if so; then nothing of it is written. */
  readonly invalid?: string;
  /** The tag that it follows (the fleet's or its own); absent for an agent pinned to a digest. */
  readonly channel?: string;
  /** The digest that it is pinned to. */
  readonly pinned?: ImageTarget;
  readonly onSecretChange: "restart" | "notify";
  readonly restartRequest?: { readonly id: string; readonly by: string; readonly at: Instant };
}

/** An object other than the pod template that is not as declared. */
export interface UnsettledObject {
  /** `Service/clovis` */
  readonly key: string;
  /** `missing`: never made, or deleted; `declared`: Git changed; `drift`: somebody else changed it. */
  readonly why: "missing" | "declared" | "drift";
  /** It was there before: its absence is somebody's doing, to be reported. */
  readonly wasApplied: boolean;
}

/** The agent's Deployment. */
export interface DeploymentFacts {
  readonly resourceVersion: string;
  /** Its controller has seen the present generation. */
  readonly isObserved: boolean;
  readonly replicas: number;
  /** The digest that its template pins; absent for a template that names a tag (made in the plain way). */
  readonly pinnedDigest?: string;
  /** `frota.dev/secret` of its template. */
  readonly secretDigest?: string;
  /** `frota.dev/adopted-secret`: the Secret as it was when this template, made in the plain way, was first seen. */
  readonly adoptedSecretDigest?: string;
  /** `frota.dev/previous-digest` and the version of that image where it is known. */
  readonly previous?: ImageTarget;
  /** `frota.dev/failed-digest`: this agent failed on that image in that attempt. */
  readonly failed?: { readonly digest: string; readonly attempt: number };
  /** `frota.dev/restart`: the newest restart on purpose. `request` is the person's request that stood then: it is served. */
  readonly restart?: { readonly id: string; readonly cause: RestartCause; readonly at: Instant; readonly detail?: string; readonly request?: string };
  /** How the template differs from the declared one, image and secret apart. */
  readonly pending?: { readonly need: "Template" | "Configuration" | "Drift"; readonly paths: readonly string[] };
  /** `kubectl.kubernetes.io/restartedAt` of its template. */
  readonly restartedAt?: string;
}

/** Why an agent's process began anew: exactly one for each start. */
export type RestartCause =
  | RestartNeed
  /** The first start. */
  | "Created"
  /** Back to the previous image after a failure on the new one. */
  | "Rollback"
  /** `kubectl rollout restart`. */
  | "Manual"
  /** The pod was deleted, evicted, or lost with its node. */
  | "PodReplaced"
  /** The container ended by itself: exit, crash, out of memory, failed liveness. */
  | "ContainerExit";

/** One pod of the agent. */
export interface PodFacts {
  readonly uid: string;
  readonly name: string;
  readonly node?: string;
  /** It was made from the Deployment's present template. */
  readonly isCurrent: boolean;
  readonly isTerminating: boolean;
  /** Succeeded or Failed: it will not run again. */
  readonly isFinished: boolean;
  readonly createdAt: Instant;
  readonly isReady: boolean;
  /** When `isReady` last changed. */
  readonly readyChangedAt?: Instant;
  /** The container's present process began then; absent while none runs. */
  readonly startedAt?: Instant;
  /** How often the container was started again. */
  readonly restarts: number;
  /** What it really runs. */
  readonly digest?: string;
  /** The OpenClaw of that image, where it is known. */
  readonly openclawVersion?: string;
  readonly secretDigest?: string;
  readonly restartConfig?: string;
  readonly restartedAt?: string;
  /** Why its container waits: `CrashLoopBackOff`, `ImagePullBackOff`, ... */
  readonly waiting?: { readonly reason: string; readonly message?: string };
  /** How its container last ended. */
  readonly ended?: { readonly reason: string; readonly exitCode: number; readonly message?: string };
  /** Why no node takes it. */
  readonly unschedulable?: string;
}

/** What the agent's Secret and its ExternalSecret say. Never a value. */
export interface SecretFacts {
  readonly exists: boolean;
  /** Declared keys that it lacks. */
  readonly missingKeys: readonly string[];
  /** Keyed digest of its content. */
  readonly digest?: string;
  /** When its content last changed. */
  readonly changedAt?: Instant;
  /** What the External Secrets Operator says; absent where there is no ExternalSecret or it was never synced. */
  readonly sync?: { readonly isSynced: boolean; readonly reason: string; readonly message?: string; readonly refreshedAt?: Instant };
  /** When Vault's newest version was written, where the controller may read that. */
  readonly vaultChangedAt?: Instant;
}

/** What the gateway itself said last. */
export interface GatewayFacts {
  /** The pod that was asked, and {@link PodFacts.restarts} of it then: another process may answer otherwise. Absent: not known. */
  readonly podUid: string;
  readonly restarts?: number;
  readonly checkedAt: Instant;
  /** `full` looks at model authentication and channels as well. */
  readonly depth: "light" | "full";
  /** `unknown`: it could not be asked. */
  readonly state: "healthy" | "unhealthy" | "unknown";
  /** In words. */
  readonly problems: readonly string[];
  readonly activity: "idle" | "busy" | "unknown";
}

/** The agent's memory. */
export interface StateFacts {
  readonly claim: "absent" | "pending" | "bound";
  /** The volume is not yet set to Retain, or the claim does not yet say which OpenClaw runs on it. */
  readonly needsRecord: boolean;
  /** The newest OpenClaw that was ready on this state. */
  readonly openclawVersion?: string;
}

/** Declared configuration that has not reached the agent's ConfigMap yet. */
export interface PendingConfiguration {
  /** Some changed keys can be taken over by the running gateway. */
  readonly hasHotKeys: boolean;
}

/** Hot keys that changed in the ConfigMap since the agent was made. A process may have begun with what was there before. */
export interface HotKeysFacts {
  /** When the ConfigMap was last written, as the API server says. */
  readonly writtenAt?: Instant;
  /** {@link processOf} the pod whose gateway has taken them over. */
  readonly takenBy?: string;
}

/** Tells one process of a pod's container from those before and after it. */
export function processOf({ uid, restarts }: Pick<PodFacts, "uid" | "restarts">): string {
  return `${uid}/${restarts}`;
}

/** What went wrong when the engine last acted for this agent. */
export interface ActionFailure {
  readonly code: string;
  readonly message: string;
  readonly at: Instant;
  /** `retryable`: tried again by itself; `terminal`: only a change mends it. */
  readonly kind: "retryable" | "terminal";
}

/** Everything that is known about one agent. All of it can be observed: nothing but `gateway` and `failure` is the engine's own memory. */
export interface AgentWorld {
  readonly name: string;
  /** Absent: its Agent resource is gone. */
  readonly declared?: DeclaredAgent;
  readonly policy: FleetPolicy;
  /** Of an agent that is not declared: since when, and why what runs of it is not removed, if so. Absent: it is removed at once. */
  readonly removal?: { readonly noticedAt: Instant; readonly hold?: string };
  /** The image for an agent that is made now: its pin, or its channel's target. Absent while the channel was never resolved. */
  readonly target?: ImageTarget;
  readonly unsettled: readonly UnsettledObject[];
  readonly configuration?: PendingConfiguration;
  readonly hotKeys?: HotKeysFacts;
  readonly deployment?: DeploymentFacts;
  readonly pods: readonly PodFacts[];
  readonly state: StateFacts;
  readonly secret: SecretFacts;
  readonly gateway?: GatewayFacts;
  readonly permit?: Permit;
  readonly failure?: ActionFailure;
  /** The status as last written; it may be lost at any time. */
  readonly previous?: AgentStatus;
}
