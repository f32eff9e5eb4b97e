import type { Diagnostic } from "../diagnostic.ts";
import type { ValuePath } from "../yaml-document.ts";
import { parseQuantity } from "../quantity.ts";
import { caution, failure } from "./rule.ts";
import type { AgentSubject } from "./rule.ts";

const GIB = 2 ** 30;

/** OpenClaw's peak in its first turn, measured at 1.2-1.5 GB: less than this gets it killed. */
const MEMORY_PEAK = 1.5e9;

/** Storage, memory and CPU against what OpenClaw was measured to need. */
export function checkCapacity(subject: AgentSubject): Diagnostic[] {
  return [...checkStorage(subject), ...checkMemory(subject), ...checkCpu(subject), ...checkRequests(subject)];
}

function checkStorage({ source, origin }: AgentSubject): Diagnostic[] {
  const { size } = source.agent.spec.storage;
  const bytes = parseQuantity(size);
  if (bytes >= 10 * GIB && bytes <= 25 * GIB) return [];
  const side = bytes < 10 * GIB ? "less than 10Gi" : "more than 25Gi";
  return [caution(origin.value(["storage", "size"]), "STORAGE_SIZE", `the volume of ${size} is ${side}`, "give it 10Gi to 25Gi; a volume can grow later, but never shrink")];
}

function checkMemory({ source, origin }: AgentSubject): Diagnostic[] {
  const { limits, requests } = source.agent.spec.resources;
  const found: Diagnostic[] = [];
  const limitAt: ValuePath = ["resources", "limits", "memory"];
  const limit = limits?.memory === undefined ? Infinity : parseQuantity(limits.memory);
  if (limit < MEMORY_PEAK) {
    found.push(failure(origin.value(limitAt), "MEMORY_LIMIT", "OpenClaw needs up to 1.5 GB in its first turn: with this limit it is killed", "give it `memory: 2Gi`"));
  } else if (limit < 2 * GIB) {
    found.push(caution(origin.value(limitAt), "MEMORY_LIMIT", "OpenClaw needs up to 1.5 GB in its first turn: this limit leaves little room", "give it `memory: 2Gi`"));
  }
  if (requests?.memory !== undefined && parseQuantity(requests.memory) < GIB) {
    found.push(caution(origin.value(["resources", "requests", "memory"]), "MEMORY_REQUEST", "OpenClaw uses 0.8 GB when it is ready: this request invites eviction", "request `memory: 1Gi`"));
  }
  return found;
}

function checkCpu({ source, origin }: AgentSubject): Diagnostic[] {
  const cpu = source.agent.spec.resources.limits?.cpu;
  if (cpu === undefined || parseQuantity(cpu) >= 1) return [];
  return [caution(origin.value(["resources", "limits", "cpu"]), "CPU_LIMIT", "with less than one CPU OpenClaw takes a minute and more to start", "give it `cpu: 1` or more, or no CPU limit")];
}

function checkRequests({ source, origin }: AgentSubject): Diagnostic[] {
  const { limits = {}, requests = {} } = source.agent.spec.resources;
  return (["cpu", "memory", "ephemeral-storage"] as const).flatMap((resource) => {
    const [request, limit] = [requests[resource], limits[resource]];
    if (request === undefined || limit === undefined || parseQuantity(request) <= parseQuantity(limit)) return [];
    const message = `the ${resource} request ${request} is more than its limit ${limit}: Kubernetes refuses that`;
    return [failure(origin.value(["resources", "requests", resource]), "REQUEST_OVER_LIMIT", message, "raise the limit, or lower the request")];
  });
}
