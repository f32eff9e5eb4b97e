import { conditionsFrom } from "../agent/conditions.ts";
import type { FleetWorld } from "../fleet-world.ts";
import { effectiveVerbs } from "./operations.ts";
import { activeFreeze, freezeWords } from "../agent/obstacle.ts";
import type { Instant } from "../policy.ts";
import { heldRemovals } from "../removal.ts";
import { imageWords } from "../agent/restart.ts";
import { channelOf, previousOf, type ChannelState } from "./revisions.ts";
import { isOpen, type Rollout, type Wave } from "./rollout.ts";
import type { Condition, FleetStatus, RolloutStatus, WaveStatus } from "../status.ts";
import type { Surveyed } from "./survey.ts";
import type { Permit } from "../world.ts";
import { clockTime, enumerate, isoTime, shortDigest } from "../words.ts";

/** What the status of the fleet is made from. */
export interface FleetFindings {
  readonly agents: readonly Surveyed[];
  readonly states: readonly ChannelState[];
  readonly rollouts: readonly Rollout[];
  readonly permits: ReadonlyMap<string, Permit>;
  /** Why an image does not get to a node, by digest. */
  readonly pullProblems: ReadonlyMap<string, string>;
  readonly acknowledgedOperation?: string;
}

/** The whole status of the fleet. */
export function fleetStatus(world: FleetWorld, findings: FleetFindings, now: Instant): FleetStatus {
  const { agents, states, permits, acknowledgedOperation } = findings;
  const freeze = activeFreeze(world.policy, now);
  const rollouts = states.map((state) => rolloutStatus(world, state, findings, now)).filter((rollout) => rollout !== undefined);
  const ready = agents.filter(isReady).length;
  const removalsHeld = heldRemovals(world.roster, now);
  return {
    observedGeneration: world.generation,
    tag: world.defaultChannel,
    conditions: fleetConditions(world, { agents, rollouts, ...(removalsHeld && { removalsHeld }) }, now),
    agents: { total: agents.length, ready, disrupted: permits.size },
    rollouts,
    disruptions: [...permits].map(([agent, permit]) => ({ agent, cause: causeWords(permit), since: isoTime(permit.grantedAt) })),
    ...(freeze ? { frozenUntil: isoTime(freeze.to) } : {}),
    ...(world.unreadable && world.unreadable.length > 0 ? { unreadableRecords: world.unreadable.slice(0, NAMED) } : {}),
    ...(removalsHeld ? { removalsHeld } : {}),
    ...(acknowledgedOperation === undefined ? {} : { acknowledgedOperation }),
  };
}

/** Unreadable records that the status names. */
const NAMED = 20;

function isReady({ stage }: Surveyed): boolean {
  return stage.isHealthy && stage.reason !== "Checking";
}

function causeWords({ cause, also, image }: Permit): string {
  return [cause === "Image" ? `Image ${shortDigest(image.digest)}` : cause, ...also].join(", ");
}

function rolloutStatus(world: FleetWorld, state: ChannelState, findings: FleetFindings, now: Instant): RolloutStatus | undefined {
  const rollout = findings.rollouts.find((one) => one.state === state);
  const operations = effectiveVerbs(state, rollout);
  if (!rollout) {
    const resting = restingPhase(state, world);
    if (!resting) return undefined;
    const [phase, message] = resting;
    return { channel: state.tag, digest: state.channel?.resolved?.digest ?? "", phase, message, waves: [], done: 0, total: 0, failedAgents: [], operations };
  }
  const { head, members, failures, isComplete } = rollout;
  const previousDigest = previousOf(state)?.digest;
  const [phase, message] = phaseOf(rollout, { world, pullProblem: findings.pullProblems.get(head.digest), now });
  return {
    channel: state.tag,
    digest: head.digest,
    ...(head.openclawVersion === undefined ? {} : { openclawVersion: head.openclawVersion }),
    phase,
    message,
    waves: isComplete ? [] : waveStatuses(rollout.waves),
    done: members.filter((member) => member.state === "done").length,
    total: members.length,
    failedAgents: failures.map(({ agent, words }) => ({ name: agent.world.name, reason: words ?? "" })),
    ...(previousDigest === undefined ? {} : { previousDigest }),
    operations,
  };
}

interface PhaseContext {
  readonly world: FleetWorld;
  readonly pullProblem: string | undefined;
  readonly now: Instant;
}

type PhaseFinding = readonly [phase: RolloutStatus["phase"], message: string];

function phaseOf(rollout: Rollout, context: PhaseContext): PhaseFinding {
  const { state, head, isComplete, isHalted } = rollout;
  if (isHalted) return ["Halted", head.rejectedReason ?? haltWords(rollout)];
  if (isComplete) return restingPhase(state, context.world) ?? ["Complete", completeWords(rollout)];
  return state.isPaused ? ["Paused", pauseWords(state, context.world)] : openPhase(rollout, context);
}

/** Why nothing newer comes, where no agent is on its way. */
function restingPhase(state: ChannelState, world: FleetWorld): PhaseFinding | undefined {
  const { isPaused, heldWords } = state;
  if (isPaused) return ["Paused", [`${pauseWords(state, world)}: no newer image rolls out`, ...(heldWords === undefined ? [] : [heldWords])].join("; ")];
  return heldWords === undefined ? undefined : ["Held", heldWords];
}

/** Who paused it is known while nobody asked for anything else. */
function pauseWords({ tag }: ChannelState, world: FleetWorld): string {
  const { operation } = world;
  return operation?.verb === "pause" && channelOf(operation, world) === tag ? `paused by ${operation.by}` : "paused";
}

