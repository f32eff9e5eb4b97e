import type { FleetEvent } from "./fleet-event.ts";

/** Milliseconds of silence after which the same thing is news again. */
const QUIET = 600_000;
/** What goes on and on is told again when it happened so many times as often. */
const GROWTH = 10;

interface Thing {
  event: FleetEvent;
  /** How often it had happened when it was last told. */
  told: number;
}

/** Counts what happens again and again, and says which of it is news. An Event is told by its `uid`. */
export class EventTally {
  /** Occurrences that each Event was last seen with. */
  readonly #seen = new Map<string, number>();
  readonly #things = new Map<string, Thing>();

  /** Counts it; returns what is to be told, with the whole count: something new, or something that has become much more. */
  take(uid: string, event: FleetEvent): FleetEvent | undefined {
    const before = this.#things.get(keyOf(event));
    const quietSince = before?.event.time;
    const thing = this.#count(uid, event);
    if (!thing) return undefined;
    const isNews = quietSince === undefined || Date.parse(event.time) - Date.parse(quietSince) > QUIET;
    if (!isNews && thing.event.count < thing.told * GROWTH) return undefined;
    thing.told = thing.event.count;
    return thing.event;
  }

  /** Counts them all and returns one for each thing that happened, in the order of when it last did. */
  summarize(events: readonly (readonly [uid: string, event: FleetEvent])[]): FleetEvent[] {
    const counted = new Set<Thing>();
    for (const [uid, event] of events) {
      const thing = this.#count(uid, event);
      if (thing) counted.add(thing);
    }
    for (const thing of counted) thing.told = thing.event.count;
    return [...counted].map(({ event }) => event).toSorted(byTime);
  }

  /** An Event that the cluster no longer keeps. */
  forget(uid: string): void {
    this.#seen.delete(uid);
  }

  #count(uid: string, event: FleetEvent): Thing | undefined {
    const more = event.count - (this.#seen.get(uid) ?? 0);
    if (more <= 0) return undefined;
    this.#seen.set(uid, event.count);
    const key = keyOf(event);
    const before = this.#things.get(key);
    const thing = before ?? { event, told: 0 };
    if (before) before.event = together(before.event, event, more);
    this.#things.set(key, thing);
    return thing;
  }
}

function together(one: FleetEvent, other: FleetEvent, more: number): FleetEvent {
  const [newest, oldest] = one.time > other.time ? [one, other] : [other, one];
  const first = one.first < oldest.first ? one.first : oldest.first;
  return { ...newest, first, count: one.count + more };
}

function keyOf({ agent, object, severity, reason, what }: FleetEvent): string {
  return [agent, object, severity, reason, what].join("\n");
}

function byTime(one: FleetEvent, other: FleetEvent): number {
  return one.time.localeCompare(other.time) || one.first.localeCompare(other.first);
}
