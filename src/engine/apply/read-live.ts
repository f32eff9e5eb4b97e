import { referenceOf, type Cluster, type KindReference } from "../../cluster/cluster.ts";
import { manifestKey, type Manifest } from "../../render/manifest.ts";
import { concurrently } from "../concurrently.ts";
import { asApplied, isMarked } from "./as-applied.ts";

/** Requests at once; API servers share their attention fairly, so that more of ours would only queue. */
export const PARALLEL = 12;

/** The kind that a large fleet's bytes are in: 36 KB of start guard for each agent. */
const CONFIG_MAP: KindReference = { apiVersion: "v1", kind: "ConfigMap" };

/** So many ConfigMaps are read one by one; of more, all are read at once. */
const ONE_BY_ONE = 100;

/** The live objects of what is declared, and all others of its kinds in the namespace, by {@link manifestKey}. */
export async function readLive(cluster: Cluster, namespace: string, desired: readonly Manifest[]): Promise<Map<string, Manifest>> {
  const inside = desired.filter(({ metadata }) => metadata.namespace === namespace);
  const kinds = [...Map.groupBy(inside, ({ apiVersion, kind }) => `${apiVersion} ${kind}`).values()];
  const lists = await concurrently(kinds, PARALLEL, (objects) => readKind(cluster, namespace, objects));
  const others = desired.filter(({ metadata }) => metadata.namespace !== namespace);
  const singles = await concurrently(others, PARALLEL, (object) => cluster.get(referenceOf(object)));
  const found = [...lists.flat(), ...singles.filter((object) => object !== undefined)];
  return new Map(found.map((object) => [manifestKey(object), object]));
}

/** Reads ahead, into a cluster that remembers its lists, what {@link readLive} will need of ConfigMaps: metadata of a controller's, else all. */
export async function readConfigMapsAhead(cluster: Cluster, namespace: string): Promise<void> {
  const found = await cluster.listMetadata(CONFIG_MAP, { namespace });
  if (!found.some(isMarked)) await cluster.list(CONFIG_MAP, { namespace });
}

async function readKind(cluster: Cluster, namespace: string, objects: readonly Manifest[]): Promise<Manifest[]> {
  const [{ apiVersion, kind } = CONFIG_MAP] = objects;
  if (kind === CONFIG_MAP.kind && objects.every(isMarked)) return readConfigMaps(cluster, namespace, objects);
  return cluster.list({ apiVersion, kind }, { namespace });
}

/** ConfigMaps whose metadata says that they are as declared come with the declared data; of the others that are declared, the data is read. */
async function readConfigMaps(cluster: Cluster, namespace: string, objects: readonly Manifest[]): Promise<Manifest[]> {
  const found = new Map((await cluster.listMetadata(CONFIG_MAP, { namespace })).map((object) => [object.metadata.name, object]));
  const unknown: Manifest[] = [];
  for (const desired of objects) {
    const metadata = found.get(desired.metadata.name);
    const live = metadata && asApplied(desired, metadata);
    if (live) found.set(desired.metadata.name, live);
    else if (metadata) unknown.push(metadata);
  }
  if (unknown.length > ONE_BY_ONE) return cluster.list(CONFIG_MAP, { namespace });
  for (const object of await concurrently(unknown, PARALLEL, (metadata) => cluster.get({ ...CONFIG_MAP, namespace, name: metadata.metadata.name }))) {
    if (object) found.set(object.metadata.name, object);
  }
  return [...found.values()];
}
