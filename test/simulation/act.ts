import type { AgentAction, CreateAction, FleetAction, RestartAction } from "../../src/decide/action.ts";
import { processOf, type GatewayFacts } from "../../src/decide/world.ts";
import { HOUR, SECOND, type Cluster } from "./cluster.ts";
import { imageOf, shortDigest } from "./images.ts";
import { pullTime } from "./kubelet.ts";
import type { AgentObjects, FleetObjects, Template } from "./model.ts";
import { knownVersion } from "./observe.ts";

/** How the API server answers a request. */
export type Answer = "ok" | "conflict" | "not found" | "invalid";

/** An action of one agent, as it stands when its request reaches the API server. `seen` is what the engine decided on. */
export interface AgentRequest {
  readonly agent: number;
  readonly action: AgentAction;
  readonly seen: AgentObjects;
}

/** Carries out an action on the true cluster, as the engine's adapters would. */
export function actOnAgent(cluster: Cluster, { agent, action, seen }: AgentRequest): Answer {
  cluster.version += 1;
  switch (action.type) {
    case "apply": return apply(cluster, agent, action.keys, seen);
    case "configure": return configure(cluster, agent, action.throughGateway, seen);
    case "create": return create(cluster, agent, action, seen);
    case "restart": return restart(cluster, agent, action, seen);
    case "scale-up": return scaleUp(cluster, agent, action.resourceVersion);
    case "record-state": return recordState(cluster, agent, seen);
    case "remove": return remove(cluster, agent);
    default: return "ok";
  }
}

function apply(cluster: Cluster, agent: number, keys: readonly string[], seen: AgentObjects): Answer {
  const objects = cluster.at(agent);
  const { resource } = seen;
  if (resource === undefined) return "invalid";
  for (const key of keys) {
    const kind = key.slice(0, key.indexOf("/"));
    if (kind === "Service") objects.objects = { ...objects.objects, service: resource.template };
    else if (kind === "ExternalSecret") objects.objects = { ...objects.objects, externalSecret: 1 };
    else if (kind === "ConfigMap") writeConfiguration(cluster, agent, seen);
    else if (kind === "PersistentVolumeClaim") objects.claim ??= { isBound: false, isRetained: false, recorded: 0, touched: 0, ready: 0 };
    else return "invalid";
  }
  return "ok";
}

// oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
function configure(cluster: Cluster, agent: number, throughGateway: boolean, seen: AgentObjects): Answer {
  const { resource } = seen;
  if (resource === undefined) return "invalid";
  const known = throughGateway ? seen.pods.findLast((candidate) => candidate.isReady && !candidate.isTerminating) : undefined;
  if (known !== undefined) {
    const pod = cluster.at(agent).pods.find(({ uid }) => uid === known.uid);
    if (pod?.phase !== "running" || pod.isHung || cluster.away.gateways > cluster.now) return "not found";
    cluster.setPod(agent, pod.uid, { ...pod, hot: resource.hot });
  }
  writeConfiguration(cluster, agent, seen, known && processOf(known));
  return "ok";
}

/** `takenBy`: the process that has the hot keys. */
// oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
function writeConfiguration(cluster: Cluster, agent: number, { resource, objects: { configuration: kept }, deployment, claim }: AgentObjects, takenBy?: string): void {
  const objects = cluster.at(agent);
  if (resource === undefined) return;
  const { configuration, hot } = resource;
  const isNews = kept?.hot !== hot;
  const isFirst = kept === undefined ? deployment === undefined && (claim?.recorded ?? 0) === 0 : !isNews && kept.record === undefined;
  const old = isNews ? {} : objects.objects.configuration?.record;
  const record = isFirst || old === undefined ? undefined : { ...old, ...(takenBy === undefined ? {} : { takenBy }) };
  objects.objects = { ...objects.objects, configuration: { configuration, hot, writtenAt: cluster.now, ...(record === undefined ? {} : { record }) } };
}

function render(digest: string, { resource, secret }: AgentObjects, before: Template | undefined, stamp: string): Template {
  return {
    digest, version: resource?.template ?? 0, configuration: resource?.configuration ?? 0, drift: 0, stamp,
    ...(secret.exists ? { secret: `hmac-${secret.version}` } : {}),
    ...(before?.restartedAt === undefined ? {} : { restartedAt: before.restartedAt }),
  };
}

function create(cluster: Cluster, agent: number, { image, serves }: CreateAction, seen: AgentObjects): Answer {
  const objects = cluster.at(agent);
  if (objects.deployment !== undefined) return "conflict";
  objects.deployment = {
    resourceVersion: cluster.next(), revision: (cluster.launched[agent] ?? 0) + 1, isObserved: false, replicas: 1,
    template: render(image.digest, seen, undefined, ""), cause: "Created", ...(serves === undefined ? {} : { restart: { ...serves, cause: "Created" as const, at: cluster.now } }),
  };
  return "ok";
}

function restart(cluster: Cluster, agent: number, action: RestartAction, seen: AgentObjects): Answer {
  const { deployment } = cluster.at(agent);
  if (deployment === undefined) return "not found";
  if (action.resourceVersion !== "" && action.resourceVersion !== String(deployment.resourceVersion)) return "conflict";
  cluster.setTemplate(agent, render(action.image.digest, seen, deployment.template, `${action.id}/${action.cause}`), {
    replicas: 1,
    cause: action.cause,
    restart: { id: action.id, cause: action.cause, at: cluster.now, ...(action.request === undefined ? {} : { request: action.request }) },
    ...(action.previous === undefined ? {} : { previous: action.previous }),
    ...(action.failed === undefined ? {} : { failed: action.failed }),
  });
  return "ok";
}

