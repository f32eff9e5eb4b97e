import { isDeepStrictEqual } from "node:util";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { API_VERSION } from "../../spec/agent.ts";
import { isPlainMap, type PlainMap } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";

interface Written {
  readonly resourceVersion: string;
  readonly status: unknown;
}

/**
 * Writes `status` of Fleets and Agents, only where it differs from what is there: what was written a moment ago counts although the watch
 * has not brought it yet.
 */
export class StatusWriter {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #written = new Map<string, Written>();

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  /** A resource of the cache with its newest known status. */
  newest(resource: Manifest): Manifest {
    const key = keyOf(resource);
    const written = this.#written.get(key);
    if (written && isNewer(written.resourceVersion, versionOf(resource))) return { ...resource, status: written.status };
    this.#written.delete(key);
    return resource;
  }

  /** Whether the newest known status says something else. */
  differs(resource: Manifest, status: object): boolean {
    return !isDeepStrictEqual(this.#statusOf(resource), status);
  }

  /** Returns whether it was written. A resource that went meanwhile throws NOT_FOUND. */
  async write(resource: Manifest, status: object): Promise<boolean> {
    if (!this.differs(resource, status)) return false;
    const before = this.#statusOf(resource);
    // A merge patch leaves what it does not name: what is no more is named with null.
    const gone = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
    const { kind, metadata } = resource;
    const reference = { apiVersion: API_VERSION, kind, namespace: this.#namespace, name: metadata.name };
    const written = await this.#cluster.mergePatch(reference, { status: { ...gone, ...replacing(before, status) } }, { subresource: "status", isBrief: true });
    this.#written.set(keyOf(resource), { resourceVersion: versionOf(written), status });
    return true;
  }

  #statusOf(resource: Manifest): PlainMap {
    const { status } = this.newest(resource);
    return isPlainMap(status) ? status : {};
  }

  forget(kind: string, name: string): void {
    this.#written.delete(`${kind}/${name}`);
  }
}

/** Maps below are merged as well: keys that went are named with null there too. */
function replacing(before: PlainMap, after: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(after).map(([key, value]: [string, unknown]) => {
      const old = before[key];
      if (!isPlainMap(old) || !isPlainMap(value)) return [key, value];
      const gone = Object.fromEntries(Object.keys(old).map((name) => [name, null]));
      return [key, { ...gone, ...replacing(old, value) }];
    }),
  );
}

function keyOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`;
}

function versionOf(resource: Manifest): string {
  return textAt(resource, "metadata", "resourceVersion") ?? "";
}

/** Resource versions of one kind are numbers that rise. */
function isNewer(one: string, other: string): boolean {
  return /^\d+$/.test(one) && /^\d+$/.test(other) && BigInt(one) > BigInt(other);
}
