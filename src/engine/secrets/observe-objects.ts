import type { Cluster, ObjectReference } from "../../cluster/cluster.ts";
import type { Observed } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { concurrently } from "../concurrently.ts";

/** Questions under way at once: Vault has no lists that tell versions. */
export const CONCURRENT = 8;

const ABSENT = { state: "absent" } as const;

/**
 * One object of each agent, in the agents' order. Several are read by one list; one by one for a user who may not list, and
 * where there is only one.
 */
export async function observeObjects(
  { cluster, namespace }: { readonly cluster: Cluster; readonly namespace: string },
  agents: readonly string[],
  of: (namespace: string, agent: string) => ObjectReference,
): Promise<readonly Observed<Manifest>[]> {
  const references = agents.map((agent) => of(namespace, agent));
  const [first] = references;
  const listed = first && references.length > 1 ? await observe(() => cluster.list(first, { namespace })) : ABSENT;
  if (listed.state !== "found") return concurrently(references, CONCURRENT, (reference) => observe(() => cluster.get(reference)));
  const objects = new Map(listed.value.map((object) => [object.metadata.name, object]));
  return references.map(({ name }) => {
    const value = objects.get(name);
    return value === undefined ? ABSENT : { state: "found", value };
  });
}

/** What was found, and what could not be told: a cluster that cannot be reached is thrown. */
export async function observe<Value>(look: () => Promise<Value | undefined>): Promise<Observed<Value>> {
  try {
    const value = await look();
    return value === undefined ? { state: "absent" } : { state: "found", value };
  } catch (error) {
    if (!(error instanceof FrotaError) || error.code === "CLUSTER_UNREACHABLE") throw error;
    return unknownFor(error);
  }
}

/** What could not be looked at, with the error's own next step. */
export function unknownFor({ message, next }: FrotaError): Extract<Observed<never>, { state: "unknown" }> {
  return { state: "unknown", reason: message, ...(next !== undefined && { next }) };
}

/** A time as Kubernetes writes it. */
export function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}
