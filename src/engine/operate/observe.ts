import { isDeepStrictEqual } from "node:util";
import type { Channel, FleetOperation, FleetWorld, ImageRevision } from "../../decide/fleet-world.ts";
import type { FleetPolicy, Instant } from "../../decide/policy.ts";
import type { AgentWorld, DeclaredAgent, ImageTarget } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { numberAt, textAt, textsAt } from "../../spec/plain-field.ts";
import { OPERATED } from "./annotations.ts";
import { desiredAgent, desiredFleet, validFleet, type DesiredAgent } from "./desired.ts";
import type { FleetCache } from "./fleet-cache.ts";
import { decodeLedger, type DecodedLedger } from "./ledger.ts";
import type { Memory } from "./memory.ts";
import { declaredFacts, deploymentFacts, podFacts, secretFacts, stateFacts } from "./observed-facts.ts";
import { parsePlainMap, timeAt } from "./parse.ts";
import { noPolicy, resolvePolicy } from "./policy.ts";
import { present } from "./present.ts";
import { agentStatusOf, fleetStatusOf } from "./read-status.ts";
import { decodeRevision } from "./revisions.ts";
import { removalOf, rosterOf } from "./roster.ts";
import { unsettledOf } from "./unsettled.ts";

/** What the fleet shares, as long as nothing of it changes. */
interface SharedMemo {
  readonly version: number;
  readonly agentCount: number;
  /** The policy holds until then. */
  readonly until: Instant;
  readonly policy: FleetPolicy;
  readonly ledger: DecodedLedger;
  readonly revisions: readonly ImageRevision[];
  readonly unreadable: readonly string[];
}

interface WorldMemo {
  /** What the world was made of. */
  readonly from: readonly unknown[];
  readonly world: AgentWorld;
}

interface CacheMemo {
  shared?: SharedMemo;
  readonly worlds: Map<string, WorldMemo>;
}

const memos = new WeakMap<FleetCache, CacheMemo>();

/**
 * What the cluster, and the engine's memory, say about one agent now. The same object again while nothing of it changed. An
 * agent that nobody declares and nothing is left of is a world of nothing.
 */
export function observeAgent(cache: FleetCache, memory: Memory, name: string, now: Instant): AgentWorld {
  const memo = memoOf(cache);
  const shared = sharedOf(cache, memo, now);
  const { gateways, failures, vaultTimes, images } = memory;
  // What is known of an image never changes.
  const remembered = [gateways.get(name), failures.get(name), vaultTimes.get(name), images.size];
  const removal = removalOf(cache, memory, name, now);
  const from = [cache.agentVersion(name), desiredAgent(cache, name), shared.policy, shared.revisions, shared.ledger.permits.get(name), removal, ...remembered];
  const known = memo.worlds.get(name);
  if (known?.from.every((value, index) => value === from[index])) return known.world;
  const world = { ...agentWorld(cache, memory, name, shared), ...present({ removal }) };
  if (world.declared || world.deployment) memo.worlds.set(name, { from, world });
  else memo.worlds.delete(name);
  return world;
}

/** What the cluster, and the engine's memory, say about the fleet now; undefined while there is no Fleet. */
export function observeFleet(cache: FleetCache, memory: Memory, now: Instant): FleetWorld | undefined {
  const resource = cache.fleet();
  if (!resource) return undefined;
  const { policy, ledger, revisions, unreadable } = sharedOf(cache, memoOf(cache), now);
  const agents = cache.agentNames().map((name) => observeAgent(cache, memory, name, now));
  const defaultChannel = validFleet(cache)?.spec.image.tag ?? "latest";
  const { resourceVersion, permits } = ledger;
  return {
    name: resource.metadata.name,
    generation: numberAt(resource, "metadata", "generation") ?? 0,
    policy,
    defaultChannel,
    channels: channelsOf(agents, defaultChannel, memory),
    revisions,
    agents,
    roster: rosterOf(cache, memory, now),
    ledger: { permits, ...present({ resourceVersion }) },
    nodeImages: new Map(Array.from(cache.nodes(), (node) => [node.name, cache.imagesOf(node)])),
    prePulls: [...cache.prePulls()],
    unreadable,
    ...present({ operation: operationOf(resource), previous: fleetStatusOf(resource) }),
  };
}

function memoOf(cache: FleetCache): CacheMemo {
  const memo: CacheMemo = memos.get(cache) ?? { worlds: new Map() };
  memos.set(cache, memo);
  return memo;
}

function sharedOf(cache: FleetCache, memo: CacheMemo, now: Instant): SharedMemo {
  const { fleetVersion: version, agentCount } = cache;
  const known = memo.shared;
  if (known?.version === version && known.agentCount === agentCount && now < known.until) return known;
  // What is the same stays the same object: a permit for one agent is no change for the others.
  const policy = kept(known?.policy, policyOf(cache, now));
  const ledger = keptPermits(known?.ledger, decodeLedger(cache.ledger()));
  const { revisions: found, garbage } = revisionsOf(cache);
  const revisions = kept(known?.revisions, found);
  const until = Math.min(Infinity, ...policy.freezes.map(({ to }) => to));
  const unreadable = [...ledger.unreadable.map((agent) => `entry ${agent} of the ledger`), ...garbage.map((name) => `ControllerRevision ${name}`)];
  memo.shared = { version, agentCount, until, policy, ledger, revisions, unreadable };
  return memo.shared;
}

