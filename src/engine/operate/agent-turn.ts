import type { AgentAction } from "../../decide/action.ts";
import { decide } from "../../decide/decide.ts";
import type { AgentStatus } from "../../decide/status.ts";
import type { AgentWorld } from "../../decide/world.ts";
import { actForAgent } from "./act/act.ts";
import { failureOf, isStale } from "./act/failure.ts";
import type { FleetCache } from "./fleet-cache.ts";
import { observeAgent } from "./observe.ts";
import { ProgressBudget } from "./progress-budget.ts";
import type { Handled } from "./queue.ts";
import { agentStatusOf } from "./read-status.ts";
import { isWrite, lookAgain, SETTLE, type TurnContext } from "./turn.ts";

/** Milliseconds until what only a change mends is tried again nevertheless. */
const TERMINAL_RETRY = 300_000;

/** Milliseconds until a status that had to wait is looked at again, at least, and for each agent: they wait for each other. */
const TELL_LATER = 2_000;
const TELL_LATER_EACH = 50;

/** Observes one agent, decides, acts, and writes its status. Never two turns of one agent at a time. */
export class AgentTurns {
  readonly #turn: TurnContext;
  /** By agent: until then its own last writes may not have come back. */
  readonly #holds = new Map<string, number>();
  readonly #progress = new ProgressBudget(() => performance.now());
  /** Whose status was told of. */
  readonly #seen = new Set<string>();

  constructor(turn: TurnContext) {
    this.#turn = turn;
  }

  async run(agent: string): Promise<Handled> {
    const { cache, memory, now } = this.#turn.context;
    const hold = (this.#holds.get(agent) ?? 0) - performance.now();
    if (hold > 0) return { again: hold };
    const world = this.#world(agent);
    if (isGone(world, cache)) return this.#forget(agent);
    const { actions, status, wakeAt } = decide(world, now());
    const hasWritten = actions.some(isWrite);
    const failure = await this.#act(agent, actions);
    if (hasWritten) this.#holds.set(agent, performance.now() + SETTLE);
    if (failure) return this.#failed(agent, failure);
    memory.failures.delete(agent);
    // An agent's first status is that of its second look: it is made by then.
    const isLater = status === undefined || (world.previous === undefined && hasWritten);
    const tellIn = isLater ? undefined : await this.#writeStatus(agent, status);
    // What a gateway answered is taken up at once.
    const hasHeard = memory.gateways.get(agent) !== world.gateway;
    return lookAgain(now(), { wakeAt: hasHeard ? now() : wakeAt, hasWritten, tellIn });
  }

  #world(agent: string): AgentWorld {
    const { statuses, context } = this.#turn;
    const { cache, memory, now } = context;
    const world = observeAgent(cache, memory, agent, now());
    const resource = cache.agent(agent);
    const newest = resource && agentStatusOf(statuses.newest(resource));
    return newest && newest !== world.previous ? { ...world, previous: newest } : world;
  }

  /** What failed first; undefined when everything was done. */
  async #act(agent: string, actions: readonly AgentAction[]): Promise<{ readonly error: unknown } | undefined> {
    const { context, onEvent, signal } = this.#turn;
    for (const action of actions) {
      // The Lease may be lost between two actions.
      if (signal.aborted) return undefined;
      const began = performance.now();
      try {
        await actForAgent(context, agent, action);
      } catch (error) {
        return { error };
      }
      onEvent({ type: "acted", agent, action, took: performance.now() - began });
    }
    return undefined;
  }

  /** Somebody was faster: it is decided anew. Anything else is remembered, so that the status can say it. */
  async #failed(agent: string, { error }: { readonly error: unknown }): Promise<Handled> {
    if (isStale(error)) return { again: SETTLE };
    const { onEvent, context } = this.#turn;
    const { memory, now } = context;
    const failure = failureOf(error, now());
    memory.failures.set(agent, failure);
    const { status } = decide(this.#world(agent), now());
    if (status) await this.#writeStatus(agent, status).catch(() => undefined);
    if (failure.kind === "retryable") throw error;
    onEvent({ type: "failed", agent, code: failure.code, message: failure.message, retryIn: TERMINAL_RETRY });
    return { again: TERMINAL_RETRY };
  }

  /** Milliseconds until it may be written, where that is not now. */
  async #writeStatus(agent: string, status: AgentStatus): Promise<number | undefined> {
    const { statuses, onEvent, context, signal } = this.#turn;
    const resource = context.cache.agent(agent);
    if (!resource || signal.aborted) return undefined;
    const before = agentStatusOf(statuses.newest(resource));
    const differs = statuses.differs(resource, status);
    if (differs && !this.#progress.mayTell(before, status)) return Math.max(TELL_LATER, context.cache.agentCount * TELL_LATER_EACH);
    const isWritten = differs && (await statuses.write(resource, status));
    if (isWritten) onEvent({ type: "status", agent, ...(before && { before }), status });
    else if (!this.#seen.has(agent)) onEvent({ type: "seen", agent, status });
    this.#seen.add(agent);
    return undefined;
  }

  #forget(agent: string): Handled {
    const { statuses, onEvent, context } = this.#turn;
    const { memory, gateways } = context;
    for (const map of [memory.gateways, memory.failures, memory.vaultTimes, this.#holds, this.#seen]) map.delete(agent);
    gateways.forget(agent);
    statuses.forget("Agent", agent);
    onEvent({ type: "gone", agent });
    return {};
  }
}

function isGone({ declared, name }: AgentWorld, cache: FleetCache): boolean {
  return declared === undefined && !cache.agentNames().includes(name);
}
