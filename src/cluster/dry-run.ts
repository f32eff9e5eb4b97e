import type { Cluster } from "./cluster.ts";

/**
 * The same cluster, to which nothing is written: applies and patches are asked as dry runs, so that the API server still checks and
 * refuses; nothing is created or deleted.
 */
export function withoutWrites(cluster: Cluster): Cluster {
  const dry: Partial<Cluster> = {
    apply: (manifest, options) => cluster.apply(manifest, { ...options, dryRun: true }),
    mergePatch: (reference, patch, options) => cluster.mergePatch(reference, patch, { ...options, dryRun: true }),
    create: () => Promise.reject(new Error("a dry run creates nothing")),
    delete: () => Promise.reject(new Error("a dry run deletes nothing")),
  };
  return new Proxy(cluster, {
    get(target, name): unknown {
      if (Object.hasOwn(dry, name)) return Reflect.get(dry, name);
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? (...args: unknown[]): unknown => Reflect.apply(member, target, args) : member;
    },
  });
}
