import type { Fleet } from "../spec/fleet.ts";
import type { FreezeWindow, Instant } from "./policy.ts";

type Freeze = Fleet["spec"]["disruption"]["freezes"][number];

const DAY = 86_400_000;
const WEEK = 7;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

/**
 * The windows that `now` is in or before, soonest first: a single one as it is, of a weekly one those of the coming week. Throws
 * RangeError for a time zone that is none.
 */
export function freezeWindows(freezes: readonly Freeze[], now: Instant): FreezeWindow[] {
  return freezes
    .flatMap((freeze) => (freeze.from.includes("T") ? [once(freeze)] : weekly(freeze, now)))
    .filter(({ from, to }) => to > now && to > from)
    .toSorted((one, other) => one.from - other.from);
}

function once({ from, to, reason }: Freeze): FreezeWindow {
  return { from: Date.parse(from), to: Date.parse(to), reason };
}

/** One that began yesterday may still last. */
function weekly({ from, to, days, timeZone, reason }: Freeze, now: Instant): FreezeWindow[] {
  const today = localDate(now, timeZone);
  return Array.from({ length: WEEK + 2 }, (_value, index) => today + (index - 1) * DAY)
    .filter((date) => days === undefined || days.some((day) => day === DAYS[new Date(date).getUTCDay()]))
    .map((date) => ({
      from: Math.min(...instantsOf(date + timeOfDay(from), timeZone)),
      to: Math.max(...instantsOf(date + timeOfDay(to) + (to > from ? 0 : DAY), timeZone)),
      reason,
    }));
}

function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return (hours * 60 + minutes) * 60_000;
}

/** Midnight of the day that it is there, as if that place were in UTC. */
function localDate(now: Instant, timeZone: string): number {
  return Math.floor((now + offsetAt(now, timeZone)) / DAY) * DAY;
}

/**
 * When a local time is, which is given as if the place were in UTC: once, twice when clocks go back over it. Skipped when clocks go forward, it is where
 * the clocks of before and of after would have it. Of several, windows take the earliest beginning and the latest end.
 */
function instantsOf(local: number, timeZone: string): number[] {
  const candidates = [-DAY, DAY].map((away) => local - offsetAt(local + away, timeZone));
  const real = candidates.filter((instant) => instant + offsetAt(instant, timeZone) === local);
  return real.length > 0 ? real : candidates;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that local clocks are ahead of UTC. */
function offsetAt(instant: Instant, timeZone: string): number {
  const format = formats.get(timeZone) ?? dateFormat(timeZone);
  formats.set(timeZone, format);
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

function dateFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
}
