import type { AgentSpec } from "../spec/agent.ts";
import { parseQuantity } from "../spec/quantity.ts";

/**
 * Measured on OpenClaw 2026.9.2 to 2026.9.6: 0.8 GB when ready, 0.6 GB idle, 1.2 to 1.5 GB in the first turn, plus the
 * tools that a turn starts; 2.5 % of a core when idle. No CPU limit: starting at half a core takes a minute.
 */
const DEFAULT_REQUESTS = { cpu: "150m", memory: "1Gi" };
const DEFAULT_LIMITS = { memory: "2560Mi" };

type ResourceList = Readonly<Record<string, string | undefined>>;

/** Requests and limits of an agent's container: the declared ones over the defaults, a limit never below its request. */
export function containerResources({ resources }: AgentSpec): { requests: ResourceList; limits: ResourceList } {
  const declared: ResourceList = resources.limits ?? {};
  const limits: ResourceList = { ...DEFAULT_LIMITS, ...declared };
  const wanted: ResourceList = { ...DEFAULT_REQUESTS, ...resources.requests };
  const own: ResourceList = resources.requests ?? {};
  return {
    requests: mapList(wanted, (name, request) => (name in own ? request : smaller(request, limits[name]))),
    limits: mapList(limits, (name, limit) => (name in declared ? limit : larger(limit, wanted[name]))),
  };
}

function mapList(list: ResourceList, change: (name: string, quantity: string) => string): ResourceList {
  return Object.fromEntries(
    Object.entries(list).flatMap(([name, quantity]) => (quantity === undefined ? [] : [[name, change(name, quantity)]])),
  );
}

function smaller(left: string, right: string | undefined): string {
  return right !== undefined && parseQuantity(right) < parseQuantity(left) ? right : left;
}

function larger(left: string, right: string | undefined): string {
  return right !== undefined && parseQuantity(right) > parseQuantity(left) ? right : left;
}
