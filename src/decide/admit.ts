import type { FleetAction, FleetDecision } from "./action.ts";
import type { FleetWorld, ImageRevision } from "./fleet-world.ts";
import { completeWords, fleetStatus, haltWords } from "./fleet/fleet-status.ts";
import { grantPermits } from "./fleet/grants.ts";
import { clearLedger } from "./fleet/ledger.ts";
import { carryOut } from "./fleet/operations.ts";
import { activeFreeze } from "./agent/obstacle.ts";
import type { Instant } from "./policy.ts";
import { PrePulls } from "./fleet/pre-pull.ts";
import { definitionToRecord, graceEnd } from "./removal.ts";
import { channelStates, recordResolved, targetOf, type ChannelState } from "./fleet/revisions.ts";
import { forgetRevisions } from "./fleet/revision-history.ts";
import { rolloutOf, type Rollout } from "./fleet/rollout.ts";
import type { FleetStatus } from "./status.ts";
import { survey, type Surveyed } from "./fleet/survey.ts";
import { enumerate } from "./words.ts";
import type { ImageTarget, Permit } from "./world.ts";

/**
 * Who may be disrupted now, how images roll out, and the fleet's whole status. Total. An agent is disrupted only with an
 * entry in the ledger as it was read back from the cluster.
 */
