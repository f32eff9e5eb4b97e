import { referenceOf, type Cluster, type KindReference } from "../../cluster/cluster.ts";
import { objectId, type PlannedObject } from "../../plan/change-set.ts";
import { refusalsOf } from "../../plan/refusal.ts";
import { isAsDeclared } from "../../plan/resource-changes.ts";
import { renderCustomResources, type AgentResources } from "../../render/custom-resources.ts";
import type { Manifest } from "../../render/manifest.ts";
import { agentNames } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import { numberAt } from "../../spec/plain-field.ts";
import type { AgentSource, FleetSource } from "../../spec/repository.ts";
import type { AgentOutcome, OnApplyEvent } from "../apply/apply-event.ts";
import { concurrently } from "../concurrently.ts";
import { declareFleet } from "../apply/declare-fleet.ts";
import { preflight, type PreflightReaders } from "../apply/preflight.ts";
import { refusalError } from "../apply/refusal-error.ts";
import { agentStatusOf } from "../operate/read-status.ts";
import { agentsHeld } from "./agents-held.ts";
import { followAgents, type FollowedAgents } from "./follow-agents.ts";
import { lateAgents, WaitingAgents } from "./late-agents.ts";
import { AGENT_KIND } from "../operate/resource-kinds.ts";
import { conditionOf } from "./resource-status.ts";

