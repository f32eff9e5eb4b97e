import type { Cluster, KindReference, Selection } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { textAt } from "../../spec/plain-field.ts";
import { AGENT_LABEL, eventFacts, type AgentObjects } from "./agent-facts.ts";
import { ObjectsWatch, type FollowedKind } from "./objects-watch.ts";

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
  return shareOf(name, own, (known) => [...objects.events.values()].filter((event) => known.has(subjectOf(event))));
}

/** Every agent's share of a namespace: what {@link agentObjects} finds, in one pass for a whole fleet. */
export function agentShares(objects: NamespaceObjects): (name: string) => AgentObjects {
  const labeled = (["deployments", "replicaSets", "pods", "claims", "externalSecrets"] as const).map(
    (kind) => [kind, Map.groupBy(objects[kind].values(), ({ metadata }) => metadata.labels?.[AGENT_LABEL])] as const,
  );
  const byKind: ReadonlyMap<KindName, ReadonlyMap<string | undefined, readonly Manifest[]>> = new Map(labeled);
  const events = Map.groupBy(objects.events.values(), subjectOf);
  return (name) => shareOf(name, (kind) => byKind.get(kind)?.get(name) ?? [], (known) => [...known].flatMap((subject) => events.get(subject) ?? []));
}

function shareOf(name: string, own: (kind: KindName) => readonly Manifest[], about: (known: ReadonlySet<string>) => Manifest[]): AgentObjects {
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
    events: about(known).sort(byTime),
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

/** A namespace with nothing in it, to be filled. */
export function emptyObjects(): Record<KindName, Map<string, Manifest>> {
  return {
    deployments: new Map(),
    replicaSets: new Map(),
    pods: new Map(),
    claims: new Map(),
    externalSecrets: new Map(),
    events: new Map(),
  };
}

/** Follows everything that Frota looks at in a namespace: one watch for each kind, however many agents wait. */
export type FleetWatch = ObjectsWatch<KindName>;

/** Starts to follow a namespace. Ends when `stop` is called. `onDisconnected` hears once of each loss of the connection. */
export function watchFleet(cluster: Cluster, namespace: string, onDisconnected: (reason: string) => void): FleetWatch {
  return ObjectsWatch.start(cluster, { followed: followedKinds(namespace), objects: emptyObjects(), onDisconnected });
}

/** Everything that Frota looks at in a namespace, to be followed. */
export function followedKinds(namespace: string): FollowedKind<KindName>[] {
  return kindNames().map((name) => ({ name, kind: KINDS[name], selection: selection(name, namespace), isOptional: name === "externalSecrets" }));
}
