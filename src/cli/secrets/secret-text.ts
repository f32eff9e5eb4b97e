import type { SecretChain } from "../../plan/secret-chain.ts";
import type { ChainLink } from "../../plan/secret-links.ts";
import type { SecretStep } from "../../plan/secret-proof.ts";
import type { Output } from "../context.ts";
import { formatDuration } from "../terminal/duration.ts";
import type { Paint } from "../terminal/paint.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

const TITLES = { vault: "Vault", sync: "Sync", secret: "Secret", process: "Process", proof: "Proof" } as const;
const COLORS = { ok: "green", waiting: "yellow", unknown: "yellow", broken: "red" } as const;
const STEPS = { vault: "Vault", synced: "synced", process: "process" } as const satisfies Record<SecretStep["step"], string>;

/** Columns of a link's title, and of its state. */
const COLUMN = 9;
const MARGIN = " ".repeat(2 + COLUMN);

/** Where and when a chain is shown. */
export interface ChainView {
  readonly now: Date;
  readonly output: Output;
  readonly paint: Paint;
}

/** The way of one agent's secrets, a paragraph for each link: its state, when it last changed, and what to do. */
export function chainText({ agent, state, links }: SecretChain, view: ChainView): string {
  const { paint } = view;
  return `${paint("bold", agent)}  ${paint(COLORS[state], state)}\n${links.map((link) => linkText(link, view)).join("")}`;
}

function linkText({ link, state, message, at, steps = [], next }: ChainLink, { now, output, paint }: ChainView): string {
  const age = at === undefined ? "" : paint("dim", ` (${formatDuration(now.getTime() - at.getTime())} ago)`);
  const line = wrapParagraph(`${MARGIN}${paint(COLORS[state], state.padEnd(COLUMN))}${message}${age}`, output);
  const below = [...(steps.length > 0 ? [stepsText(steps)] : []), ...(next === undefined ? [] : [`next: ${next}`])];
  return `  ${TITLES[link].padEnd(COLUMN)}${line.slice(MARGIN.length)}${below.map((text) => wrapParagraph(`${MARGIN}  ${text}`, output)).join("")}`;
}

/** `Vault 2026-11-23T12:00:00Z, synced +1.0 s, process +40 s`: each after the one before it. */
function stepsText(steps: readonly SecretStep[]): string {
  return steps
    .map(({ step, at }, index) => {
      const before = steps[index - 1];
      return `${STEPS[step]} ${before === undefined ? isoSeconds(at) : `+${formatDuration(at.getTime() - before.at.getTime())}`}`;
    })
    .join(", ");
}

function isoSeconds(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, "Z");
}
