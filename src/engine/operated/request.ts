import type { Cluster, ObjectReference } from "../../cluster/cluster.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";
import { OPERATED } from "../operate/annotations.ts";
import { AGENT_KIND, FLEET_KIND } from "./resource-kinds.ts";

/** Field manager of people's requests, so that applying the files leaves them alone. */
const REQUESTER = "frota-request";

/** Who asks, when, and under which name the answer is awaited. */
export interface RequestStamp {
  readonly id: string;
  readonly by: string;
  readonly at: Date;
}

/** The namespace's one Fleet. Throws FLEET_ABSENT. */
export async function fleetReference(cluster: Cluster, namespace: string): Promise<ObjectReference> {
  const [fleet] = await cluster.list(FLEET_KIND, { namespace });
  if (fleet) return { ...FLEET_KIND, namespace, name: fleet.metadata.name };
  throw new FrotaError({
    code: "FLEET_ABSENT",
    message: `namespace ${namespace} has no Fleet`,
    next: "`frota apply` writes it",
    outcome: "refused",
  });
}

/** The reference of an agent's resource. */
export function agentReference(namespace: string, name: string): ObjectReference {
  return { ...AGENT_KIND, namespace, name };
}

/** Asks for an operation. The controller answers with the request's id in `status.acknowledgedOperation`. */
export async function requestOperation(
  cluster: Cluster,
  object: ObjectReference,
  { id, by, at, ...operation }: RequestStamp & { readonly verb: string; readonly channel?: string },
): Promise<void> {
  await annotate(cluster, object, OPERATED.requestedOperation, { id, by, at: at.toISOString(), ...operation });
}

/** Forbids restarts on purpose until then; undefined ends it. */
export async function requestFreeze(
  cluster: Cluster,
  fleet: ObjectReference,
  freeze: { readonly until: Date; readonly by: string; readonly reason: string } | undefined,
): Promise<void> {
  await annotate(cluster, fleet, OPERATED.freeze, freeze && { ...freeze, until: freeze.until.toISOString() });
}

/** Makes the controller leave an agent (or a whole fleet) as it is; undefined ends it. */
export async function requestSuspension(
  cluster: Cluster,
  object: ObjectReference,
  suspension: { readonly by: string; readonly at: Date; readonly reason: string } | undefined,
): Promise<void> {
  await annotate(cluster, object, OPERATED.suspended, suspension && { ...suspension, at: suspension.at.toISOString() });
}

async function annotate(cluster: Cluster, object: ObjectReference, name: string, value: object | undefined): Promise<void> {
  const text = value === undefined ? null : JSON.stringify(value);
  await cluster.mergePatch(object, { metadata: { annotations: { [name]: text } } }, { fieldManager: REQUESTER });
}

/** Waits until the controller has carried the request out. Throws OPERATION_UNANSWERED after `timeout` milliseconds. */
export async function acknowledged(cluster: Cluster, object: ObjectReference, id: string, limit: { timeout: number; signal: AbortSignal }): Promise<void> {
  const late = AbortSignal.timeout(limit.timeout);
  const kind = { apiVersion: object.apiVersion, kind: object.kind };
  const selection = { ...(object.namespace === undefined ? {} : { namespace: object.namespace }), fieldSelector: `metadata.name=${object.name}` };
  for await (const event of cluster.watch(kind, selection, AbortSignal.any([late, limit.signal]))) {
    const seen = event.type === "synced" ? event.objects[0] : event.type === "changed" ? event.object : undefined;
    if (textAt(seen, "status", "acknowledgedOperation") === id) return;
  }
  limit.signal.throwIfAborted();
  throw new FrotaError({
    code: "OPERATION_UNANSWERED",
    message: `the controller did not answer within ${Math.round(limit.timeout / 1000)} s; the request stays and is carried out when it can be`,
    where: { kind: object.kind, ...(object.namespace === undefined ? {} : { namespace: object.namespace }), name: object.name },
    next: "`frota controller status` shows whether one is live",
    outcome: "timeout",
  });
}