function openPhase({ current, head, state: { takenBack, heldWords } }: Rollout, { world, pullProblem, now }: PhaseContext): PhaseFinding {
  if (world.policy.suspended !== undefined) return ["Held", world.policy.suspended];
  const freeze = activeFreeze(world.policy, now);
  if (freeze) return ["Frozen", freezeWords(freeze)];
  if (pullProblem !== undefined) return ["Held", pullProblem];
  const wave = `${current?.name ?? "wave"}: ${enumerate(openNames(current))}`;
  const held = heldWords === undefined ? "" : `; ${heldWords}`;
  return takenBack ? ["RollingBack", `back to ${imageWords(head)}, ${wave}${held}`] : ["Progressing", `${wave}${held}`];
}

function openNames(wave: Wave | undefined): string[] {
  return wave?.members.filter(isOpen).map(({ agent }) => openName(agent)) ?? [];
}

function openName({ world: { name }, stage }: Surveyed): string {
  return stage.name === "baking" && stage.until !== undefined ? `${name} (watched until ${clockTime(stage.until)})` : name;
}

/** `clementina failed on sha256:ab12…: its gateway ended: exit code 1` */
export function haltWords({ failures, head }: Rollout): string {
  const words = failures.map(({ agent, words: why }) => `${agent.world.name} failed on ${shortDigest(head.digest)}: ${why ?? ""}`);
  return enumerate(words, 3);
}

/** Where the agents are once nobody is on the way: `sha256:ab12… is where it goes; failed: clementina` */
export function completeWords({ members, head }: Rollout): string {
  const [leftOut, failed] = [members.filter(({ state, words }) => state === "left-out" && words !== undefined), members.filter(({ state }) => state === "failed")];
  const rest = [
    ...(leftOut.length > 0 ? [`left out: ${enumerate(leftOut.map(({ agent, words }) => `${agent.world.name} (${words ?? ""})`))}`] : []),
    ...(failed.length > 0 ? [`failed: ${enumerate(failed.map(({ agent }) => agent.world.name))}`] : []),
  ];
  return [`${imageWords(head)} is where it goes`, ...rest].join("; ");
}

/** Waves shown one by one: a fleet of thousands has thousands. */
const SHOWN = 10;

function waveStatuses(waves: readonly Wave[]): WaveStatus[] {
  const first = waves.findIndex((wave) => wave.members.some(isOpen));
  const over = waves.slice(0, Math.max(0, first));
  const [kept, shown] = [over.slice(-1), waves.slice(Math.max(0, first), first + SHOWN)];
  const [early, late] = [over.slice(0, -1), waves.slice(first + SHOWN)];
  return [...folded(early), ...[...kept, ...shown].map(waveStatus), ...folded(late)];
}

function folded(waves: readonly Wave[]): WaveStatus[] {
  const [first, last] = [waves[0], waves.at(-1)];
  if (!first || !last) return [];
  if (first === last) return [waveStatus(first)];
  const members = waves.flatMap((wave) => wave.members);
  return [{ ...waveStatus({ name: `${first.name} to ${last.name}`, members }), agents: [] }];
}

function waveStatus({ name, members }: Wave): WaveStatus {
  return {
    name,
    agents: members.map(({ agent }) => agent.world.name),
    done: members.filter(({ state }) => state === "done").length,
    failed: members.filter(({ state }) => state === "failed").length,
  };
}

interface FleetMatters extends Pick<FleetStatus, "rollouts" | "removalsHeld"> {
  readonly agents: readonly Surveyed[];
}

function fleetConditions(world: FleetWorld, { agents, rollouts, removalsHeld }: FleetMatters, now: Instant): Condition[] {
  const wanted = agents.filter((agent) => agent.world.declared);
  const unready = wanted.filter((agent) => !isReady(agent));
  const failed = wanted.filter(({ isFailed }) => isFailed);
  const halted = rollouts.filter(({ phase }) => phase === "Halted");
  const moving = rollouts.filter(({ phase, waves }) => phase !== "Halted" && waves.length > 0);
  const behind = rollouts.filter(({ phase, waves }) => phase === "Held" || (phase !== "Halted" && waves.length > 0));
  const stalledWords = [...(removalsHeld ? [removalsHeld.message] : []), ...halted.map(({ message }) => message)];
  return conditionsFrom(
    [
      ["Ready", readyFinding(unready, failed)],
      ["ImageCurrent", imageFinding([...halted, ...behind])],
      ["Reconciling", unready.length > failed.length || moving.length > 0 ? ["True", "Progressing", "some agents are on their way"] : ["False", "Settled", "nothing is to be done"]],
      ["Stalled", stalledWords.length > 0 ? ["True", removalsHeld ? "RemovalHeld" : "RolloutHalted", enumerate(stalledWords, 3)] : ["False", "Progressing", "nothing is given up"]],
    ],
    { previous: world.previous?.conditions, generation: world.generation, now },
  );
}

type Finding = readonly [status: Condition["status"], reason: string, message: string];

/**
 * An agent that is given up is Stalled itself; the fleet is only not Ready. What mends the agent comes with a generation of the agent, not of the
 * fleet: the fleet would still count as Stalled when its tool looks whether the mend went well.
 */
function readyFinding(unready: readonly Surveyed[], failed: readonly Surveyed[]): Finding {
  if (unready.length === 0) return ["True", "Ready", "all agents serve"];
  if (failed.length === 0) return ["False", "AgentsNotReady", "some agents do not serve"];
  return ["False", "AgentsFailed", enumerate(failed.map(({ world: { name }, stage }) => `${name}: ${stage.message}`), 3)];
}

function imageFinding([first]: readonly RolloutStatus[]): Finding {
  return first ? ["False", first.phase, `${first.channel}: ${first.message}`] : ["True", "Complete", "every agent runs what its tag means"];
}
