import type { LogLine } from "./log-line.ts";

/** Milliseconds by which a line may be written later than its time says: the two streams of a container share one file. */
const LATE = 2_000;

/**
 * How far a log has been read. A log that is read again, from {@link since} on, brings lines that were there before: each is
 * taken once, as often as the log has it, whatever the order in which they come.
 */
export class LogPosition {
  /** How often each line of the last seconds was taken. */
  readonly #taken = new Map<string, number>();
  #met = new Map<string, number>();
  #newest = 0;
  #earliest = "";

  /** Where to read on, in RFC 3339; undefined when nothing was read yet. */
  get since(): string | undefined {
    return this.#newest === 0 ? undefined : new Date(Math.floor((this.#newest - LATE) / 1000) * 1000).toISOString();
  }

  /** Lines before this one's time are not wanted, though they come when the log is read again. */
  startAt(line: LogLine | undefined): void {
    this.#earliest = line?.at ?? "";
  }

  /** Call it when the log is opened again. */
  begin(): void {
    this.#met = new Map();
  }

  /** Whether the line is one that was not taken before. */
  take(line: LogLine): boolean {
    const time = Date.parse(line.at);
    if (Number.isNaN(time)) return true;
    if (line.at < this.#earliest) return false;
    const key = `${line.at} ${line.text}`;
    const met = (this.#met.get(key) ?? 0) + 1;
    this.#met.set(key, met);
    const taken = this.#taken.get(key) ?? 0;
    if (met <= taken) return false;
    this.#taken.set(key, met);
    if (time > this.#newest) this.#forget(time);
    return true;
  }

  /** What is older than where the log is read on need not be remembered. */
  #forget(newest: number): void {
    this.#newest = newest;
    const kept = new Date(newest - 2 * LATE).toISOString().slice(0, -1);
    for (const lines of [this.#taken, this.#met]) {
      for (const key of lines.keys()) {
        if (key >= kept) break;
        lines.delete(key);
      }
    }
  }
}
