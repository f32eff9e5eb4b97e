import type { Cluster } from "../../cluster/cluster.ts";
import { delay } from "../../cluster/transport.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { controllerLiveness } from "../observe/controller-liveness.ts";
import type { FleetWorld } from "./fleet-report.ts";
import { emptyObjects, followedKinds } from "../observe/fleet-watch.ts";
import { ObjectsWatch } from "../observe/objects-watch.ts";
import { operatedFrom } from "../operated/read-operated.ts";
import { AGENT_KIND, FLEET_KIND } from "../operate/resource-kinds.ts";

/** A namespace as it is now, as far as the API server can be asked. */
export interface WatchedWorld {
  readonly world: FleetWorld;
  /** Since when nothing is heard of the API server any more, in its words; the world is as it was then. */
  readonly lost?: string;
}

/** Milliseconds between two looks at the controller's Lease, which tell as well whether the API server answers; and while it does not. */
const PULSE = 5_000;
const PULSE_LOST = 1_000;
/** Milliseconds between two worlds: faster than anybody reads, slower than a thousand agents change. */
const PACE = 200;
/** Milliseconds after which the same world comes again, because time passes as well. */
const TICK = 1_000;

/**
 * Yields the namespace as it is, after each change and once a second, until the signal aborts; then it ends without an error. A lost connection is
 * told and waited for; only what waiting cannot mend is thrown.
 */
export async function* watchWorld(cluster: Cluster, { namespace, declared }: Pick<FleetWorld, "namespace" | "declared">, signal: AbortSignal): AsyncGenerator<WatchedWorld, void, undefined> {
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const pulse = new Pulse(cluster, namespace);
  const objects = { ...emptyObjects(), agents: new Map<string, Manifest>(), fleets: new Map<string, Manifest>() };
  const resources = [
    { name: "agents" as const, kind: AGENT_KIND, selection: { namespace }, isOptional: true },
    { name: "fleets" as const, kind: FLEET_KIND, selection: { namespace }, isOptional: true },
  ];
  const watch = ObjectsWatch.start<keyof typeof objects>(cluster, { followed: [...followedKinds(namespace), ...resources], objects, onDisconnected: (reason) => pulse.lose(reason) });
  try {
    await pulse.feel();
    void pulse.goOn(ended);
    let seen = -1;
    for (;;) {
      const isThere = await changed(watch, seen, signal);
      if (signal.aborted) return;
      if (isThere) {
        seen = watch.version;
        const [fleet] = objects.fleets.values();
        const operated = operatedFrom([...objects.agents.values()], fleet, pulse.isLive);
        yield { world: { namespace, objects, operated, declared }, ...(pulse.lost === undefined ? {} : { lost: pulse.lost }) };
      }
      await delay(PACE, signal).catch(() => undefined);
    }
  } finally {
    stop.abort();
    watch.stop();
  }
}

/** Waits for something newer than `seen`, not for long once there was anything; false while the first lists are not complete. */
async function changed<Name extends string>(watch: ObjectsWatch<Name>, seen: number, signal: AbortSignal): Promise<boolean> {
  const tick = AbortSignal.timeout(TICK);
  try {
    return await watch.until(() => (watch.version > seen ? true : undefined), AbortSignal.any([signal, tick]));
  } catch (error) {
    if (signal.aborted || tick.aborted) return seen >= 0;
    throw error;
  }
}

/** Asks again and again whether a controller lives; by the way, whether the API server answers. */
class Pulse {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  isLive = false;
  lost: string | undefined;

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  lose(reason: string): void {
    this.lost ??= reason;
  }

  async goOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.lost === undefined ? PULSE : PULSE_LOST, signal).catch(() => undefined);
      if (!signal.aborted) await this.feel();
    }
  }

  async feel(): Promise<void> {
    try {
      this.isLive = (await controllerLiveness(this.#cluster, this.#namespace, new Date())).isLive;
      this.lost = undefined;
    } catch (error) {
      // Who may not read the Lease still sees the agents.
      const isUnreachable = error instanceof FrotaError && error.code === "CLUSTER_UNREACHABLE";
      this.lost = isUnreachable ? error.message : undefined;
    }
  }
}
