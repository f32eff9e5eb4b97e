import type { Cluster, KindReference, Selection, WatchEvent } from "../cluster/cluster.ts";
import type { Manifest } from "../render/manifest.ts";
import { textAt } from "../spec/plain-field.ts";
import { AGENT_LABEL, eventFacts, type AgentObjects } from "./agent-facts.ts";

const KINDS = {
  deployments: { apiVersion: "apps/v1", kind: "Deployment" },
  replicaSets: { apiVersion: "apps/v1", kind: "ReplicaSet" },
  pods: { apiVersion: "v1", kind: "Pod" },
  claims: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
  externalSecrets: { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" },
  events: { apiVersion: "v1", kind: "Event" },
} as const satisfies Record<string, KindReference>;

type KindName = keyof typeof KINDS;

/** Everything that Frota looks at in a namespace, by kind and name. */
export type NamespaceObjects = Readonly<Record<KindName, ReadonlyMap<string, Manifest>>>;

/** Reads a namespace once. Kinds that the cluster does not serve are empty. */
export async function readNamespace(cluster: Cluster, namespace: string): Promise<NamespaceObjects> {
  const read = async (name: KindName): Promise<[KindName, Map<string, Manifest>]> => {
    const isServed = name !== "externalSecrets" || (await cluster.serves(KINDS[name]));
    const objects = isServed ? await cluster.list(KINDS[name], selection(name, namespace)) : [];
    return [name, new Map(objects.map((object) => [object.metadata.name, object]))];
  };
  const entries = await Promise.all(kindNames().map(read));
  return { ...emptyObjects(), ...Object.fromEntries(entries) };
}

/** Only agents carry the component label; events carry none. */
function selection(kind: KindName, namespace: string): Selection {
  return kind === "events" ? { namespace } : { namespace, labelSelector: AGENT_LABEL };
}

/** One agent's share of a namespace. */
export function agentObjects(objects: NamespaceObjects, name: string): AgentObjects {
  const own = (kind: KindName) => [...objects[kind].values()].filter((object) => object.metadata.labels?.[AGENT_LABEL] === name);
  const [replicaSets, pods] = [own("replicaSets"), own("pods")];
  const [deployment] = own("deployments");
  const [claim] = own("claims");
  const [externalSecret] = own("externalSecrets");
  const single = [deployment, claim, externalSecret].filter((object) => object !== undefined);
  const known = new Set([...single, ...replicaSets, ...pods].map((object) => `${object.kind}/${object.metadata.name}`));
  return {
    name,
    replicaSets,
    pods,
    ...(deployment ? { deployment } : {}),
    ...(claim ? { claim } : {}),
    ...(externalSecret ? { externalSecret } : {}),
    events: [...objects.events.values()].filter((event) => known.has(subjectOf(event))).sort(byTime),
  };
}

function subjectOf(event: Manifest): string {
  return `${textAt(event, "involvedObject", "kind") ?? ""}/${textAt(event, "involvedObject", "name") ?? ""}`;
}

function byTime(one: Manifest, other: Manifest): number {
  return eventFacts(one).time < eventFacts(other).time ? -1 : 1;
}

function kindNames(): KindName[] {
  return ["deployments", "replicaSets", "pods", "claims", "externalSecrets", "events"];
}

function emptyObjects(): Record<KindName, Map<string, Manifest>> {
  return {
    deployments: new Map(),
    replicaSets: new Map(),
    pods: new Map(),
    claims: new Map(),
    externalSecrets: new Map(),
    events: new Map(),
  };
}

/** Follows a namespace: one watch for each kind, however many agents wait. */
export class FleetWatch {
  readonly #objects = emptyObjects();
  readonly #unsynced = new Set<KindName>(kindNames());
  readonly #abort = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  #isDown = false;
  readonly #onDisconnected: (reason: string) => void;

  constructor(onDisconnected: (reason: string) => void) {
    this.#onDisconnected = onDisconnected;
  }

  /** Starts to follow. Ends when `stop` is called. `onDisconnected` hears once of each loss of the connection. */
  static start(cluster: Cluster, namespace: string, onDisconnected: (reason: string) => void): FleetWatch {
    const watch = new FleetWatch(onDisconnected);
    for (const kind of kindNames()) void watch.#follow(cluster, kind, namespace);
    return watch;
  }

  /** Ends all watches. */
  stop(): void {
    this.#abort.abort();
  }

  /**
   * Calls `look` with the present state, and again after each change, until it returns something. Rejects with the signal's
   * reason when it aborts, and with what ended a watch.
   */
  async until<Result>(look: (objects: NamespaceObjects) => Result | undefined, signal: AbortSignal): Promise<Result> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    // Nobody may be waiting at that moment.
    aborted.promise.catch(() => undefined);
    signal.addEventListener("abort", onAbort);
    try {
      for (;;) {
        signal.throwIfAborted();
        if (this.#failure) throw this.#failure.error;
        const found = this.#unsynced.size === 0 ? look(this.#objects) : undefined;
        if (found !== undefined) return found;
        await Promise.race([this.#changed.promise, aborted.promise]);
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #follow(cluster: Cluster, kind: KindName, namespace: string): Promise<void> {
    try {
      if (kind === "externalSecrets" && !(await cluster.serves(KINDS[kind]))) {
        this.#unsynced.delete(kind);
        this.#notify();
        return;
      }
      for await (const event of cluster.watch(KINDS[kind], selection(kind, namespace), this.#abort.signal)) {
        if (event.type === "disconnected" && !this.#isDown) this.#onDisconnected(event.reason);
        this.#isDown = event.type === "disconnected";
        record(this.#objects[kind], event);
        if (event.type === "synced") this.#unsynced.delete(kind);
        this.#notify();
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#notify();
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function record(objects: Map<string, Manifest>, event: WatchEvent): void {
  if (event.type === "synced") {
    objects.clear();
    for (const object of event.objects) objects.set(object.metadata.name, object);
  }
  if (event.type === "changed") objects.set(event.object.metadata.name, event.object);
  if (event.type === "removed") objects.delete(event.object.metadata.name);
}
