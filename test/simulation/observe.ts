import type { Channel, FleetWorld } from "../../src/decide/fleet-world.ts";
import type { FleetPolicy } from "../../src/decide/policy.ts";
import type { ActionFailure, AgentWorld, DeclaredAgent, DeploymentFacts, GatewayFacts, ImageTarget, PodFacts, SecretFacts, StateFacts, UnsettledObject } from "../../src/decide/world.ts";
import { CHANNELS } from "./cluster.ts";
import { targetOf, versionName } from "./images.ts";
import type { AgentObjects, Claim, Deployment, Fleet, FleetObjects, Pod, Resource, Secret } from "./model.ts";

/** What an engine remembers of one agent; lost with its process. */
export interface AgentMemory {
  gateway: GatewayFacts | undefined;
  failure: ActionFailure | undefined;
}

/** What an engine saw of one agent. */
export interface Sight {
  readonly name: string;
  readonly objects: AgentObjects;
  readonly memory: AgentMemory;
}

/** What an engine sees of the fleet. */
export interface FleetSight {
  readonly own: FleetObjects;
  readonly channels: readonly Channel[];
  readonly targets: ReadonlyMap<string, ImageTarget>;
}

/** The policy at a moment by the engine's clock. */
export function policyAt(fleet: Fleet, now: number): FleetPolicy {
  const { maxDisrupted, canaries, bakeTime, failureBudget, quietWait, coalesceWindow } = fleet;
  const freezes = fleet.freezes.filter((window) => window.to > now).toSorted((left, right) => left.from - right.from);
  return { maxDisrupted, canaries, bakeTime, failureBudget, quietWait, coalesceWindow, freezes, ...(fleet.suspended === undefined ? {} : { suspended: fleet.suspended }) };
}

/** The world as `decide` gets it. */
// oxlint-disable-next-line complexity -- each optional field is one branch
export function observeAgent(sight: Sight, fleet: FleetSight, policy: FleetPolicy): AgentWorld {
  const { objects, memory, name } = sight;
  const { resource, deployment } = objects;
  const permit = fleet.own.ledger.permits.get(name);
  const target = resource?.pinned === undefined ? fleet.targets.get(resource?.channel ?? CHANNELS[0]) : targetOf(resource.pinned);
  return {
    name,
    ...(resource === undefined ? {} : { declared: declaredOf(resource) }),
    policy,
    ...(target === undefined ? {} : { target }),
    unsettled: resource === undefined || resource.invalid !== undefined ? [] : unsettledOf(name, objects, resource),
    ...configurationOf(objects),
    ...(deployment === undefined ? {} : { deployment: deploymentOf(deployment, resource) }),
    pods: objects.pods.map((pod) => podOf(pod, deployment)),
    state: stateOf(objects.claim, objects.pods),
    secret: secretOf(objects.secret, resource, objects.objects.externalSecret !== undefined),
    ...(memory.gateway === undefined ? {} : { gateway: memory.gateway }),
    ...(permit === undefined ? {} : { permit }),
    ...(memory.failure === undefined ? {} : { failure: memory.failure }),
    ...(resource?.status === undefined ? {} : { previous: resource.status }),
  };
}

/** The world as `admit` gets it. Agents that are gone, and of which nothing runs any more, are not in it. */
export function observeFleet(sights: readonly Sight[], fleet: FleetSight, policy: FleetPolicy): FleetWorld {
  const { own } = fleet;
  return {
    generation: own.fleet.generation,
    policy,
    defaultChannel: CHANNELS[0],
    channels: fleet.channels,
    revisions: own.revisions,
    agents: sights
      .filter(({ objects }) => objects.resource !== undefined || objects.deployment !== undefined)
      .map((sight) => observeAgent(sight, fleet, policy)),
    ledger: { ...(own.ledger.resourceVersion === 0 ? {} : { resourceVersion: String(own.ledger.resourceVersion) }), permits: own.ledger.permits },
    ...(own.fleet.operation === undefined ? {} : { operation: own.fleet.operation }),
    nodeImages: new Map(own.nodes.map((node, index) => [`bots-${index}`, node.images])),
    prePulls: own.prePulls,
    ...(own.fleet.status === undefined ? {} : { previous: own.fleet.status }),
  };
}

function declaredOf(resource: Resource): DeclaredAgent {
  const { generation, channel, pinned, onSecretChange, suspended, invalid, restartRequest } = resource;
  return {
    generation,
    onSecretChange,
    ...(pinned === undefined ? { channel } : { pinned: targetOf(pinned) }),
    ...(suspended === undefined ? {} : { suspended }),
    ...(invalid === undefined ? {} : { invalid }),
    ...(restartRequest === undefined ? {} : { restartRequest }),
  };
}

function unsettledOf(name: string, { objects, claim, deployment }: AgentObjects, resource: Resource): UnsettledObject[] {
  const wasApplied = deployment !== undefined;
  const found: UnsettledObject[] = [];
  if (claim === undefined) found.push({ key: `PersistentVolumeClaim/${name}-state`, why: "missing", wasApplied });
  if (objects.externalSecret === undefined) found.push({ key: `ExternalSecret/${name}-env`, why: "missing", wasApplied });
  if (objects.configuration === undefined) found.push({ key: `ConfigMap/${name}-config`, why: "missing", wasApplied });
  if (objects.service === undefined) found.push({ key: `Service/${name}`, why: "missing", wasApplied });
  else if (objects.service < 0) found.push({ key: `Service/${name}`, why: "drift", wasApplied: true });
  else if (objects.service !== resource.template) found.push({ key: `Service/${name}`, why: "declared", wasApplied: true });
  return found;
}

