/** What a handler wants of its item afterwards. */
export interface Handled {
  /** Milliseconds until it is handled again, though nothing marks it; absent: when it is marked. */
  readonly again?: number;
}

/** How a {@link WorkQueue} works. */
export interface WorkQueueOptions {
  /** Items handled at once; 16 when absent. */
  readonly workers?: number;
  /** Handles one item. A rejection is a failure: tried again with backoff. It must not take for ever. */
  readonly handle: (key: string) => Promise<Handled>;
  /** Whether an item goes before others; asked each time that it is marked. Others still get one start in {@link OTHERS}. */
  readonly isUrgent?: (key: string) => boolean;
  /** Hears of each failure, and in how many milliseconds it is tried again. */
  readonly onFailure?: (key: string, error: unknown, retryIn: number) => void;
  /** Hears how long an item waited and how long its handling took, in milliseconds. */
  readonly onHandled?: (key: string, waited: number, took: number) => void;
  /** 0 to 1; `Math.random` when absent. */
  readonly random?: () => number;
}

const WORKERS = 16;
/** While urgent items wait, one start in so many is of another. */
const OTHERS = 4;
const FIRST_BACKOFF = 250;
const LAST_BACKOFF = 60_000;
/** `setTimeout` takes no more; whoever waits longer is looked at once more in between. */
const LONGEST_DELAY = 86_400_000;

/** An item that is marked more often than this loses its turn to others: so many starts at once, then one each interval. */
const BURST = 20;
const INTERVAL = 500;

interface Item {
  failures: number;
  /** Starts that it may make at once, as of `countedAt`. */
  starts: number;
  countedAt: number;
}

interface Delayed {
  readonly at: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * A work queue of names, as controllers have them: a name waits in it once however often it is marked; one worker at a time handles it;
 * marked meanwhile, it is handled once more. First come, first served among the urgent and among the others, and a name that is marked
 * all the time is slowed down.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #items = new Map<string, Item>();
  /** Waiting names in their order, each with the time when it came; the urgent ones apart. */
  readonly #waiting = new Map<string, number>();
  readonly #urgent = new Map<string, number>();
  /** Starts of urgent names since one of another. */
  #urgentStarts = 0;
  readonly #delayed = new Map<string, Delayed>();
  readonly #running = new Map<string, Promise<void>>();
  /** Marked while they run. */
  readonly #dirty = new Set<string>();
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Names that wait for a worker. */
  get depth(): number {
    return this.#waiting.size + this.#urgent.size;
  }

  /** Names that are being handled. */
  get running(): number {
    return this.#running.size;
  }

  /** Handles the name as soon as a worker is free. */
  add(key: string): void {
    if (this.#isStopped || this.#isWaiting(key)) return;
    if (this.#running.has(key)) {
      this.#dirty.add(key);
      return;
    }
    const pause = this.#pauseOf(key);
    if (pause > 0) {
      this.addAfter(key, pause);
      return;
    }
    this.#undelay(key);
    this.#laneOf(key).set(key, performance.now());
    this.#start();
  }

  /** Handles the name in so many milliseconds, or earlier when it is marked or an earlier time was already set. */
  addAfter(key: string, delay: number): void {
    if (this.#isStopped || this.#isWaiting(key)) return;
    const wait = Math.min(Math.max(delay, 0), LONGEST_DELAY);
    const at = performance.now() + wait;
    const known = this.#delayed.get(key);
    if (known && known.at <= at) return;
    this.#undelay(key);
    const timer = setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, wait);
    this.#delayed.set(key, { at, timer });
  }

  /** Forgets a name that is no more; what runs of it ends as it does. */
  forget(key: string): void {
    this.#undelay(key);
    this.#waiting.delete(key);
    this.#urgent.delete(key);
    this.#dirty.delete(key);
    this.#items.delete(key);
  }

  /** Takes up nothing more, and ends when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    this.#urgent.clear();
    this.#dirty.clear();
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    await Promise.all(this.#running.values());
  }

  #undelay(key: string): void {
    clearTimeout(this.#delayed.get(key)?.timer);
    this.#delayed.delete(key);
  }

  #start(): void {
    const workers = this.#options.workers ?? WORKERS;
    while (this.#running.size < workers) {
      const lane = this.#nextLane();
      const [next] = lane;
      if (next === undefined) return;
      const [key, since] = next;
      lane.delete(key);
      this.#running.set(key, this.#run(key, since));
    }
  }

  #nextLane(): Map<string, number> {
    const isOthersTurn = this.#urgent.size === 0 || (this.#urgentStarts >= OTHERS - 1 && this.#waiting.size > 0);
    this.#urgentStarts = isOthersTurn ? 0 : this.#urgentStarts + 1;
    return isOthersTurn ? this.#waiting : this.#urgent;
  }

  #laneOf(key: string): Map<string, number> {
    return this.#options.isUrgent?.(key) === true ? this.#urgent : this.#waiting;
  }

  /** Who waits, and was marked again for something urgent, goes on waiting among the urgent. */
  #isWaiting(key: string): boolean {
    const since = this.#waiting.get(key);
    if (since === undefined) return this.#urgent.has(key);
    const lane = this.#laneOf(key);
    if (lane !== this.#waiting) {
      this.#waiting.delete(key);
      lane.set(key, since);
    }
    return true;
  }

  async #run(key: string, since: number): Promise<void> {
    const item = this.#itemOf(key);
    item.starts -= 1;
    const began = performance.now();
    // A handler that throws before its first wait must not do so inside of `#start`.
    await Promise.resolve();
    try {
      const { again } = await this.#options.handle(key);
      item.failures = 0;
      if (again !== undefined) this.addAfter(key, again);
    } catch (error) {
      item.failures += 1;
      const retryIn = this.#backoff(item.failures);
      this.addAfter(key, retryIn);
      this.#options.onFailure?.(key, error, retryIn);
    }
    this.#running.delete(key);
    this.#options.onHandled?.(key, began - since, performance.now() - began);
    if (this.#dirty.delete(key)) this.add(key);
    this.#start();
  }

  /** Doubled each time, and spread so that what failed together does not come back together. */
  #backoff(failures: number): number {
    const full = Math.min(FIRST_BACKOFF * 2 ** (failures - 1), LAST_BACKOFF);
    return full / 2 + ((this.#options.random ?? Math.random)() * full) / 2;
  }

  #itemOf(key: string): Item {
    const known = this.#items.get(key);
    if (known) return known;
    const item = { failures: 0, starts: BURST, countedAt: performance.now() };
    this.#items.set(key, item);
    return item;
  }

  /** Milliseconds until the name may start again. */
  #pauseOf(key: string): number {
    const item = this.#itemOf(key);
    const now = performance.now();
    item.starts = Math.min(BURST, item.starts + (now - item.countedAt) / INTERVAL);
    item.countedAt = now;
    return item.starts >= 1 ? 0 : Math.ceil((1 - item.starts) * INTERVAL);
  }
}
