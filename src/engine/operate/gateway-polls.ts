import type { GatewayFacts } from "../../decide/world.ts";
import { delay } from "../../cluster/transport.ts";
import type { ActContext } from "./act/context.ts";

/** Milliseconds between two questions to the same gateway, give or take a tenth. */
const INTERVAL = 60_000;
/** Milliseconds between two looks at who is due. */
const STEP = 1_000;
/** Gateways that are asked at once. */
const AT_ONCE = 8;

/** Asks every ready agent's gateway about once a minute how it is. Costs the API server nothing. */
export class GatewayPolls {
  readonly #context: ActContext;
  readonly #onChange: (agent: string) => void;
  readonly #signal: AbortSignal;
  readonly #due = new Map<string, number>();
  readonly #asking = new Set<string>();

  constructor(context: ActContext, onChange: (agent: string) => void, signal: AbortSignal) {
    this.#context = context;
    this.#onChange = onChange;
    this.#signal = signal;
  }

  start(): void {
    void this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#look();
      await delay(STEP, this.#signal).catch(() => undefined);
    }
  }

  #look(): void {
    const now = performance.now();
    const { cache } = this.#context;
    if (this.#due.size > cache.agentCount) for (const agent of this.#due.keys()) if (!cache.agent(agent)) this.#due.delete(agent);
    for (const { metadata } of cache.agents()) {
      const agent = metadata.name;
      const due = this.#due.get(agent);
      // The first questions are spread, so that later ones are.
      if (due === undefined) this.#due.set(agent, now + Math.random() * INTERVAL);
      else if (due <= now && this.#asking.size < AT_ONCE && !this.#asking.has(agent)) void this.#ask(agent);
    }
  }

  async #ask(agent: string): Promise<void> {
    this.#asking.add(agent);
    this.#due.set(agent, performance.now() + INTERVAL * (0.9 + Math.random() / 5));
    const { memory, gateways } = this.#context;
    try {
      const facts = await gateways.read(agent, "light");
      const before = memory.gateways.get(agent);
      if (!facts || this.#signal.aborted) return;
      memory.gateways.set(agent, takeOver(before, facts));
      if (!isSame(before, facts)) this.#onChange(agent);
    } finally {
      this.#asking.delete(agent);
    }
  }
}

/** A light answer that says the same does not make one forget what a full one said. */
function takeOver(before: GatewayFacts | undefined, facts: GatewayFacts): GatewayFacts {
  const isKept = before?.podUid === facts.podUid && before.restarts === facts.restarts && before.depth === "full" && before.state === "unhealthy" && facts.state === "healthy";
  return isKept ? { ...before, activity: facts.activity } : facts;
}

function isSame(one: GatewayFacts | undefined, other: GatewayFacts): boolean {
  return one?.podUid === other.podUid && one.restarts === other.restarts && one.state === other.state && one.activity === other.activity && one.problems.join() === other.problems.join();
}