function configurationOf({ objects, resource }: AgentObjects): Pick<AgentWorld, "configuration" | "hotKeys"> {
  const applied = objects.configuration;
  if (applied === undefined || resource === undefined || resource.invalid !== undefined) return {};
  const { writtenAt, record } = applied;
  const hotKeys = record && { hotKeys: { writtenAt, ...record } };
  if (applied.configuration === resource.configuration && applied.hot === resource.hot) return { ...hotKeys };
  return { configuration: { hasHotKeys: applied.hot !== resource.hot }, ...hotKeys };
}

function deploymentOf(deployment: Deployment, resource: Resource | undefined): DeploymentFacts {
  const { template, previous, failed, restart } = deployment;
  const pending = resource === undefined || resource.invalid !== undefined ? undefined : pendingOf(deployment, resource);
  return {
    resourceVersion: String(deployment.resourceVersion),
    isObserved: deployment.isObserved,
    replicas: deployment.replicas,
    ...(template.digest === undefined ? {} : { pinnedDigest: template.digest }),
    ...(template.secret === undefined ? {} : { secretDigest: template.secret }),
    ...(template.restartedAt === undefined ? {} : { restartedAt: template.restartedAt }),
    ...(previous === undefined ? {} : { previous: targetOf(previous.digest) }),
    ...(failed === undefined ? {} : { failed }),
    ...(restart === undefined ? {} : { restart }),
    ...(pending === undefined ? {} : { pending }),
  };
}

function pendingOf({ template }: Deployment, resource: Resource): DeploymentFacts["pending"] {
  if (template.version !== resource.template) return { need: "Template", paths: ["spec.template.spec.containers[0].resources"] };
  if (template.configuration !== resource.configuration) return { need: "Configuration", paths: ["gateway.port"] };
  return template.drift === 0 ? undefined : { need: "Drift", paths: ["spec.template.spec.containers[0].env"] };
}

// oxlint-disable-next-line complexity -- each optional field is one branch
function podOf(pod: Pod, deployment: Deployment | undefined): PodFacts {
  const { template } = pod;
  return {
    uid: pod.uid,
    name: `${pod.agent}-${pod.uid}`,
    isCurrent: pod.revision === deployment?.revision,
    isTerminating: pod.isTerminating,
    isFinished: pod.phase === "finished" && !pod.isTerminating,
    createdAt: pod.createdAt,
    isReady: pod.isReady,
    restarts: pod.restarts,
    restartConfig: String(template.configuration),
    ...(pod.node === undefined ? { unschedulable: "no node is ready" } : { node: `bots-${pod.node}` }),
    ...(pod.readyChangedAt === undefined ? {} : { readyChangedAt: pod.readyChangedAt }),
    ...(pod.startedAt === undefined || pod.phase === "lost" ? {} : { startedAt: pod.startedAt }),
    ...(pod.digest === undefined ? {} : targetOf(pod.digest)),
    ...(template.secret === undefined ? {} : { secretDigest: template.secret }),
    ...(template.restartedAt === undefined ? {} : { restartedAt: template.restartedAt }),
    ...(pod.waiting === undefined ? {} : { waiting: pod.waiting }),
    ...(pod.ended === undefined ? {} : { ended: pod.ended }),
  };
}

/** The version that a ready pod is known to run; 0 when nothing tells. */
export function knownVersion(pods: readonly Pod[]): number {
  const pod = pods.find((candidate) => candidate.isReady && !candidate.isTerminating);
  const name = pod?.digest === undefined ? undefined : targetOf(pod.digest).openclawVersion;
  return name === undefined ? 0 : Number(name.slice(versionName(0).length - 1));
}

function stateOf(claim: Claim | undefined, pods: readonly Pod[]): StateFacts {
  if (claim === undefined) return { claim: "absent", needsRecord: false };
  return {
    claim: claim.isBound ? "bound" : "pending",
    needsRecord: claim.isBound && (!claim.isRetained || knownVersion(pods) > claim.recorded),
    ...(claim.recorded === 0 ? {} : { openclawVersion: versionName(claim.recorded) }),
  };
}

function secretOf(secret: Secret, resource: Resource | undefined, hasExternalSecret: boolean): SecretFacts {
  const required = resource?.keys ?? 0;
  const missingKeys = Array.from({ length: Math.max(0, required - secret.keys) }, (_, index) => `KEY_${secret.keys + index}`);
  const isKnown = hasExternalSecret && (secret.exists || secret.refreshedAt !== undefined);
  return {
    exists: secret.exists,
    missingKeys,
    ...(secret.exists ? { digest: `hmac-${secret.version}` } : {}),
    ...(secret.changedAt === undefined ? {} : { changedAt: secret.changedAt }),
    ...(isKnown
      ? { sync: { isSynced: secret.isSynced, reason: secret.isSynced ? "SecretSynced" : "SecretSyncedError", ...(secret.refreshedAt === undefined ? {} : { refreshedAt: secret.refreshedAt }) } }
      : {}),
  };
}