function scaleUp(cluster: Cluster, agent: number, resourceVersion: string): Answer {
  const objects = cluster.at(agent);
  if (objects.deployment === undefined) return "not found";
  if (resourceVersion !== String(objects.deployment.resourceVersion)) return "conflict";
  objects.deployment = { ...objects.deployment, replicas: 1, isObserved: false, resourceVersion: cluster.next() };
  return "ok";
}

function recordState(cluster: Cluster, agent: number, seen: AgentObjects): Answer {
  const objects = cluster.at(agent);
  if (objects.claim === undefined) return "not found";
  objects.claim = { ...objects.claim, isRetained: true, recorded: Math.max(objects.claim.recorded, knownVersion(seen.pods)) };
  return "ok";
}

function remove(cluster: Cluster, agent: number): Answer {
  const objects = cluster.at(agent);
  objects.deployment = undefined;
  objects.objects = {};
  if (cluster.without.has("kept claims")) objects.claim = undefined;
  return "ok";
}

/** Asks the gateway of an agent. */
export function askGateway(cluster: Cluster, agent: number, depth: "light" | "full", now: number): GatewayFacts | undefined {
  const pod = cluster.at(agent).pods.findLast(({ isReady, isTerminating }) => isReady && !isTerminating);
  if (pod === undefined) return undefined;
  const base = { podUid: pod.uid, restarts: pod.restarts, checkedAt: now, depth };
  if (cluster.away.gateways > cluster.now || pod.phase !== "running" || pod.isHung) return { ...base, state: "unknown", problems: ["it does not answer"], activity: "unknown" };
  const isBad = pod.digest !== undefined && (imageOf(pod.digest).behavior === "unhealthy" || imageOf(pod.digest).behavior === "never-ready");
  const activity = pod.busyUntil > cluster.now ? "busy" : "idle";
  return { ...base, state: isBad ? "unhealthy" : "healthy", problems: isBad ? ["no credentials for the model provider"] : [], activity };
}

/** Carries out an action for the fleet. `resolve-channels` is the engine's own affair. */
// oxlint-disable-next-line complexity -- one case per action
export function actOnFleet(cluster: Cluster, action: FleetAction, seen: FleetObjects): Answer {
  const { own } = cluster;
  cluster.version += 1;
  switch (action.type) {
    case "record-revision":
      if (cluster.revision(action.revision.name) !== undefined) return "conflict";
      own.revisions = [...own.revisions, action.revision];
      return "ok";
    case "mark-revision": {
      const basis = seen.revisions.find(({ name }) => name === action.revision.name);
      const current = cluster.revision(action.revision.name);
      if (current === undefined || basis !== current) return "conflict";
      own.revisions = own.revisions.map((revision) => (revision === current ? action.revision : revision));
      return "ok";
    }
    case "forget-revision":
      own.revisions = own.revisions.filter(({ name }) => name !== action.name);
      return "ok";
    case "write-ledger": {
      const expected = own.ledger.resourceVersion === 0 ? undefined : String(own.ledger.resourceVersion);
      if (action.resourceVersion !== "" && action.resourceVersion !== expected) return "conflict";
      own.ledger = { resourceVersion: cluster.next(), permits: new Map(action.permits) };
      return "ok";
    }
    case "pre-pull": {
      if (own.prePulls.some((pull) => pull.node === action.node && pull.digest === action.image.digest)) return "ok";
      const due = cluster.now + pullTime(cluster, Number(action.node.slice(-1)), action.image.digest);
      own.prePulls = [...own.prePulls, { node: action.node, digest: action.image.digest, state: "pulling", due }];
      return "ok";
    }
    case "forget-pre-pull":
      own.prePulls = own.prePulls.filter((pull) => pull.node !== action.node || pull.digest !== action.digest);
      return "ok";
    default: return "ok";
  }
}

/** An action in words. */
// oxlint-disable-next-line complexity -- one case per action
export function wordsFor(action: AgentAction | FleetAction): string {
  switch (action.type) {
    case "restart": return `restart (${action.cause}, ${action.id}, rv ${action.resourceVersion}) on image ${shortDigest(action.image.digest)}`;
    case "create": return `create on image ${shortDigest(action.image.digest)}${action.serves === undefined ? "" : `, for ${action.serves.id}`}`;
    case "apply": return `apply ${action.keys.join(" ")}`;
    case "announce": return `announce ${action.reason}: ${action.message}`;
    case "mark-revision":
    case "record-revision":
      return `${action.type} ${shortDigest(action.revision.digest)} as ${action.revision.revision}, attempt ${action.revision.attempt}${action.revision.rejected === undefined ? "" : `, ${action.revision.rejected}`}`;
    case "write-ledger":
      return `write-ledger {${[...action.permits].map(([name, permit]) => `${name}: ${permit.cause} ${shortDigest(permit.image.digest)} ${permit.id}`).join(", ")}}`;
    case "pre-pull": return `pre-pull ${shortDigest(action.image.digest)} to ${action.node}`;
    case "forget-pre-pull": return `forget-pre-pull ${shortDigest(action.digest)} of ${action.node}`;
    case "configure": return action.throughGateway ? "configure through the gateway" : "configure";
    default: return action.type;
  }
}

/** How long a check of the registry counts. */
export const CHANNEL_AGE = HOUR / 60;
/** How long a request may be under way after its sender is gone. */
export const LATE = 5 * SECOND;
