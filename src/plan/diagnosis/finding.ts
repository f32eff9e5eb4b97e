import type { Observed } from "../secret-observations.ts";
import type { AgentObservation, EventObservation } from "./observation.ts";

/** What was seen that shows a finding. */
export interface Evidence {
  /** Where: `event FailedMount of Pod/clovis-5d9f`, `last words`. */
  readonly from: string;
  readonly text: string;
  readonly at?: Date;
}

/** One thing that is wrong with an agent (or that explains how it is), recognized. */
export interface Finding {
  /** Stable, UPPER_SNAKE_CASE. */
  readonly code: string;
  /** Goes on after "clovis is down: ". */
  readonly message: string;
  /** `down`: it keeps the agent from serving; `impaired`: it serves, and not all works; `notice`: it is so on purpose, or passes by itself. */
  readonly effect: "down" | "impaired" | "notice";
  readonly evidence: readonly Evidence[];
  /** What to do, one sentence or command each, in order; none where there is nothing to do. */
  readonly next: readonly string[];
}

/** Recognizes some kinds of trouble. Pure; `now` is the present time. */
export type Recognizer = (observation: AgentObservation, now: Date) => readonly Finding[];

/** What was found; undefined for what is not there or not known. */
export function valueOf<Value>(observed: Observed<Value>): Value | undefined {
  return observed.state === "found" ? observed.value : undefined;
}

/** The newest warning about an object with one of these reasons. */
export function lastWarning({ events }: AgentObservation, object: string | undefined, reasons: RegExp): EventObservation | undefined {
  return valueOf(events)?.findLast((event) => event.isWarning && event.object === object && reasons.test(event.reason));
}

/** An event as evidence. */
export function eventEvidence(event: EventObservation | undefined): Evidence[] {
  if (!event) return [];
  return [{ from: `event ${event.reason} of ${event.object}`, text: oneLine(event.message), ...(event.at === undefined ? {} : { at: event.at }) }];
}

/** Somebody else's words on one line, cut where they are too long to read. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}

/** Characters: the longest sentence of the start guard, and most events, fit. */
const MAX_WORDS = 400;
