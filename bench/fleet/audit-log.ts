import { createReadStream } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LabLayout } from "../../src/lab/layout.ts";

/** Where the API server writes one line for each request of a counted user. */
export function auditLog(layout: LabLayout): string {
  return join(layout.data, "bench", "audit.log");
}

/** Writes the audit policy and returns its path. A new set of users gives a new path, so that the server is restarted. */
export async function writeAuditPolicy(layout: LabLayout, users: readonly string[]): Promise<string> {
  const file = join(layout.data, "bench", "audit-policy.json");
  await mkdir(join(layout.data, "bench"), { recursive: true });
  const rules = [{ level: "Metadata", users }, { level: "None" }];
  await writeFile(file, JSON.stringify({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules }));
  return file;
}

/** One request, as the API server saw it. */
export interface AuditedRequest {
  readonly user: string;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
  /** `agents/status`, `deployments`, or the path of what is no resource. */
  readonly resource: string;
  readonly name: string;
  readonly code: number;
  /** When it came in, in milliseconds of the epoch. */
  readonly at: number;
}

interface AuditEvent {
  readonly stage: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

/** Size of the log now: where to read on from. */
export async function auditPosition(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}

/** All requests written since `position`. A watch counts when it is answered, everything else when it is done. */
export async function auditedSince(file: string, position: number): Promise<AuditedRequest[]> {
  const requests: AuditedRequest[] = [];
  for await (const line of createInterface({ input: createReadStream(file, { start: position }) })) {
    const event: AuditEvent = JSON.parse(line);
    const stage = event.verb === "watch" ? "ResponseStarted" : "ResponseComplete";
    if (event.stage === stage) requests.push(requestOf(event));
  }
  return requests;
}

function requestOf({ user, verb, objectRef, responseStatus, requestURI, requestReceivedTimestamp }: AuditEvent): AuditedRequest {
  const { resource, subresource, name } = objectRef ?? {};
  const path = requestURI.replace(/\?.*/, "");
  return {
    user: user.username,
    verb,
    resource: resource === undefined ? path : [resource, ...(subresource === undefined ? [] : [subresource])].join("/"),
    name: name ?? "",
    code: responseStatus?.code ?? 0,
    at: Date.parse(requestReceivedTimestamp),
  };
}

/** Whether it changes anything. Renewing a Lease does not count: that is how a controller says that it lives. */
export function isWrite({ verb, resource }: AuditedRequest): boolean {
  return !["get", "list", "watch"].includes(verb) && !/^(leases|selfsubject|.*reviews)/.test(resource);
}

/** How often each kind of request was made, most frequent first: `312 patch deployments`. */
export function requestTable(requests: readonly AuditedRequest[]): string[] {
  const counts = new Map<string, number>();
  for (const { verb, resource, code } of requests) {
    const key = `${verb} ${resource}${code >= 400 ? ` (${code})` : ""}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([key, count]) => `${String(count).padStart(7)} ${key}`);
}
