import { referenceOf, type Cluster, type ObjectReference } from "../../cluster/cluster.ts";
import type { FleetOperation } from "../../decide/fleet-world.ts";
import type { RolloutStatus } from "../../decide/status.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import type { PlainMap } from "../../spec/plain-data.ts";
import { textAt, textsAt } from "../../spec/plain-field.ts";
import { OPERATED } from "../operate/annotations.ts";
import { parsePlainMap } from "../operate/parse.ts";
import { fleetStatusOf } from "../operate/read-status.ts";
import { idleRequest } from "./idle-request.ts";
import { AGENT_KIND, FLEET_KIND } from "../operate/resource-kinds.ts";

/** Field manager of people's requests, so that applying the files leaves them alone. */
const REQUESTER = "frota-request";

/** Who asks, when, and under which name the answer is awaited. */
export interface RequestStamp {
  readonly id: string;
  readonly by: string;
  readonly at: Date;
}

/** The namespace's one Fleet. Throws FLEET_ABSENT. */
export async function fleetOf(cluster: Cluster, namespace: string): Promise<Manifest> {
  const [fleet] = await cluster.list(FLEET_KIND, { namespace });
  if (fleet) return fleet;
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

/** Asks for an agent's restart. The controller answers with the request's id in `status.acknowledgedOperation`. */
export async function requestRestart(cluster: Cluster, agent: ObjectReference, { id, by, at }: RequestStamp): Promise<void> {
  await annotate(cluster, agent, OPERATED.requestedOperation, { id, verb: "restart", by, at: at.toISOString() });
}

/** Where the answer to a request will be, and what the fleet said of the channel before. */
export interface Requested {
  readonly fleet: ObjectReference;
  readonly rollout?: RolloutStatus;
}

/** Asks something of the fleet's rollouts. Throws FLEET_ABSENT, and what {@link idleRequest} finds: then nothing was written. */
export async function requestOperation(
  cluster: Cluster,
  namespace: string,
  { at, ...operation }: RequestStamp & Pick<FleetOperation, "verb" | "channel">,
): Promise<Requested> {
  const fleet = await fleetOf(cluster, namespace);
  const channel = operation.channel ?? textAt(fleet, "spec", "image", "tag") ?? "latest";
  const idle = idleRequest(fleet, { verb: operation.verb, channel });
  if (idle) throw idle;
  const before = parsePlainMap(fleet.metadata.annotations?.[OPERATED.requestedOperation]);
  const paused = pausedChannels(before, { verb: operation.verb, channel });
  const reference = referenceOf(fleet);
  await annotate(cluster, reference, OPERATED.requestedOperation, { ...operation, at: at.toISOString(), paused });
  const rollout = fleetStatusOf(fleet)?.rollouts.find((one) => one.channel === channel);
  return { fleet: reference, ...(rollout && { rollout }) };
}

/** Which channels stand still from now on. What somebody paused stays so, whatever else is asked for, until that channel is to move again. */
export function pausedChannels(before: PlainMap | undefined, { verb, channel }: { readonly verb: FleetOperation["verb"]; readonly channel: string }): string[] {
  const paused = new Set(textsAt(before, "paused"));
  if (verb === "pause") paused.add(channel);
  else if (verb !== "refresh") paused.delete(channel);
  return [...paused].toSorted();
}

/** Forbids restarts on purpose until then; undefined ends it. */
export async function requestFreeze(
  cluster: Cluster,
  fleet: Manifest,
  freeze: { readonly until: Date; readonly by: string; readonly reason?: string } | undefined,
): Promise<void> {
  await annotate(cluster, referenceOf(fleet), OPERATED.freeze, freeze && { ...freeze, until: freeze.until.toISOString() });
}

/** Makes the controller leave an agent (or a whole fleet) as it is; undefined ends it. */
export async function requestSuspension(
  cluster: Cluster,
  object: Manifest,
  suspension: { readonly by: string; readonly at: Date; readonly reason?: string } | undefined,
): Promise<void> {
  await annotate(cluster, referenceOf(object), OPERATED.suspended, suspension && { ...suspension, at: suspension.at.toISOString() });
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
