import type { Manifest } from "../render/manifest.ts";
import { FrotaError } from "../spec/error.ts";
import type { Cluster, KindReference, Selection, WatchStep } from "./cluster.ts";
import { delay } from "./transport.ts";

/** What an {@link Informer} follows, and what it keeps of it. */
export interface InformerOptions<Kept> {
  readonly cluster: Pick<Cluster, "follow">;
  readonly kind: KindReference;
  /** Within one namespace, or of a cluster-scoped kind: objects are known by their names alone. */
  readonly selection: Selection;
  /** Ends the informer. */
  readonly signal: AbortSignal;
  /** What is kept of an object; undefined for one that is not wanted. */
  readonly slim: (object: Manifest) => Kept | undefined;
  /** Hears of each object that is new, different, or gone (`after` is undefined). It must not throw. */
  readonly onChange?: (name: string, before: Kept | undefined, after: Kept | undefined) => void;
  /** A new version of which the same was kept is no change. */
  readonly isSame?: (before: Kept, after: Kept) => boolean;
  /** Hears why the server cannot be followed now. It is tried again. */
  readonly onProblem?: (problem: string) => void;
  /** A kind that the cluster does not serve has no objects, until it is served. */
  readonly mayBeUnserved?: boolean;
  /** Milliseconds; for what waiting rarely mends: missing rights, kinds that are not served. 30,000 when absent. */
  readonly slowRetry?: number;
}

interface Entry<Kept> {
  readonly resourceVersion: unknown;
  readonly kept: Kept;
}

const SLOW_RETRY = 30_000;

/**
 * A cache of the objects of one kind that is kept current by one watch. Level-triggered: who missed a change hears of the
 * newest state only. There is no periodic relist: a watch that is alive brings bookmarks, one that is not is noticed by
 * their absence, and after an expired place (410) everything is listed again and compared.
 */
export class Informer<Kept> {
  readonly #options: InformerOptions<Kept>;
  readonly #entries = new Map<string, Entry<Kept>>();
  readonly #synced = Promise.withResolvers<void>();
  /** Names met in the list that is under way; absent while none is. */
  #listed: Set<string> | undefined;
  #hasSynced = false;
  #isServed = true;
  #heardAt = performance.now();

  private constructor(options: InformerOptions<Kept>) {
    this.#options = options;
    // Whoever does not wait for it need not handle its end.
    this.#synced.promise.catch(() => undefined);
  }

  /** Begins to follow. */
  static start<Kept>(options: InformerOptions<Kept>): Informer<Kept> {
    const informer = new Informer(options);
    void informer.#run();
    return informer;
  }

  /** The first list is complete. Rejects with the signal's reason when it is aborted before. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** False while the cluster does not serve the kind. */
  get isServed(): boolean {
    return this.#isServed;
  }

  /** How many objects are kept. */
  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Kept | undefined {
    return this.#entries.get(name)?.kept;
  }

  *list(): Generator<Kept, void, undefined> {
    for (const { kept } of this.#entries.values()) yield kept;
  }

  /**
   * Seconds since the server was last heard of: an object, a bookmark or a list. Up to about 60 when all is well and
   * nothing changes.
   */
  stalenessSeconds(): number {
    return (performance.now() - this.#heardAt) / 1000;
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        this.#fail(error);
        await delay(this.#slowRetry(), signal).catch(() => undefined);
      }
    }
    this.#synced.reject(signal.reason);
  }

  async #follow(): Promise<void> {
    const { cluster, kind, selection, signal } = this.#options;
    for await (const step of cluster.follow(kind, selection, signal)) {
      if (step.type === "disconnected") {
        this.#options.onProblem?.(step.reason);
        continue;
      }
      this.#heardAt = performance.now();
      this.#take(step);
    }
  }

  #take(step: Exclude<WatchStep, { type: "disconnected" }>): void {
    if (step.type === "listing") this.#listed = new Set();
    if (step.type === "page") for (const object of step.objects) this.#put(object);
    if (step.type === "changed") this.#put(step.object);
    if (step.type === "removed") this.#remove(step.object.metadata.name);
    if (step.type === "listed") this.#endList();
  }

  #put(object: Manifest): void {
    const { name } = object.metadata;
    this.#listed?.add(name);
    const before = this.#entries.get(name);
    const resourceVersion = object.metadata["resourceVersion"];
    if (before && before.resourceVersion === resourceVersion) return;
    const kept = this.#options.slim(object);
    if (kept === undefined) this.#remove(name);
    else this.#keep(name, before, { resourceVersion, kept });
  }

  #keep(name: string, before: Entry<Kept> | undefined, after: Entry<Kept>): void {
    const isSame = before !== undefined && this.#options.isSame?.(before.kept, after.kept) === true;
    this.#entries.set(name, isSame ? { ...after, kept: before.kept } : after);
    if (!isSame) this.#options.onChange?.(name, before?.kept, after.kept);
  }

  #remove(name: string): void {
    const before = this.#entries.get(name);
    if (!before) return;
    this.#entries.delete(name);
    this.#options.onChange?.(name, before.kept, undefined);
  }

  #endList(): void {
    const gone = [...this.#entries.keys()].filter((name) => this.#listed?.has(name) !== true);
    for (const name of gone) this.#remove(name);
    this.#listed = undefined;
    this.#isServed = true;
    this.#sync();
  }

  #sync(): void {
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #fail(error: unknown): void {
    if (this.#options.signal.aborted) return;
    if (this.#options.mayBeUnserved === true && error instanceof FrotaError && error.code === "KIND_UNKNOWN") {
      this.#heardAt = performance.now();
      this.#isServed = false;
      this.#sync();
      return;
    }
    this.#options.onProblem?.(error instanceof Error ? error.message : String(error));
  }

  #slowRetry(): number {
    return (this.#options.slowRetry ?? SLOW_RETRY) * (1 + Math.random() / 2);
  }
}
