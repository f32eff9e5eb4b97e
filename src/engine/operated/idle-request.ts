import type { FleetOperation } from "../../decide/fleet-world.ts";
import type { FleetStatus, RolloutStatus, RolloutVerb } from "../../decide/status.ts";
import { shortDigest } from "../../decide/words.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";
import { OPERATED } from "../operate/annotations.ts";
import { parsePlainMap } from "../operate/parse.ts";
import { fleetStatusOf } from "../operate/read-status.ts";
import { suspensionHold, type Hold } from "./hold.ts";

type Asked = Pick<FleetOperation, "verb"> & { readonly channel: string };

/**
 * Why asking this of the fleet would change nothing, judged by what its controller last said: REQUEST_WITHOUT_EFFECT where there is nothing to
 * act on, FLEET_SUSPENDED where nothing is acted on at all. Undefined where it has an effect, or nobody can tell. Pure.
 */
export function idleRequest(fleet: Manifest, asked: Asked): FrotaError | undefined {
  const suspension = suspensionHold(fleet);
  if (suspension) return fleetSuspended(suspension);
  const status = fleetStatusOf(fleet);
  const { verb, channel } = asked;
  return verb === "refresh" || !status || !isAnswered(fleet, status) ? undefined : idleVerb(verb, channel, status);
}

function idleVerb(verb: RolloutVerb, channel: string, status: FleetStatus): FrotaError | undefined {
  const rollout = status.rollouts.find((one) => one.channel === channel);
  if (!rollout) return verb === "pause" && channel === status.tag ? undefined : withoutEffect(verb, unknownWords(channel, status));
  // A controller of an earlier release does not say it.
  if (!rollout.operations || rollout.operations.includes(verb)) return undefined;
  return withoutEffect(verb, REASONS[verb](rollout));
}

/** What the status says is after the newest request: not what that one is about to change. */
function isAnswered({ metadata }: Manifest, { acknowledgedOperation }: FleetStatus): boolean {
  const id = textAt(parsePlainMap(metadata.annotations?.[OPERATED.requestedOperation]), "id");
  return id === undefined || id === acknowledgedOperation;
}

function fleetSuspended({ words, next }: Hold): FrotaError {
  return new FrotaError({ code: "FLEET_SUSPENDED", message: `the controller leaves everything as it is: ${words}`, next, outcome: "refused" });
}

/** What there is to act on, and what to do instead. */
interface Idle {
  readonly why: string;
  readonly next: string;
}

function withoutEffect(verb: RolloutVerb, { why, next }: Idle): FrotaError {
  return new FrotaError({ code: "REQUEST_WITHOUT_EFFECT", message: `there is nothing to ${verb}: ${why}`, next, outcome: "refused" });
}

function unknownWords(channel: string, { rollouts }: FleetStatus): Idle {
  const known = rollouts.map((rollout) => rollout.channel).join(", ");
  return { why: `no image of channel ${channel} is known${known === "" ? "" : `; known are: ${known}`}`, next: "`frota rollout status` shows each channel that agents follow" };
}

const STATUS = "`frota rollout status` shows where it stands";

const REASONS: Readonly<Record<RolloutVerb, (rollout: RolloutStatus) => Idle>> = {
  start: (rollout) => (rollout.phase === "Paused" ? { why: pausedWords(rollout), next: "`frota rollout resume` lets it go on" } : startWords(rollout)),
  pause: (rollout) => ({ why: pausedWords(rollout), next: "`frota rollout resume` lets it go on" }),
  resume: ({ channel, phase, message }) => ({
    why: `${channel} is not paused: ${phase}, ${message}`,
    next: phase === "Halted" ? "`frota rollout start` tries its image again" : STATUS,
  }),
  abort: abortWords,
  undo: (rollout) => ({ why: noPreviousWords(rollout), next: "push the image that the agents are to run; `frota image digest` tells what the tag means now" }),
};

function startWords({ channel, digest, phase, message }: RolloutStatus): Idle {
  if (phase !== "Complete") return { why: `nothing of ${channel} failed or was taken back: ${phase}, ${message}`, next: STATUS };
  return {
    why: `all is done for ${shortDigest(digest)}, no agent failed on it, and nothing newer was aborted or undone`,
    next: "push an image; `frota image refresh` asks the registry at once",
  };
}

function abortWords(rollout: RolloutStatus): Idle {
  const { channel, digest, done, total, phase, message, previousDigest, waves } = rollout;
  if (phase === "RollingBack") return { why: message, next: "`frota rollout status --watch` follows it; `frota rollout start` takes the newer image up again" };
  if (waves.length > 0 && previousDigest === undefined) return { why: noPreviousWords(rollout), next: "`frota rollout pause` lets no further agent move" };
  return {
    why: `no image of ${channel} is rolling out; ${done} of ${total} agents run ${shortDigest(digest)}`,
    next: previousDigest === undefined ? STATUS : `\`frota rollout undo\` takes all agents back to ${shortDigest(previousDigest)}`,
  };
}

function pausedWords({ channel, message }: RolloutStatus): string {
  return `${channel} is ${message}`;
}

function noPreviousWords({ channel, digest }: RolloutStatus): string {
  return `${shortDigest(digest)} is the first image of ${channel} that the controller knows, so there is none to go back to`;
}
