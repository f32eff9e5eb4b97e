import type { FleetStatus, RolloutStatus, WaveStatus } from "../../decide/status.ts";
import type { OperatedFleet } from "../../engine/operated/read-operated.ts";
import type { Output } from "../context.ts";
import type { Paint } from "../terminal/paint.ts";
import { cutLine } from "../terminal/table.ts";
import { wrapLines } from "../terminal/wrapped-text.ts";

const PHASE_STYLES = {
  Complete: "green",
  Progressing: "cyan",
  RollingBack: "cyan",
  Paused: "yellow",
  Frozen: "yellow",
  Held: "yellow",
  Halted: "red",
} as const satisfies Record<RolloutStatus["phase"], string>;

/** Columns of a wave's bar. */
const BAR = 20;

/** `sha256:ab12…` as people compare digests: its first twelve digits. */
function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}

/** Every rollout of a fleet: its waves with a bar each, what failed, and why it stands where it stands. */
export function rolloutText({ rollouts, frozenUntil }: FleetStatus, paint: Paint): string {
  const blocks = rollouts.map((rollout) => blockOf(rollout, paint));
  const frozen = frozenUntil === undefined ? [] : [paint("yellow", `frozen until ${frozenUntil}`)];
  return [...blocks, ...frozen].map((block) => `${block}\n`).join("\n");
}

/** The same where a terminal's lines are: broken between words. */
export function wrappedRollouts(status: FleetStatus, output: Output, paint: Paint): string {
  return wrapLines(rolloutText(status, paint), output);
}

/** The same as one screen of a terminal: what has no room below is only counted. */
export function rolloutFrame(status: FleetStatus, output: Output, paint: Paint): string {
  const { columns = 80, rows = 24 } = output;
  const lines = wrappedRollouts(status, output, paint).split("\n").slice(0, -1);
  const room = Math.max(2, rows - 1);
  const told = lines.length <= room ? lines : [...lines.slice(0, room - 1), paint("dim", `... and ${lines.length - room + 1} more lines: frota rollout status`)];
  return told.map((line) => `${cutLine(line, columns)}\n`).join("");
}

function blockOf(rollout: RolloutStatus, paint: Paint): string {
  const { channel, digest, openclawVersion, phase, message, waves, done, total } = rollout;
  const version = openclawVersion === undefined ? "" : ` OpenClaw ${openclawVersion}`;
  return [
    `${paint("bold", channel)} ${shortDigest(digest)}${version}  ${paint(PHASE_STYLES[phase], phase)}  ${done} of ${total}`,
    ...(message === "" ? [] : [`  ${message}`]),
    ...waves.map((wave) => `  ${waveLine(wave, paint)}`),
    ...rollout.failedAgents.map(({ name, reason }) => `  ${paint("red", "✗")} ${name}: ${reason}`),
    ...nextWords(rollout).map((words) => `  next: ${words}`),
  ].join("\n");
}

/** What only a person can do about it. */
function nextWords({ phase, operations = [] }: RolloutStatus): string[] {
  if (phase === "Paused") return ["`frota rollout resume` lets it go on"];
  if (phase === "Halted") return ["push a mended image, or try this one again with `frota rollout start`"];
  return phase === "Held" && operations.includes("start") ? ["`frota rollout start` takes it up again"] : [];
}

function waveLine({ name, agents, done, failed }: WaveStatus, paint: Paint): string {
  const share = (count: number) => (agents.length === 0 ? 0 : Math.round((count / agents.length) * BAR));
  const good = share(done);
  const bad = Math.min(BAR - good, failed > 0 ? Math.max(1, share(failed)) : 0);
  const bar = paint("green", "█".repeat(good)) + paint("red", "▒".repeat(bad)) + paint("dim", "░".repeat(BAR - good - bad));
  return `${name.padEnd(10)} ${bar} ${done}/${agents.length}  ${membersText(agents)}`;
}

/** Names as far as they fit on a line; a wave may have hundreds. */
function membersText(agents: readonly string[]): string {
  const shown = agents.slice(0, 6).join(", ");
  return agents.length > 6 ? `${shown}, and ${agents.length - 6} more` : shown;
}

/** What `frota status` says below its table of an operated fleet: nothing where all is as it should be. */
export function fleetText(operated: OperatedFleet | undefined, paint: Paint): string {
  if (!operated) return "";
  const { fleet, isLive } = operated;
  const lines = [
    ...(isLive ? [] : [paint("red", "no controller is live: nothing of the fleet is taken care of (`frota controller status`)")]),
    ...(fleet ? matters(fleet, paint) : []),
  ];
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}

function matters({ frozenUntil, removalsHeld, unreadableRecords = [], rollouts }: FleetStatus, paint: Paint): string[] {
  return [
    ...(frozenUntil === undefined ? [] : [paint("yellow", `frozen until ${frozenUntil}`)]),
    ...(removalsHeld === undefined ? [] : [paint("red", removalsHeld.message)]),
    ...unreadableRecords.map((record) => paint("yellow", `nobody can read ${record}: it counts for nothing`)),
    ...rollouts.filter(({ phase }) => phase !== "Complete").map((rollout) => summary(rollout, paint)),
  ];
}

function summary({ channel, digest, phase, done, total, message }: RolloutStatus, paint: Paint): string {
  return `rollout of ${channel} ${shortDigest(digest)}: ${paint(PHASE_STYLES[phase], phase)}, ${done} of ${total}${message === "" ? "" : `: ${message}`}`;
}
