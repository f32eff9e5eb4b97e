import type { FleetAction } from "../../decide/action.ts";
import { admit } from "../../decide/admit.ts";
import type { FleetStatus } from "../../decide/status.ts";
import type { ImageTarget } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { actForFleet } from "./act/act.ts";
import { isStale } from "./act/failure.ts";
import { observeFleet } from "./observe.ts";
import type { Handled } from "./queue.ts";
import { fleetStatusOf } from "./read-status.ts";
import { lookAgain, SETTLE, type TurnContext } from "./turn.ts";

/** What a turn of the fleet left. */
export interface FleetTurnResult extends Handled {
  /** By channel; absent where there was no Fleet. */
  readonly targets?: ReadonlyMap<string, ImageTarget>;
  /** Milliseconds that observing and deciding took. */
  readonly thought: number;
}

/** Milliseconds between two writes of the Fleet's status: while hundreds of agents move, its counts change all the time. */
const STATUS_INTERVAL = 2_000;

/** Observes the fleet, admits disruptions, acts, and writes the Fleet's status. */
export class FleetTurn {
  readonly #turn: TurnContext;
  #isSeen = false;
  #toldAt = -Infinity;

  constructor(turn: TurnContext) {
    this.#turn = turn;
  }

  async run(): Promise<FleetTurnResult> {
    const { cache, memory, now } = this.#turn.context;
    const began = performance.now();
    const resource = cache.fleet();
    const observed = observeFleet(cache, memory, now());
    if (!observed || !resource) return { thought: 0 };
    const before = fleetStatusOf(this.#turn.statuses.newest(resource));
    const { actions, status, targets, wakeAt } = admit(before ? { ...observed, previous: before } : observed, now());
    const thought = performance.now() - began;
    if (!(await this.#act(actions))) return { again: SETTLE, targets, thought };
    const tellIn = await this.#writeStatus(resource, before, status);
    return { ...lookAgain(now(), { wakeAt, hasWritten: actions.length > 0, tellIn }), targets, thought };
  }

  /** False: somebody was faster, and it is to be decided anew. */
  async #act(actions: readonly FleetAction[]): Promise<boolean> {
    const { context, channels, onEvent, signal } = this.#turn;
    for (const action of actions) {
      if (signal.aborted) return true;
      const began = performance.now();
      try {
        if (action.type === "resolve-channels") await channels.check();
        else await actForFleet(context, action);
      } catch (error) {
        if (!isStale(error)) throw error;
        return false;
      }
      onEvent({ type: "fleet-acted", action, took: performance.now() - began });
    }
    return true;
  }

  /** Milliseconds until it may be written, where that is not now. */
  async #writeStatus(resource: Manifest, before: FleetStatus | undefined, status: FleetStatus): Promise<number | undefined> {
    const { statuses, onEvent, signal } = this.#turn;
    const pause = this.#toldAt + STATUS_INTERVAL - performance.now();
    const isDue = pause <= 0 || !before || before.acknowledgedOperation !== status.acknowledgedOperation;
    if (!isDue || signal.aborted) return pause;
    const isWritten = await statuses.write(resource, status);
    if (isWritten) this.#toldAt = performance.now();
    if (isWritten) onEvent({ type: "fleet-status", ...(before && { before }), status });
    else if (!this.#isSeen) onEvent({ type: "fleet-seen", status });
    this.#isSeen = true;
    return undefined;
  }
}
