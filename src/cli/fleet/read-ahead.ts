import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../../cluster/cluster.ts";
import { readConfigMapsAhead } from "../../engine/apply/read-live.ts";
import { AGENT_LABEL } from "../../engine/observe/agent-facts.ts";
import { rememberLists } from "../../engine/observe/remembered-lists.ts";
import { readOperated, type OperatedFleet } from "../../engine/operated/read-operated.ts";
import { wayOf, type Way } from "../../engine/operated/way.ts";
import { FrotaError } from "../../spec/error.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { openNamespace } from "../target/namespace-target.ts";

/** A fleet's namespace, of which everything that a plan compares is asked for. */
export interface Ahead {
  /** Remembers its lists: those that were asked for are not asked for again. */
  readonly cluster: Cluster;
  readonly way: Promise<Way>;
  readonly operated: Promise<OperatedFleet | undefined>;
}

/** Kinds of which a fleet has one or two objects for each agent, and which a plan compares. */
const READ = [
  ["apps/v1", "Deployment"],
  ["v1", "PersistentVolumeClaim"],
  ["v1", "Service"],
  ["v1", "ServiceAccount"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["external-secrets.io/v1", "ExternalSecret"],
] as const;

/**
 * Asks for everything at once while the repository is still read: of a large fleet both take a second. Undefined where there is no cluster or
 * no namespace; why, is told when they are needed.
 */
export async function readAhead(context: CliContext, flags: ClusterFlags): Promise<Ahead | undefined> {
  try {
    const { cluster, namespace } = await openNamespace(context, flags);
    return beginReading(rememberLists(cluster), namespace);
  } catch (error) {
    if (error instanceof FrotaError) return undefined;
    throw error;
  }
}

/** Milliseconds in which an API server has been reached; one that is farther away is not waited for. */
const PATIENCE = 100;

/** Settles when the questions are on their way, or cannot be: reading a large repository gives way to nothing, and a server works meanwhile. */
export async function sent(reading: Promise<Ahead | undefined>): Promise<void> {
  const answered = reading.then((ahead) => ahead?.way).catch(() => undefined);
  await Promise.race([answered, setTimeout(PATIENCE)]);
}

/** Asks for everything; whoever needs one of the answers hears of its failure. */
export function beginReading(cluster: Cluster, namespace: string): Ahead {
  const now = new Date();
  const way = wayOf(cluster, namespace, now);
  const operated = readOperated(cluster, namespace, now, way);
  void Promise.allSettled([
    way,
    operated,
    ...READ.map(([apiVersion, kind]) => cluster.list({ apiVersion, kind }, { namespace })),
    readConfigMapsAhead(cluster, namespace),
    cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector: AGENT_LABEL }),
  ]);
  return { cluster, way, operated };
}
