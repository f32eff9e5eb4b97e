import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";

/**
 * The same cluster, each list of which is read once: for one look at a whole fleet, several parts of which read the same. Whoever
 * holds it sees one moment.
 */
export function rememberLists(cluster: Cluster): Cluster {
  const [list, listMetadata] = [remembered(cluster.list.bind(cluster)), remembered(cluster.listMetadata.bind(cluster))];
  return new Proxy(cluster, {
    get(target, name): unknown {
      if (name === "list") return list;
      if (name === "listMetadata") return listMetadata;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? (...args: unknown[]): unknown => Reflect.apply(member, target, args) : member;
    },
  });
}

function remembered(list: Cluster["list"]): Cluster["list"] {
  const lists = new Map<string, Promise<Manifest[]>>();
  return (kind, selection = {}) => {
    const key = JSON.stringify([kind.apiVersion, kind.kind, selection.namespace, selection.labelSelector, selection.fieldSelector]);
    const known = lists.get(key) ?? list(kind, selection);
    lists.set(key, known);
    return known;
  };
}
