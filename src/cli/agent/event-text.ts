import type { FleetEvent } from "../../engine/events/fleet-event.ts";
import { AgentColors, plainText } from "../terminal/agent-colors.ts";
import type { Output } from "../context.ts";
import { lineLimit } from "../terminal/line-limit.ts";
import type { Paint } from "../terminal/paint.ts";
import { wrapText } from "../terminal/wrapped-text.ts";

/** Columns that the words have beside the agent at least; where there is less room, they stand below. */
const NARROWEST = 30;
/** Columns before words that stand below. */
const INDENT = 4;
/** What happens to no agent in particular. */
const FLEET = "(fleet)";

/** Writes events as lines: time, agent, what. On a terminal the words are wrapped beside the agent; nothing is cut. */
export class EventLines {
  readonly #output: Output;
  readonly #paint: Paint;
  readonly #colors: AgentColors;

  /** `agents`: those that events may be about; `isWhole`: the fleet itself too. */
  constructor(output: Output, paint: Paint, { agents, isWhole }: { readonly agents: readonly string[]; readonly isWhole: boolean }) {
    this.#output = output;
    this.#paint = paint;
    this.#colors = new AgentColors(paint, agents);
    if (isWhole) this.#colors.pad(FLEET);
  }

  /** The event's text, with its line end. */
  text(event: FleetEvent, now: Date): string {
    const time = timeText(event.time, now);
    const agent = event.agent ?? FLEET;
    const name = event.agent === undefined ? this.#paint("dim", this.#colors.pad(agent)) : this.#colors.name(agent);
    const beside = `${time}  ${this.#colors.pad(agent)}  `.length;
    const columns = lineLimit(this.#output);
    const isBelow = columns - beside < NARROWEST;
    const start = isBelow ? INDENT : beside;
    const words = `${event.severity === "Warning" ? "warning: " : ""}${plainText(event.what)}${timesText(event, now)}`;
    const lines = wrapText(words, columns - start).map((line) => (event.severity === "Warning" ? this.#paint("yellow", line) : line));
    const margin = `\n${" ".repeat(start)}`;
    return `${this.#paint("dim", time)}  ${isBelow ? `${name.trimEnd()}${margin}` : `${name}  `}${lines.join(margin)}\n`;
  }
}

function timesText({ count, first, time }: FleetEvent, now: Date): string {
  if (count === 1) return "";
  return first === time ? ` (${count} times)` : ` (${count} times since ${timeText(first, now)})`;
}

/** `09:12:35` of today, `Nov 22 09:12:35` of another day: local time. */
export function timeText(iso: string, now: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "--:--:--";
  const clock = time.toTimeString().slice(0, 8);
  return time.toDateString() === now.toDateString() ? clock : `${time.toDateString().slice(4, 10)} ${clock}`;
}
