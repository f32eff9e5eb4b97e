import type { Cluster, KindReference, Selection, WatchEvent } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";

/** Objects of one kind to follow, under a name of the caller's. */
export interface FollowedKind<Name extends string> {
  readonly name: Name;
  readonly kind: KindReference;
  readonly selection: Selection;
  /** The cluster need not serve this kind; then there are no such objects. */
  readonly isOptional?: boolean;
}

/** What to follow, and where it is kept: one map by object name for each followed kind, empty at first. */
export interface FollowRequest<Name extends string> {
  readonly followed: readonly FollowedKind<Name>[];
  readonly objects: Readonly<Record<Name, Map<string, Manifest>>>;
  /** Hears once of each loss of the connection. */
  readonly onDisconnected: (reason: string) => void;
}

/** Follows objects of several kinds, one watch for each, so that many can wait for what they need. */
export class ObjectsWatch<Name extends string> {
  readonly #request: FollowRequest<Name>;
  readonly #unsynced: Set<Name>;
  readonly #abort = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();
  #isDown = false;
  #version = 0;

  constructor(request: FollowRequest<Name>) {
    this.#request = request;
    this.#unsynced = new Set(request.followed.map(({ name }) => name));
  }

  /** Starts to follow. Ends when `stop` is called. */
  static start<Name extends string>(cluster: Cluster, request: FollowRequest<Name>): ObjectsWatch<Name> {
    const watch = new ObjectsWatch(request);
    for (const followed of request.followed) void watch.#follow(cluster, followed);
    return watch;
  }

  /** Rises with every change. */
  get version(): number {
    return this.#version;
  }

  /** Ends all watches. */
  stop(): void {
    this.#abort.abort();
  }

  /**
   * Calls `look` with the present state, and again after each change, until it returns something. Rejects with the signal's
   * reason when it aborts, and with what ended a watch.
   */
  async until<Result>(look: (objects: FollowRequest<Name>["objects"]) => Result | undefined, signal: AbortSignal): Promise<Result> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    // Nobody may be waiting at that moment.
    aborted.promise.catch(() => undefined);
    signal.addEventListener("abort", onAbort);
    try {
      for (;;) {
        signal.throwIfAborted();
        if (this.#failure) throw this.#failure.error;
        const found = this.#unsynced.size === 0 ? look(this.#request.objects) : undefined;
        if (found !== undefined) return found;
        await Promise.race([this.#changed.promise, aborted.promise]);
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #follow(cluster: Cluster, { name, kind, selection, isOptional }: FollowedKind<Name>): Promise<void> {
    try {
      if (isOptional === true && !(await cluster.serves(kind))) {
        this.#unsynced.delete(name);
        this.#notify();
        return;
      }
      for await (const event of cluster.watch(kind, selection, this.#abort.signal)) {
        if (event.type === "disconnected" && !this.#isDown) this.#request.onDisconnected(event.reason);
        this.#isDown = event.type === "disconnected";
        record(this.#request.objects[name], event);
        if (event.type === "synced") this.#unsynced.delete(name);
        this.#notify();
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#notify();
    }
  }

  #notify(): void {
    this.#version += 1;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function record(objects: Map<string, Manifest>, event: WatchEvent): void {
  if (event.type === "synced") {
    objects.clear();
    for (const object of event.objects) objects.set(object.metadata.name, object);
  }
  if (event.type === "changed") objects.set(event.object.metadata.name, event.object);
  if (event.type === "removed") objects.delete(event.object.metadata.name);
}
