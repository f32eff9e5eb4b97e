import type { Cluster } from "../../cluster/cluster.ts";
import type { FleetStatus } from "../../decide/status.ts";
import type { Manifest } from "../../render/manifest.ts";
import { fleetStatusOf } from "../operate/read-status.ts";
import { AGENT_KIND, FLEET_KIND } from "../operate/resource-kinds.ts";
import { isReconciled, wayOf } from "./way.ts";

/** What an operated fleet says of itself. */
export interface OperatedFleet {
  /** The Agent resources, by name. */
  readonly agents: ReadonlyMap<string, Manifest>;
  /** As the controller last wrote it. */
  readonly fleet: FleetStatus | undefined;
  /** The Fleet resource. */
  readonly resource: Manifest;
  /** A controller reconciles the fleet now. */
  readonly isLive: boolean;
}

/** The namespace's Fleets: one, or none where it runs in the plain way. */
export async function fleetsIn(cluster: Cluster, namespace: string): Promise<readonly Manifest[]> {
  return (await cluster.serves(FLEET_KIND)) ? cluster.list(FLEET_KIND, { namespace }) : [];
}

/**
 * Reads the fleet's resources; undefined for a namespace without a Fleet, which runs in the plain way. Whoever has asked which `way` it runs gives
 * that, and the controller's Lease is not asked for again.
 */
export async function readOperated(cluster: Cluster, namespace: string, now: Date, way?: ReturnType<typeof wayOf>): Promise<OperatedFleet | undefined> {
  if (!(await cluster.serves(AGENT_KIND))) return undefined;
  const [agents, [fleet], known] = await Promise.all([
    cluster.list(AGENT_KIND, { namespace }),
    cluster.list(FLEET_KIND, { namespace }),
    way ?? wayOf(cluster, namespace, now),
  ]);
  return operatedFrom(agents, fleet, isReconciled(known));
}

/** What resources say, however they were read; undefined without a Fleet. Pure. */
export function operatedFrom(agents: readonly Manifest[], fleet: Manifest | undefined, isLive: boolean): OperatedFleet | undefined {
  if (!fleet) return undefined;
  const byName = new Map(agents.map((agent) => [agent.metadata.name, agent]));
  return { agents: byName, fleet: fleetStatusOf(fleet), resource: fleet, isLive };
}
