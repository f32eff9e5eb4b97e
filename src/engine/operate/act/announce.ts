import { createHash } from "node:crypto";
import type { Announcement } from "../../../decide/action.ts";
import type { Cluster } from "../../../cluster/cluster.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { textAt } from "../../../spec/plain-field.ts";

/** What an Event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
}

/** The subject that a Fleet or an Agent is. */
export function subjectOf(object: Manifest, namespace: string): EventSubject {
  const uid = textAt(object, "metadata", "uid");
  return { apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name, namespace, ...(uid === undefined ? {} : { uid }) };
}

/** An Event with the same words within this time is counted up, not made anew: milliseconds. */
const SAME = 600_000;
/** Counting up is itself a write: no more often than this, in milliseconds. */
const COUNT_EVERY = 60_000;
/** Events about one subject: so many at once, then one each interval (milliseconds). */
const BURST = 25;
const INTERVAL = 10_000;
/** So many kinds of words are remembered. */
const REMEMBERED = 2_000;

interface Written {
  readonly name: string;
  readonly first: string;
  count: number;
  at: number;
}

/** Writes Kubernetes Events, the same words as one Event with a count, and never more than the API server should bear. */
export class Announcer {
  readonly #cluster: Cluster;
  readonly #instance: string;
  readonly #now: () => number;
  readonly #written = new Map<string, Written>();
  readonly #budgets = new Map<string, { left: number; at: number }>();

  constructor(cluster: Cluster, instance: string, now: () => number) {
    this.#cluster = cluster;
    this.#instance = instance;
    this.#now = now;
  }

  /** Tells it, unless it was told a moment ago. An Event is a courtesy: what fails here fails nothing else. */
  async announce(subject: EventSubject, { severity, reason, message }: Announcement): Promise<void> {
    const now = this.#now();
    const key = [subject.kind, subject.name, severity, reason, message].join("\n");
    const known = this.#written.get(key);
    const isSame = known !== undefined && now - known.at < SAME;
    if (isSame) {
      known.count += 1;
      if (now - known.at < COUNT_EVERY) return;
    }
    if (!this.#mayWrite(`${subject.kind}/${subject.name}`, now)) return;
    const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
    const written = isSame ? known : { name: eventName(subject, key, now), first: time, count: 1, at: now };
    written.at = now;
    this.#remember(key, written);
    const reference = { apiVersion: "v1", kind: "Event", namespace: subject.namespace };
    try {
      if (isSame) await this.#cluster.mergePatch({ ...reference, name: written.name }, { count: written.count, lastTimestamp: time });
      else await this.#cluster.create(this.#event(subject, { severity, reason, message }, written));
    } catch {
      this.#written.delete(key);
    }
  }

  #event(subject: EventSubject, { severity, reason, message }: Omit<Announcement, "type">, { name, first }: Written) {
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: subject.namespace },
      involvedObject: subject,
      type: severity,
      reason,
      // The API server refuses longer ones.
      message: message.slice(0, 1024),
      source: { component: "frota-controller", host: this.#instance },
      reportingComponent: "frota-controller",
      reportingInstance: this.#instance,
      firstTimestamp: first,
      lastTimestamp: first,
      count: 1,
    };
  }

  #mayWrite(subject: string, now: number): boolean {
    const budget = this.#budgets.get(subject) ?? { left: BURST, at: now };
    const left = Math.min(BURST, budget.left + (now - budget.at) / INTERVAL);
    this.#budgets.set(subject, { left: Math.max(0, left - 1), at: now });
    return left >= 1;
  }

  /** The least recently written words are forgotten first. */
  #remember(key: string, written: Written): void {
    this.#written.delete(key);
    this.#written.set(key, written);
    if (this.#written.size <= REMEMBERED) return;
    const [oldest] = this.#written.keys();
    if (oldest !== undefined) this.#written.delete(oldest);
  }
}

/** As client-go: the subject's name and a suffix that no other Event has. */
function eventName(subject: EventSubject, key: string, now: number): string {
  return `${subject.name}.${createHash("sha256").update(`${key}\n${now}`).digest("hex").slice(0, 16)}`;
}
