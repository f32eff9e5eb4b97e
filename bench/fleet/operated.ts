import { setTimeout as delay } from "node:timers/promises";
import { auditedSince, auditPosition, isWrite, type AuditedRequest } from "./audit-log.ts";
import { USERS, type BenchLab } from "./bench-lab.ts";
import type { ControllerProcess } from "./controller-process.ts";
import type { FleetObserver } from "./fleet-observer.ts";
import type { GeneratedFleet } from "./generated-fleet.ts";
import type { ProcessUsage } from "./process-usage.ts";

const MINUTE = 60_000;

/** What the controller needed to bring a fleet up, and needs to keep it. */
export interface Operated {
  readonly agents: number;
  /** Seconds from the first apply until all resources were applied, all Deployments available, and all Agents Ready. */
  readonly applied: number;
  readonly deployments: number;
  readonly settled: number;
  /** From the first apply until a minute after all was Ready. */
  readonly requests: readonly AuditedRequest[];
  /** In the minute after that. */
  readonly atRest: readonly AuditedRequest[];
  /** Of the whole process, two minutes after all was Ready. */
  readonly usage: ProcessUsage;
}

/** The controller's own requests since `position` of the audit log. */
export async function controllerRequests(lab: BenchLab, position: number): Promise<AuditedRequest[]> {
  return (await auditedSince(lab.auditLog, position)).filter(({ user }) => user === USERS.controller);
}

/** Applies the resources of a fleet that does not exist yet and measures what a running controller makes of them. */
export async function measureOperated(lab: BenchLab, fleet: GeneratedFleet, controller: ControllerProcess, observer: FleetObserver): Promise<Operated> {
  const agents = fleet.names.length;
  const position = await auditPosition(lab.auditLog);
  const began = performance.now();
  const seconds = (at: number) => (at - began) / 1000;
  const [deployments, settled] = [observer.deployments.reach(agents), observer.agents.reach(agents)];
  await lab.client.createAll([fleet.fleet, ...fleet.agents]);
  const applied = performance.now();
  await Promise.all([deployments, settled]);
  await delay(MINUTE);
  const requests = await controllerRequests(lab, position);
  const rest = await auditPosition(lab.auditLog);
  await delay(MINUTE);
  return {
    agents,
    applied: seconds(applied),
    deployments: seconds(await deployments),
    settled: seconds(await settled),
    requests,
    atRest: await controllerRequests(lab, rest),
    usage: await controller.usage(),
  };
}

/** Requests that a controller makes in the minute after it was started on a fleet that is as declared. */
export interface Resync {
  readonly requests: readonly AuditedRequest[];
  readonly writes: number;
}

/** Call it with the log's position before the controller was started. */
export async function measureResync(lab: BenchLab, position: number): Promise<Resync> {
  await delay(MINUTE);
  const requests = await controllerRequests(lab, position);
  return { requests, writes: requests.filter(isWrite).length };
}
