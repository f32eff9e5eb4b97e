interface Waiting {
  readonly agents: number;
  readonly resolve: (at: number) => void;
}

/** Counts objects that fulfil a condition, as a watch tells of them, and tells when they are so many. */
export class Counter {
  readonly #fulfilled = new Set<string>();
  #waiting: Waiting[] = [];

  set(name: string, isFulfilled: boolean): void {
    if (isFulfilled) this.#fulfilled.add(name);
    else this.#fulfilled.delete(name);
    const [done, rest] = [this.#waiting.filter((entry) => this.size >= entry.agents), this.#waiting.filter((entry) => this.size < entry.agents)];
    this.#waiting = rest;
    for (const { resolve } of done) resolve(performance.now());
  }

  get size(): number {
    return this.#fulfilled.size;
  }

  clear(): void {
    this.#fulfilled.clear();
  }

  /** Resolves to the moment, in `performance.now()`, at which so many fulfil it. */
  reach(agents: number): Promise<number> {
    if (this.size >= agents) return Promise.resolve(performance.now());
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.push({ agents, resolve });
    return promise;
  }
}