export function admit(world: FleetWorld, now: Instant): FleetDecision {
  const agents = survey(world, now);
  const states = channelStates(world);
  const rollouts = states.map((state) => rolloutOf(state, agents, world.policy)).filter((rollout) => rollout !== undefined);
  const revisions = world.policy.suspended === undefined ? reviseChannels(world, states, rollouts) : NO_REVISIONS;
  const disruptions = world.policy.suspended === undefined ? disrupt(world, { agents, rollouts, now, mayGrant: !revisions.changesTargets }) : untouched(world);
  const status = fleetStatus(
    world,
    { agents, states, rollouts, permits: disruptions.permits, pullProblems: disruptions.pullProblems, ...acknowledgement(world, revisions.isOperationDone) },
    now,
  );
  const wakeAt = earliest([disruptions.wakeAt, ...agents.map(stageWake), freezeEdge(world, now), world.roster && graceEnd(world.roster)], now);
  return {
    actions: [...revisions.actions, ...disruptions.actions, ...completions(world, rollouts), ...rosterActions(world, status), ...unreadableRecords(world, status)],
    status,
    targets: targetsOf(states, revisions.actions),
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
}

interface Revisions {
  readonly actions: readonly FleetAction[];
  readonly isOperationDone: boolean;
  /** What rolls out is about to be something else: nobody is disrupted for what it was. */
  readonly changesTargets: boolean;
}

const NO_REVISIONS: Revisions = { actions: [], isOperationDone: false, changesTargets: false };

function reviseChannels(world: FleetWorld, states: readonly ChannelState[], rollouts: readonly Rollout[]): Revisions {
  const { actions: asked, isDone } = carryOut(world, states, rollouts);
  const marks = asked.some(({ type }) => type === "mark-revision");
  const halts = marks ? [] : rollouts.flatMap(haltActions);
  const records = marks ? [] : states.flatMap((state) => recordResolved(state, world));
  const changesTargets = marks || halts.length > 0 || records.length > 0;
  const actions = [...asked, ...halts, ...records, ...(changesTargets ? [] : [...rollouts.flatMap(provenActions), ...forgetRevisions(world, states)])];
  return { actions, isOperationDone: isDone, changesTargets };
}

function haltActions(rollout: Rollout): FleetAction[] {
  const { isHalted, head, state } = rollout;
  if (!isHalted || head.rejected !== undefined) return [];
  const reason = haltWords(rollout);
  return [
    { type: "mark-revision", revision: { ...head, rejected: "failed", rejectedReason: reason } },
    { type: "announce", severity: "Warning", reason: "RolloutHalted", message: `${state.tag}: ${reason}` },
  ];
}

/** An image that every agent of its channel got to is what they go back to from the next one. */
function provenActions({ head, members, isComplete, isHalted }: Rollout): FleetAction[] {
  if (head.isProven || head.rejected !== undefined || isHalted || !isComplete || !members.some(({ state }) => state === "done")) return [];
  return [{ type: "mark-revision", revision: { ...head, isProven: true } }];
}

interface Disruptions {
  readonly actions: readonly FleetAction[];
  readonly permits: ReadonlyMap<string, Permit>;
  readonly pullProblems: ReadonlyMap<string, string>;
  readonly wakeAt?: Instant;
}

function untouched({ ledger }: FleetWorld): Disruptions {
  return { actions: [], permits: ledger.permits, pullProblems: new Map() };
}

interface DisruptionContext {
  readonly agents: readonly Surveyed[];
  readonly rollouts: readonly Rollout[];
  readonly now: Instant;
  readonly mayGrant: boolean;
}

function disrupt(world: FleetWorld, { agents, rollouts, now, mayGrant }: DisruptionContext): Disruptions {
  const cleared = clearLedger(world, { agents, rollouts, now });
  const prePulls = new PrePulls(world);
  const pullWake = prePulls.forget(rollouts, agents, now);
  const granted = mayGrant ? grantPermits(world, cleared.permits, { agents, rollouts, prePulls, now }) : { permits: NO_PERMITS };
  const isChanged = cleared.isChanged || granted.permits.size > 0;
  const permits = isChanged ? new Map([...cleared.permits, ...granted.permits]) : world.ledger.permits;
  const { resourceVersion } = world.ledger;
  const write: FleetAction = { type: "write-ledger", permits, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  const wakeAt = Math.min(...[cleared.wakeAt, pullWake, granted.wakeAt].map((at) => at ?? Number.POSITIVE_INFINITY));
  return {
    actions: isChanged ? [...prePulls.actions, write] : prePulls.actions,
    permits,
    pullProblems: prePulls.problems,
    ...(Number.isFinite(wakeAt) ? { wakeAt } : {}),
  };
}

const NO_PERMITS: ReadonlyMap<string, Permit> = new Map();

/** Everybody is looked at again when their stage may change by time alone: the status of a suspended agent does not tell. */
function stageWake({ stage }: Surveyed): Instant | undefined {
  return stage.until;
}

/** The status says until when the fleet is frozen. */
function freezeEdge({ policy }: FleetWorld, now: Instant): Instant | undefined {
  return activeFreeze(policy, now)?.to ?? policy.freezes.find(({ from }) => from > now)?.from;
}

function earliest(times: readonly (Instant | undefined)[], now: Instant): Instant | undefined {
  let best: Instant | undefined;
  for (const at of times) if (at !== undefined && at > now && (best === undefined || at < best)) best = at;
  return best;
}

/** Rejections of this turn count at once, recorded images as well; whatever becomes acceptable again counts when it is written. */
function targetsOf(states: readonly ChannelState[], actions: readonly FleetAction[]): Map<string, ImageTarget> {
  const targets = new Map<string, ImageTarget>();
  for (const { tag, revisions } of states) {
    const changed = new Map(actions.flatMap((action) => (action.type === "mark-revision" ? [[action.revision.name, action.revision] as const] : [])));
    const recorded = actions.flatMap((action) => (action.type === "record-revision" && action.revision.channel === tag ? [action.revision] : []));
    const best = targetOf([...revisions.map((revision) => withRejection(revision, changed.get(revision.name))), ...recorded]);
    if (best) targets.set(tag, { digest: best.digest, ...(best.openclawVersion === undefined ? {} : { openclawVersion: best.openclawVersion }) });
  }
  return targets;
}

function withRejection(revision: ImageRevision, changed: ImageRevision | undefined): ImageRevision {
  return revision.rejected === undefined && changed?.rejected !== undefined ? { ...revision, rejected: changed.rejected } : revision;
}

function acknowledgement({ operation, previous }: FleetWorld, isDone: boolean): { readonly acknowledgedOperation?: string } {
  const id = operation && isDone ? operation.id : previous?.acknowledgedOperation;
  return id === undefined ? {} : { acknowledgedOperation: id };
}

/** Who was on the way when the status was last written, and is there now. */
function completions({ previous, policy }: FleetWorld, rollouts: readonly Rollout[]): FleetAction[] {
  if (!previous || policy.suspended !== undefined) return [];
  return rollouts
    .filter(({ isComplete, isHalted }) => isComplete && !isHalted)
    .filter(({ state, head }) => previous.rollouts.some(({ channel, digest, waves }) => channel === state.tag && digest === head.digest && waves.length > 0))
    .map((rollout) => ({ type: "announce", severity: "Normal", reason: rollout.state.takenBack ? "RolloutRolledBack" : "RolloutComplete", message: `${rollout.state.tag}: ${completeWords(rollout)}` }));
}

/** Held removals are announced once; what is declared is put on record when it is whole. */
function rosterActions({ roster, previous, policy }: FleetWorld, { removalsHeld }: FleetStatus): FleetAction[] {
  const isNews = removalsHeld !== undefined && previous?.removalsHeld === undefined;
  const uid = roster && policy.suspended === undefined ? definitionToRecord(roster) : undefined;
  return [
    ...(isNews ? [{ type: "announce", severity: "Warning", reason: "RemovalHeld", message: removalsHeld.message } as const] : []),
    ...(uid === undefined ? [] : [{ type: "record-definition", uid } as const]),
  ];
}

/** What came since is announced. */
function unreadableRecords({ previous }: FleetWorld, { unreadableRecords: found = [] }: FleetStatus): FleetAction[] {
  const known = new Set(previous?.unreadableRecords);
  const news = found.filter((record) => !known.has(record));
  if (news.length === 0) return [];
  return [{ type: "announce", severity: "Warning", reason: "UnreadableRecord", message: `nobody can read ${enumerate(news)}: it counts for nothing` }];
}