function kept<Value>(before: Value | undefined, after: Value): Value {
  return before !== undefined && isDeepStrictEqual(before, after) ? before : after;
}

function keptPermits(before: DecodedLedger | undefined, after: DecodedLedger): DecodedLedger {
  return { ...after, permits: new Map(Array.from(after.permits, ([agent, permit]) => [agent, kept(before?.permits.get(agent), permit)])) };
}

function policyOf(cache: FleetCache, now: Instant): FleetPolicy {
  const resource = cache.fleet();
  const fleet = desiredFleet(cache);
  if (!fleet || !resource) return noPolicy("the namespace has no Fleet");
  if ("invalid" in fleet) return noPolicy(`the Fleet is invalid: ${fleet.invalid}`);
  // Annotations do not count into the generation, by which the Fleet is remembered.
  const { annotations } = resource.metadata;
  return resolvePolicy({ ...fleet, metadata: { ...fleet.metadata, annotations } }, cache.agentCount, now);
}

function revisionsOf(cache: FleetCache): { revisions: readonly ImageRevision[]; garbage: readonly string[] } {
  const garbage: string[] = [];
  const revisions = Array.from(cache.revisions()).flatMap((object) => {
    const revision = decodeRevision(object);
    if (!revision) garbage.push(object.metadata.name);
    return revision ? [revision] : [];
  });
  return { revisions: revisions.toSorted((one, other) => one.revision - other.revision || (one.name < other.name ? -1 : 1)), garbage };
}

function agentWorld(cache: FleetCache, memory: Memory, name: string, shared: SharedMemo): AgentWorld {
  const resource = cache.agent(name);
  const { desired, invalid } = declarationOf(cache, name);
  const { images } = memory;
  const fleetGeneration = numberAt(cache.fleet(), "metadata", "generation");
  const declared = resource && { ...declaredFacts(resource, desired, invalid, images), ...present({ fleetGeneration }) };
  const live = cache.deployment(name);
  const pods = podFacts(cache, name, images);
  const unsettled = desired && unsettledOf(cache, name, desired);
  return {
    name,
    policy: shared.policy,
    unsettled: unsettled?.objects ?? [],
    pods,
    state: stateFacts(cache.object("PersistentVolumeClaim", name), pods, images),
    secret: secretFacts(cache, name, desired, memory.vaultTimes.get(name)),
    ...present({
      declared,
      target: declared && targetOf(declared, shared.revisions),
      configuration: unsettled?.configuration,
      hotKeys: cache.configMap(`${name}-config`)?.hotKeys,
      deployment: live && deploymentFacts(live, desired, images),
      gateway: memory.gateways.get(name),
      permit: shared.ledger.permits.get(name),
      failure: memory.failures.get(name),
      previous: agentStatusOf(resource),
    }),
  };
}

function declarationOf(cache: FleetCache, name: string): { desired?: DesiredAgent; invalid?: string } {
  const desired = desiredAgent(cache, name);
  if (!desired) return cache.fleet() ? {} : { invalid: "the namespace has no Fleet" };
  return "invalid" in desired ? { invalid: desired.invalid } : { desired };
}

/** An agent's own digest, or the newest of its channel that nobody rejected. */
function targetOf({ pinned, channel }: DeclaredAgent, revisions: readonly ImageRevision[]): ImageTarget | undefined {
  if (pinned) return pinned;
  const newest = revisions.findLast((revision) => revision.channel === channel && revision.rejected === undefined);
  return newest && { digest: newest.digest, ...present({ openclawVersion: newest.openclawVersion }) };
}

function channelsOf(agents: readonly AgentWorld[], defaultChannel: string, { channels }: Memory): Channel[] {
  const tags = new Set([defaultChannel, ...agents.flatMap(({ declared }) => declared?.channel ?? [])]);
  return [...tags].toSorted().map((tag) => channels.get(tag) ?? { tag });
}

const VERBS: readonly FleetOperation["verb"][] = ["pause", "resume", "abort", "undo", "start", "refresh"];

function operationOf({ metadata }: Manifest): FleetOperation | undefined {
  const request = parsePlainMap(metadata.annotations?.[OPERATED.requestedOperation]);
  const verb = VERBS.find((known) => known === request?.["verb"]);
  const [id, at] = [textAt(request, "id"), timeAt(request, "at")];
  if (verb === undefined || id === undefined || at === undefined) return undefined;
  const paused = request && "paused" in request ? textsAt(request, "paused") : undefined;
  return { id, verb, by: textAt(request, "by") ?? "somebody", at, ...present({ channel: textAt(request, "channel"), paused }) };
}
