import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import { acquireLease, type HeldLease } from "../cluster/lease.ts";
import { delay } from "../cluster/transport.ts";
import { Operator, type OperatorOptions } from "../engine/operate/operator.ts";
import { settlednessOf, type Settledness } from "../engine/operate/settled.ts";
import { renderController } from "../render/controller.ts";
import { CONTROLLER_NAMESPACE, controllerName } from "../render/names.ts";
import { FrotaError } from "../spec/error.ts";
import { numberAt } from "../spec/plain-field.ts";

/** Beyond an operator's own: what a controller process does. */
export interface ControllerOptions extends Omit<OperatorOptions, "signal"> {
  /** End as soon as the fleet is as declared. */
  readonly isUntilSettled: boolean;
  /** Aborts to end it in order. */
  readonly signal: AbortSignal;
  readonly onLeader: (operator: Operator | undefined) => void;
  /** Hears of each other holder of the Lease that it waits for. */
  readonly onHeldBy?: (holder: string) => void;
}

/** Milliseconds. In the cluster the kubelet grants 30 s. */
const STOP_LIMIT = 20_000;
/** Milliseconds between two looks whether the fleet is settled, and for how long it must look so. */
const LOOK = 500;
const STEADY = 2_000;
const STEADY_STALLED = 8_000;

/**
 * Serves a fleet: waits for the Lease, observes, decides and acts while it is held, and hands it over at the end. With `isUntilSettled` it
 * ends when the fleet is as declared; throws FLEET_STALLED when only a person can help it on, FLEET_MISSING where there is none.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const { cluster, namespace, identity, signal, onHeldBy } = options;
  await ensureLeaseNamespace(cluster, namespace);
  const lease = { cluster, namespace: CONTROLLER_NAMESPACE, name: controllerName(namespace), identity, now: () => new Date(options.now()), ...(onHeldBy && { onHeldBy }) };
  while (!signal.aborted) {
    const held = await acquireLease(lease, signal).catch((error: unknown) => endedBy(signal, error));
    if (!held) return;
    try {
      const isDone = await lead(options, held);
      if (isDone) return;
    } finally {
      options.onLeader(undefined);
      await held.release();
    }
    options.onEvent({ type: "problem", message: "the Lease was lost: waiting for it again" });
  }
}

/** An end that was asked for is none of an error. */
function endedBy(signal: AbortSignal, error: unknown): undefined {
  if (signal.aborted) return undefined;
  throw error;
}

/** True: there is nothing more to do; false: the Lease was lost. */
async function lead(options: ControllerOptions, held: HeldLease): Promise<boolean> {
  const { signal } = options;
  const operator = await Operator.start({ ...options, signal: held.lost });
  options.onLeader(operator);
  const ending = AbortSignal.any([signal, held.lost]);
  try {
    if (options.isUntilSettled) await untilSettled(operator, ending);
    else await aborted(ending);
  } finally {
    // Its timer must not keep the process once everything has ended.
    await Promise.race([operator.stop(), sleep(STOP_LIMIT, undefined, { ref: false })]);
  }
  return options.isUntilSettled ? !held.lost.aborted : signal.aborted;
}

async function untilSettled(operator: Operator, signal: AbortSignal): Promise<void> {
  let since = performance.now();
  let last: Settledness["state"] = "working";
  while (!signal.aborted) {
    const { state, words } = fleetSettledness(operator);
    const now = operator.isIdle ? state : "working";
    if (now !== last) since = performance.now();
    last = now;
    const steady = performance.now() - since;
    if (now === "settled" && steady >= STEADY) return;
    if (now === "stalled" && steady >= STEADY_STALLED) throw stalled(words);
    await delay(LOOK, signal).catch(() => undefined);
  }
}

/** How far the operator's fleet is. Throws FLEET_MISSING. */
function fleetSettledness(operator: Operator): Settledness {
  const { cache } = operator;
  const fleet = cache.fleet();
  if (!fleet) throw missing(cache.namespace);
  const agents = Array.from(cache.agents(), (resource) => {
    const { name } = resource.metadata;
    return { name, generation: numberAt(resource, "metadata", "generation") ?? 0, status: operator.agentStatus(name) };
  });
  return settlednessOf(agents, operator.fleetStatus(), numberAt(fleet, "metadata", "generation") ?? 0);
}

/** In the cluster the namespace is there: this process runs in it. */
async function ensureLeaseNamespace(cluster: Cluster, fleetNamespace: string): Promise<void> {
  try {
    const reference = { apiVersion: "v1", kind: "Namespace", name: CONTROLLER_NAMESPACE };
    if (await cluster.get(reference)) return;
    const namespace = renderController({ fleetNamespace, image: "" }).find(({ kind }) => kind === "Namespace");
    if (namespace) await cluster.apply(namespace);
  } catch (error) {
    // A service account may not look at namespaces.
    if (!(error instanceof FrotaError) || error.code !== "FORBIDDEN") throw error;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}

function stalled(words: readonly string[]): FrotaError {
  return new FrotaError({
    code: "FLEET_STALLED",
    message: `the fleet cannot get further by itself: ${words.join("; ")}`,
    next: "mend what is named above, then apply again; `frota status` shows each agent",
    outcome: "partial",
  });
}

function missing(namespace: string): FrotaError {
  return new FrotaError({
    code: "FLEET_MISSING",
    message: `there is no Fleet in namespace ${namespace}`,
    where: { kind: "Fleet", namespace, name: "" },
    next: "apply the fleet's files with `frota apply`, or name another namespace with -n",
    outcome: "refused",
  });
}

