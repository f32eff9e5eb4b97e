import type { Cluster } from "../../cluster/cluster.ts";
import type { FleetStatus } from "../../decide/status.ts";
import { fleetStatusOf } from "../operate/read-status.ts";
import { FLEET_KIND } from "../operate/resource-kinds.ts";

/** The status of the namespace's Fleet, now and after each change, until the signal aborts. */
export async function* watchFleetStatus(cluster: Cluster, namespace: string, signal: AbortSignal): AsyncGenerator<FleetStatus, void, undefined> {
  const abort = new AbortController();
  try {
    for await (const event of cluster.watch(FLEET_KIND, { namespace }, AbortSignal.any([signal, abort.signal]))) {
      const fleet = event.type === "synced" ? event.objects[0] : event.type === "changed" ? event.object : undefined;
      const status = fleetStatusOf(fleet);
      if (status) yield status;
    }
  } finally {
    abort.abort();
  }
}
