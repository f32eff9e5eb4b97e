import type { FleetWorld, ImageRevision } from "../fleet-world.ts";
import type { FleetPolicy, Instant } from "../policy.ts";
import type { AgentStatus } from "../status.ts";
import type { AgentWorld, DeclaredAgent, DeploymentFacts, GatewayFacts, ImageTarget, Permit, PodFacts, SecretFacts } from "../world.ts";

/** When every table begins: 2026-11-23 12:00 UTC. */
export const NOON: Instant = Date.UTC(2026, 10, 23, 12);

export const OLD: ImageTarget = { digest: `sha256:${"a".repeat(64)}`, openclawVersion: "2026.9.2" };
export const NEW: ImageTarget = { digest: `sha256:${"b".repeat(64)}`, openclawVersion: "2026.9.2" };
export const NEWER: ImageTarget = { digest: `sha256:${"c".repeat(64)}`, openclawVersion: "2026.9.6" };

export const POLICY: FleetPolicy = { maxDisrupted: 1, canaries: [], bakeTime: 120_000, failureBudget: 0, quietWait: 600_000, coalesceWindow: 10_000, freezes: [] };

export const DECLARED: DeclaredAgent = { generation: 1, channel: "latest", onSecretChange: "restart" };

export const SECRET: SecretFacts = { exists: true, missingKeys: [], digest: "hmac-1", changedAt: NOON - 7_200_000, sync: { isSynced: true, reason: "SecretSynced", refreshedAt: NOON - 7_200_000 } };

export const DEPLOYMENT: DeploymentFacts = { resourceVersion: "7", isObserved: true, replicas: 1, pinnedDigest: OLD.digest, secretDigest: "hmac-1" };

/** A pod that has served for an hour. */
export function pod(changes: Partial<PodFacts> = {}): PodFacts {
  return {
    uid: "pod-1", name: "clovis-1", node: "bots-1", isCurrent: true, isTerminating: false, isFinished: false, createdAt: NOON - 3_630_000,
    isReady: true, readyChangedAt: NOON - 3_600_000, startedAt: NOON - 3_625_000, restarts: 0, digest: OLD.digest, secretDigest: "hmac-1", ...changes,
  };
}

/** What a gateway said just now. */
export function gateway(changes: Partial<GatewayFacts> = {}): GatewayFacts {
  return { podUid: "pod-1", checkedAt: NOON - 1_000, depth: "full", state: "healthy", problems: [], activity: "idle", ...changes };
}

/** The leave to restart, not acted on yet. */
export function permit(changes: Partial<Permit> = {}): Permit {
  return { id: "p1", cause: "Requested", also: [], grantedAt: NOON, image: OLD, attempt: 0, ...changes };
}

/** An agent that has served for an hour and needs nothing. */
export function agentWorld(changes: Partial<AgentWorld> = {}): AgentWorld {
  return {
    name: "clovis", declared: DECLARED, policy: POLICY, target: OLD, unsettled: [], deployment: DEPLOYMENT, pods: [pod()],
    state: { claim: "bound", needsRecord: false, openclawVersion: "2026.9.2" }, secret: SECRET, gateway: gateway(), ...changes,
  };
}

/** The agent after the write that its permit allows, on a pod that began so many milliseconds ago. */
export function restarted(cause: Permit["cause"] | "Rollback", age: number, changes: Partial<AgentWorld> & { readonly podChanges?: Partial<PodFacts> } = {}): AgentWorld {
  const { podChanges, ...rest } = changes;
  const image = cause === "Image" ? NEW : OLD;
  return agentWorld({
    target: image,
    permit: permit({ cause: cause === "Rollback" ? "Image" : cause, image: cause === "Rollback" ? NEW : image, attempt: 1, grantedAt: NOON - age - 60_000 }),
    deployment: { ...DEPLOYMENT, pinnedDigest: image.digest, previous: OLD, restart: { id: "p1", cause, at: NOON - age - 5_000 } },
    pods: [pod({ uid: "pod-2", createdAt: NOON - age, startedAt: NOON - age + 2_000, digest: image.digest, isReady: false, readyChangedAt: NOON - age, ...podChanges })],
    gateway: gateway({ podUid: "pod-2" }),
    ...rest,
  });
}

/** A status that says so, about that pod. */
export function status(changes: Partial<AgentStatus> & { readonly ready?: "True" | "False"; readonly since?: Instant } = {}): AgentStatus {
  const { ready = "True", since = NOON - 3_600_000, ...rest } = changes;
  return {
    observedGeneration: 1,
    conditions: [{ type: "Ready", status: ready, reason: "Ready", message: "its gateway serves", observedGeneration: 1, lastTransitionTime: new Date(since).toISOString() }],
    phase: "Ready", image: {}, secrets: { isProven: true }, restarts: [], seen: { podUid: "pod-1", containerRestarts: 0 }, ...rest,
  };
}

/** A revision of the fleet's own tag. */
export function revision(image: ImageTarget, number: number, changes: Partial<ImageRevision> = {}): ImageRevision {
  return { ...image, name: `fleet-image-${image.digest.slice(7, 19)}`, channel: "latest", revision: number, attempt: 1, ...changes };
}

/** A fleet whose nodes have all images and whose tag means what was recorded last. */
export function fleetWorld(agents: readonly AgentWorld[], changes: Partial<FleetWorld> = {}): FleetWorld {
  const revisions = changes.revisions ?? [revision(OLD, 1, { isProven: true })];
  const { digest, openclawVersion = "" } = revisions.at(-1) ?? OLD;
  const permits = new Map(agents.flatMap((agent) => (agent.permit ? [[agent.name, agent.permit] as const] : [])));
  return {
    name: "fleet", generation: 1, policy: POLICY, defaultChannel: "latest", channels: [{ tag: "latest", resolved: { digest, openclawVersion } }],
    revisions, agents, ledger: { resourceVersion: "3", permits },
    nodeImages: new Map([["bots-1", new Set([OLD, NEW, NEWER].map((image) => image.digest))]]), prePulls: [], ...changes,
  };
}
