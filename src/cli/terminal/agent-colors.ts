import { stripVTControlCharacters } from "node:util";
import type { Paint } from "./paint.ts";

/** Without red and dim, which mean something. */
const COLORS = ["cyan", "yellow", "green", "magenta", "blue", "cyanBright", "yellowBright", "greenBright", "magentaBright", "blueBright"] as const;

/** Gives each agent a color of its own, as long as there are enough, and names the same width. */
export class AgentColors {
  readonly #paint: Paint;
  readonly #names: string[];
  #width: number;

  /** `names`: known from the start, in the order in which they get their colors. */
  constructor(paint: Paint, names: readonly string[]) {
    this.#paint = paint;
    this.#names = [...names];
    this.#width = Math.max(0, ...names.map((name) => name.length));
  }

  /** The agent's name in its color, as wide as the longest. */
  name(agent: string): string {
    if (!this.#names.includes(agent)) this.#names.push(agent);
    const color = COLORS[this.#names.indexOf(agent) % COLORS.length] ?? "cyan";
    return this.#paint(color, this.pad(agent));
  }

  /** Another text in the place of a name. */
  pad(text: string): string {
    this.#width = Math.max(this.#width, text.length);
    return text.padEnd(this.#width);
  }
}

/** A text of somebody else's for a terminal: nothing in it moves the cursor or changes colors. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, (control) => (control === "\t" ? control : ""));
}