/** What to give to the cluster, and how long to watch. */
export interface ApplyResourcesRequest extends PreflightReaders {
  readonly cluster: Cluster;
  readonly source: FleetSource;
  /** Those of `source` to apply. */
  readonly agents: readonly AgentSource[];
  /** Milliseconds to watch the controller for; it goes on after them. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly onEvent: OnApplyEvent;
}

/** Requests at once. */
const PARALLEL = 16;
const CLAIM_KIND: KindReference = { apiVersion: "v1", kind: "PersistentVolumeClaim" };

/**
 * Gives the declared resources to the cluster and watches the controller settle them. Refuses (FrotaError, outcome `refused`)
 * before any write where a read can tell. Only what differs is written. Throws APPLY_TIMEOUT when time is up (the
 * controller goes on), AGENT_STALLED when an agent needs somebody's hand, AGENTS_HELD when a freeze or a suspension keeps one as it is.
 */
export async function applyResources(request: ApplyResourcesRequest): Promise<readonly AgentOutcome[]> {
  const { cluster, source, signal, onEvent } = request;
  onEvent({ type: "checking" });
  const change = await changesOf(request);
  await refuse(request, change);
  const beginnings = await beginningsOf(request, change);
  const fleetGeneration = await write(request, change);
  const names = change.agents.map(({ name }) => name);
  const bystanders = new Set(change.fleet.isChanged ? [] : change.agents.filter(({ isChanged }) => !isChanged).map(({ name }) => name));
  const late = AbortSignal.timeout(request.timeout);
  const waiting = new WaitingAgents();
  const { namespace } = source.fleet.metadata;
  const tell: OnApplyEvent = (event) => {
    waiting.take(event);
    onEvent(event);
  };
  try {
    const followed = await followAgents({ cluster, namespace, agents: names, fleetGeneration, bystanders, beginnings, signal: AbortSignal.any([late, signal]), onEvent: tell });
    const outcomes = outcomesOf(change, followed, beginnings);
    onEvent({ type: "finished", agents: outcomes });
    for (const words of followed.movingRollouts) onEvent({ type: "note", message: `${words}; \`frota rollout status --watch\` follows it` });
    for (const message of followed.restingRollouts) onEvent({ type: "warning", message });
    if (followed.stalled.length > 0) throw stalled(followed, outcomes);
    if (followed.held.size > 0) throw agentsHeld(followed.held);
    return outcomes;
  } catch (error) {
    if (!late.aborted || signal.aborted || error instanceof FrotaError) throw error;
    const what = `not everything settled within ${Math.round(request.timeout / 1000)} s`;
    throw await lateAgents({ cluster, namespace, waiting, what, hint: "--timeout lets you wait longer" });
  }
}

interface ResourceChanges {
  readonly fleet: { readonly desired: Manifest; readonly isChanged: boolean };
  readonly agents: readonly AgentChange[];
}

interface AgentChange extends AgentResources {
  readonly live: Manifest | undefined;
  readonly isChanged: boolean;
}

async function changesOf({ cluster, source, agents }: ApplyResourcesRequest): Promise<ResourceChanges> {
  const { namespace } = source.fleet.metadata;
  const resources = renderCustomResources(source, agents);
  const [live, fleet] = await Promise.all([cluster.list(AGENT_KIND, { namespace }), cluster.get(referenceOf(resources.fleet))]);
  const byName = new Map(live.map((agent) => [agent.metadata.name, agent]));
  return {
    fleet: { desired: resources.fleet, isChanged: !isAsDeclared(resources.fleet, fleet) },
    agents: resources.agents.map((entry): AgentChange => {
      const present = byName.get(entry.name);
      return Object.assign({ live: present, isChanged: !isAsDeclared(entry.agent, present) }, entry);
    }),
  };
}

type Beginnings = ReadonlyMap<string, "return" | "wait">;

/** What agents that the cluster has no resource of are at, before anything is written: some run already, others have only their volumes. */
async function beginningsOf({ cluster, source }: ApplyResourcesRequest, { agents }: ResourceChanges): Promise<Beginnings> {
  const fresh = agents.filter(({ live }) => !live);
  if (fresh.length === 0) return new Map();
  const { namespace } = source.fleet.metadata;
  const namesOf = async (kind: KindReference) => new Set((await cluster.listMetadata(kind, { namespace })).map(({ metadata }) => metadata.name));
  const [workloads, volumes] = await Promise.all([namesOf({ apiVersion: "apps/v1", kind: "Deployment" }), namesOf(CLAIM_KIND)]);
  const begun = fresh.flatMap(({ name }): [string, "return" | "wait"][] => {
    const { agent: deployment, volumeClaim } = agentNames({ metadata: { name } });
    if (workloads.has(deployment)) return [[name, "wait"]];
    return volumes.has(volumeClaim) ? [[name, "return"]] : [];
  });
  return new Map(begun);
}

/** Asks the registry, Vault and the API server about what changes, before anything is written. */
async function refuse(request: ApplyResourcesRequest, { fleet, agents }: ResourceChanges): Promise<void> {
  const { cluster, source, onEvent } = request;
  const concerned = agents.filter((agent) => fleet.isChanged || agent.isChanged).map(({ name }) => name);
  if (concerned.length === 0) return;
  const declared = declareFleet(source, concerned);
  const claims = await cluster.list(CLAIM_KIND, { namespace: declared.namespace });
  const objects = declared.agents.flatMap(({ name, objects: own }) => own.filter(({ kind }) => kind === "PersistentVolumeClaim").map((desired) => planned(name, desired, claims)));
  const checked = await preflight(declared.agents, objects, request);
  for (const message of checked.warnings) onEvent({ type: "warning", message });
  const refusals = [...objects.flatMap(refusalsOf), ...checked.refusals];
  if (refusals.length > 0) throw refusalError(refusals);
  const written = [...(fleet.isChanged ? [fleet.desired] : []), ...agents.filter(({ isChanged }) => isChanged).map(({ agent }) => agent)];
  const hasNamespace = (await cluster.get({ apiVersion: "v1", kind: "Namespace", name: declared.namespace })) !== undefined;
  if (hasNamespace) await concurrently(written, PARALLEL, (manifest) => cluster.apply(manifest, { dryRun: true, force: true }));
}

function planned(agent: string, desired: Manifest, claims: readonly Manifest[]): PlannedObject {
  const live = claims.find((claim) => claim.metadata.name === desired.metadata.name);
  return { agent, desired, ...(live ? { live } : {}) };
}

/** Writes what differs; returns the Fleet's generation. */
async function write({ cluster, source, agents: sources, signal, onEvent }: ApplyResourcesRequest, { fleet, agents }: ResourceChanges): Promise<number> {
  for (const object of declareFleet(source, sources.map(({ agent }) => agent.metadata.name)).objects) {
    signal.throwIfAborted();
    await cluster.apply(object, { force: true });
  }
  const workspaces = agents.map(({ workspace }) => workspace).filter((workspace) => workspace !== undefined);
  await concurrently(workspaces, PARALLEL, (workspace) => cluster.apply(workspace, { force: true }));
  const reference = referenceOf(fleet.desired);
  const stored = fleet.isChanged ? await cluster.apply(fleet.desired, { force: true }) : await cluster.get(reference);
  if (fleet.isChanged) onEvent({ type: "applied", object: objectId(fleet.desired) });
  await concurrently(agents.filter(({ isChanged }) => isChanged), PARALLEL, async ({ agent, name }) => {
    signal.throwIfAborted();
    await cluster.apply(agent, { force: true });
    onEvent({ type: "applied", object: objectId(agent), agent: name });
  });
  return numberAt(stored, "metadata", "generation") ?? 0;
}

function outcomesOf({ agents }: ResourceChanges, { resources, stalled: failed, held }: FollowedAgents, beginnings: Beginnings): AgentOutcome[] {
  return agents.map(({ name, live, isChanged }) => {
    if (failed.includes(name)) return { name, outcome: "failed" };
    if (held.has(name)) return { name, outcome: "held" };
    if (!live) return { name, outcome: beginnings.get(name) === "return" ? "returned" : "created" };
    if (newestStart(resources.get(name)) !== newestStart(live)) return { name, outcome: "restarted" };
    return { name, outcome: isChanged ? "updated" : "unchanged" };
  });
}

function newestStart(resource: Manifest | undefined): string | undefined {
  return agentStatusOf(resource)?.restarts.at(-1)?.at;
}

function stalled({ resources, stalled: names }: FollowedAgents, outcomes: readonly AgentOutcome[]): FrotaError {
  const [first = ""] = names;
  const words = names.map((name) => `${name}: ${conditionOf(resources.get(name), "Stalled")?.message ?? "stalled"}`);
  const isPartial = outcomes.some(({ outcome }) => ["created", "returned", "restarted", "updated"].includes(outcome));
  return new FrotaError({
    code: "AGENT_STALLED",
    message: words.join("\n  "),
    where: { ...AGENT_KIND, name: first },
    next: `\`frota status ${first}\` says more; mend agent.yaml, fleet.yaml or the secret, and apply again`,
    outcome: isPartial ? "partial" : "failed",
  });
}
