import { auditedSince, auditPosition } from "./audit-log.ts";
import { USERS, type BenchLab } from "./bench-lab.ts";
import { FleetObserver } from "./fleet-observer.ts";
import { loadNow } from "./load.ts";
import { renderedObjects, type GeneratedFleet } from "./generated-fleet.ts";

/** What a bare client needs for the same fleet. */
export interface Floor {
  /** Seconds until the last object was created, and until the last Deployment was available. */
  readonly created: number;
  readonly ready: number;
  readonly requests: number;
  /** Load average before it. */
  readonly load: number;
}

/** Creates all objects of all agents with ten connections and nothing else, and waits until all Deployments are available. */
export async function measureFloor(lab: BenchLab, fleet: GeneratedFleet): Promise<Floor> {
  const objects = renderedObjects(fleet);
  const observer = new FleetObserver(lab.cluster);
  const position = await auditPosition(lab.auditLog);
  const load = loadNow();
  const began = performance.now();
  const ready = observer.deployments.reach(fleet.names.length);
  await lab.client.createAll(objects);
  const created = performance.now();
  const end = await ready;
  observer.close();
  const requests = (await auditedSince(lab.auditLog, position)).filter(({ user }) => user === USERS.client);
  return { created: (created - began) / 1000, ready: (end - began) / 1000, requests: requests.length, load };
}
