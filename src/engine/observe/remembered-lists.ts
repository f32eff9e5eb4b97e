import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";

/**
 * The same cluster, each list of which is read once: for one look at a whole fleet, several parts of which read the same. Whoever
 * holds it sees one moment.
 */
export function rememberLists(cluster: Cluster): Cluster {
  const lists = new Map<string, Promise<Manifest[]>>();
  const list: Cluster["list"] = (kind, selection = {}) => {
    const key = JSON.stringify([kind.apiVersion, kind.kind, selection.namespace, selection.labelSelector, selection.fieldSelector]);
    const known = lists.get(key) ?? cluster.list(kind, selection);
    lists.set(key, known);
    return known;
  };
  return new Proxy(cluster, {
    get(target, name): unknown {
      if (name === "list") return list;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? (...args: unknown[]): unknown => Reflect.apply(member, target, args) : member;
    },
  });
}
