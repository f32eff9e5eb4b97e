import type { Cluster, WatchEvent } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { textAt } from "../../spec/plain-field.ts";
import { AGENT_LABEL } from "../observe/agent-facts.ts";
import { EventTally } from "./event-tally.ts";
import { fleetEvent, type FleetEvent } from "./fleet-event.ts";

/** Which events. */
export interface EventsRequest {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Names of agents that need not run. */
  readonly declared: readonly string[];
  /** Only of these agents; of all, and of the fleet itself, when there are none. */
  readonly agents: readonly string[];
  /** Only what happened since then: milliseconds since the epoch. */
  readonly since: number;
}

/** Who hears of events as they come. */
export interface EventsListener {
  readonly signal: AbortSignal;
  readonly onEvent: (event: FleetEvent) => void;
  /** The cluster cannot be followed now; it is tried again. Heard once of each loss. */
  readonly onDisconnected: (reason: string) => void;
}

const EVENT = { apiVersion: "v1", kind: "Event" } as const;
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" } as const;
/** Events of objects whose agent is not known yet: its Deployment may be on its way. */
const MAX_PENDING = 500;

/** What happened, one for each thing, the newest last: as long as the cluster keeps it, which is an hour by default. */
export async function readEvents(request: EventsRequest): Promise<FleetEvent[]> {
  const { cluster, namespace } = request;
  const [agents, events] = await Promise.all([agentsOf(request), cluster.list(EVENT, { namespace })]);
  return new EventTally().summarize(wanted(request, events, agents));
}

/** Names of the agents that the namespace has, and of those that are declared. */
export async function agentsOf({ cluster, namespace, declared }: EventsRequest): Promise<Set<string>> {
  const deployments = await cluster.list(DEPLOYMENT, { namespace, labelSelector: AGENT_LABEL });
  return new Set([...declared, ...deployments.map(agentName)]);
}

/**
 * What happened since `since`, and then each new thing as it happens, until `signal` aborts. A watch that breaks, or whose place the
 * server forgot, is taken up again: nothing is told twice, and nothing that the cluster still keeps is missed.
 */
export async function followEvents(request: EventsRequest, listener: EventsListener): Promise<void> {
  const { cluster, namespace } = request;
  const ended = new AbortController();
  const signal = AbortSignal.any([listener.signal, ended.signal]);
  const following = new Following(request, await agentsOf(request), listener);
  const names = followAgents(cluster, namespace, signal, following).catch((error: unknown) => ended.abort(error));
  try {
    for await (const step of cluster.watch(EVENT, { namespace }, signal)) following.take(step);
    ended.signal.throwIfAborted();
  } finally {
    ended.abort();
    await names;
  }
}

async function followAgents(cluster: Cluster, namespace: string, signal: AbortSignal, following: Following): Promise<void> {
  for await (const step of cluster.watch(DEPLOYMENT, { namespace, labelSelector: AGENT_LABEL }, signal)) {
    const found = step.type === "synced" ? step.objects : step.type === "changed" ? [step.object] : [];
    following.know(found.map(agentName));
  }
}

class Following {
  readonly #request: EventsRequest;
  readonly #agents: Set<string>;
  readonly #listener: EventsListener;
  readonly #tally = new EventTally();
  #pending: Manifest[] = [];
  #hasBegun = false;
  #isDown = false;

  constructor(request: EventsRequest, agents: Set<string>, listener: EventsListener) {
    this.#request = request;
    this.#agents = agents;
    this.#listener = listener;
  }

  /** Further agents: what was heard of their objects is told now. */
  know(agents: readonly string[]): void {
    const known = this.#agents.size;
    for (const agent of agents) this.#agents.add(agent);
    if (this.#agents.size === known) return;
    const pending = this.#pending;
    this.#pending = [];
    this.#tell(pending);
  }

  take(step: WatchEvent): void {
    if (step.type === "disconnected") {
      if (!this.#isDown) this.#listener.onDisconnected(step.reason);
      this.#isDown = true;
      return;
    }
    this.#isDown = false;
    if (step.type === "removed") this.#tally.forget(uidOf(step.object));
    else if (step.type === "changed") this.#tell([step.object]);
    else if (this.#hasBegun) this.#tell(step.objects);
    else this.#begin(step.objects);
  }

  #begin(events: readonly Manifest[]): void {
    this.#hasBegun = true;
    for (const event of this.#tally.summarize(wanted(this.#request, events, this.#agents))) this.#listener.onEvent(event);
    this.#remember(events);
  }

  #tell(events: readonly Manifest[]): void {
    const found = wanted(this.#request, events, this.#agents).toSorted(([, one], [, other]) => one.time.localeCompare(other.time));
    for (const [uid, event] of found) {
      const news = this.#tally.take(uid, event);
      if (news) this.#listener.onEvent(news);
    }
    this.#remember(events);
  }

  #remember(events: readonly Manifest[]): void {
    this.#pending = [...this.#pending, ...events.filter((event) => !fleetEvent(event, this.#agents))].slice(-MAX_PENDING);
  }
}

function wanted({ agents, since }: EventsRequest, events: readonly Manifest[], known: ReadonlySet<string>): (readonly [string, FleetEvent])[] {
  return events.flatMap((event) => {
    const told = fleetEvent(event, known);
    const isWanted = told && Date.parse(told.time) >= since && (agents.length === 0 || agents.includes(told.agent ?? ""));
    return isWanted ? [[uidOf(event), told] as const] : [];
  });
}

function agentName({ metadata }: Manifest): string {
  return metadata.labels?.[AGENT_LABEL] ?? metadata.name;
}

function uidOf(event: Manifest): string {
  return textAt(event, "metadata", "uid") ?? event.metadata.name;
}
