/** The pods of one agent. */
interface AgentPods {
  /** Ready, and not on their way out. */
  readonly serving: Set<string>;
  /** All that ever served since the count began. */
  readonly seen: Set<string>;
}

/** Counts how many agents that served are without a serving pod, and how many pods each of them got. */
export class Disruption {
  readonly #agents = new Map<string, AgentPods>();
  readonly #down = new Set<string>();
  #mostDown = 0;

  /** Takes in what a watch says about a pod. */
  see(agent: string, pod: string, serves: boolean): void {
    const { serving, seen } = this.#podsOf(agent);
    const served = serving.size > 0;
    if (serves) {
      serving.add(pod);
      seen.add(pod);
      this.#down.delete(agent);
      return;
    }
    serving.delete(pod);
    if (served && serving.size === 0) this.#down.add(agent);
    this.#mostDown = Math.max(this.#mostDown, this.#down.size);
  }

  /** Begins to count anew. */
  reset(): void {
    this.#mostDown = this.#down.size;
    for (const { serving, seen } of this.#agents.values()) {
      seen.clear();
      for (const pod of serving) seen.add(pod);
    }
  }

  /** Agents without a serving pod now. */
  get down(): number {
    return this.#down.size;
  }

  /** The most of them at once. */
  get mostDown(): number {
    return this.#mostDown;
  }

  /** Agents that have had no new pod yet. */
  get untouched(): number {
    return this.newPods().get(0) ?? 0;
  }

  /** How many agents got how many new pods: 0 for those that kept theirs. */
  newPods(): Map<number, number> {
    const histogram = new Map<number, number>();
    for (const { seen } of this.#agents.values()) histogram.set(seen.size - 1, (histogram.get(seen.size - 1) ?? 0) + 1);
    return histogram;
  }

  #podsOf(agent: string): AgentPods {
    const pods = this.#agents.get(agent) ?? { serving: new Set(), seen: new Set() };
    this.#agents.set(agent, pods);
    return pods;
  }
}
