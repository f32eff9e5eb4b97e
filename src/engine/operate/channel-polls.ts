import { delay } from "../../cluster/transport.ts";
import { durationMilliseconds } from "../../spec/duration.ts";
import { digestOf } from "../observe/agent-facts.ts";
import type { ActContext } from "./act/context.ts";
import { resolveChannels } from "./act/resolve-channels.ts";
import { OPERATED } from "./annotations.ts";
import { desiredAgent, validFleet } from "./desired.ts";
import type { FleetCache } from "./fleet-cache.ts";

/** Milliseconds. No question follows another sooner, whoever asks for it. */
const SHORTEST = 2_000;
const INTERVAL = 60_000;

/** Asks the registry what the fleet's tags mean: one small question for each tag and interval, however many agents follow it. */
export class ChannelPolls {
  readonly #context: ActContext;
  readonly #onChange: () => void;
  readonly #signal: AbortSignal;
  #checking: Promise<void> | undefined;
  #checkedAt = -Infinity;
  #soon = new AbortController();

  constructor(context: ActContext, onChange: () => void, signal: AbortSignal) {
    this.#context = context;
    this.#onChange = onChange;
    this.#signal = signal;
  }

  start(): void {
    void this.#run();
  }

  /** Asks without waiting for the interval's end. */
  soon(): void {
    this.#soon.abort();
  }

  /** Asks, as soon as that may be: by a question that begins now or later, because one that is under way may not know of the newest push. */
  async check(): Promise<void> {
    await this.#checking;
    await delay(Math.max(0, this.#checkedAt + SHORTEST - performance.now()), this.#signal).catch(() => undefined);
    if (this.#signal.aborted) return;
    this.#checking ??= this.#ask().finally(() => {
      this.#checkedAt = performance.now();
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      await delay(this.#interval(), AbortSignal.any([this.#signal, this.#soon.signal])).catch(() => undefined);
      if (this.#soon.signal.aborted) await delay(SHORTEST, this.#signal).catch(() => undefined);
      // Before the question: who asks for one meanwhile gets the next.
      this.#soon = new AbortController();
      if (!this.#signal.aborted) await this.check();
    }
  }

  async #ask(): Promise<void> {
    const { cache, memory, registry } = this.#context;
    const fleet = validFleet(cache);
    if (!fleet) return;
    const { repository, tag } = fleet.spec.image;
    const { tags, digests } = wantedImages(cache);
    const isChanged = await resolveChannels(memory, { repository, tags: [...new Set([tag, ...tags])], digests: [...digests], options: registry });
    if (isChanged) this.#onChange();
  }

  #interval(): number {
    const fleet = validFleet(this.#context.cache);
    return fleet ? Math.max(durationMilliseconds(fleet.spec.rollout.checkInterval), SHORTEST) : INTERVAL;
  }
}

/** Tags that agents follow by themselves, and digests that they are pinned to, run, or would go back to. */
function wantedImages(cache: FleetCache): { readonly tags: ReadonlySet<string>; readonly digests: ReadonlySet<string> } {
  const tags = new Set<string>();
  const digests = new Set<string>();
  for (const { metadata } of cache.agents()) {
    const desired = desiredAgent(cache, metadata.name);
    const image = desired && !("invalid" in desired) ? desired.agent.spec.image : {};
    if (image.digest !== undefined) digests.add(image.digest);
    else if (image.tag !== undefined) tags.add(image.tag);
    const previous = digestOf(cache.deployment(metadata.name)?.manifest.metadata.annotations?.[OPERATED.previousDigest]);
    for (const digest of [previous, ...cache.pods(metadata.name).map(({ facts }) => facts.digest)]) if (digest !== undefined) digests.add(digest);
  }
  return { tags, digests };
}
