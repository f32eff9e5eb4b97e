import type { FleetAction } from "../action.ts";
import type { FleetOperation, FleetWorld, ImageRevision } from "../fleet-world.ts";
import { imageWords } from "../agent/restart.ts";
import { channelOf, highest, previousOf, type ChannelState } from "./revisions.ts";
import type { Rollout } from "./rollout.ts";
import type { RolloutVerb } from "../status.ts";

/** What a person's request comes to. */
export interface OperationOutcome {
  readonly actions: readonly FleetAction[];
  /** It was carried out: acknowledge it. */
  readonly isDone: boolean;
}

const DONE: OperationOutcome = { actions: [], isDone: true };

/**
 * Carries out the fleet's newest request, once: what it did is on the revision that it marked, so it is not done again though the
 * status is lost. What would change nothing is only noted.
 */
export function carryOut(world: FleetWorld, states: readonly ChannelState[], rollouts: readonly Rollout[]): OperationOutcome {
  const { operation, previous } = world;
  if (!operation || previous?.acknowledgedOperation === operation.id) return DONE;
  if (operation.verb === "refresh") return { actions: [{ type: "resolve-channels" }], isDone: true };
  const state = states.find(({ tag }) => tag === channelOf(operation, world));
  if (!state) return DONE;
  if (operation.verb === "pause" || operation.verb === "resume") return { actions: [announced(operation, state, "")], isDone: true };
  return mark(state, operation, rollouts.find((rollout) => rollout.state === state));
}

/** What would change something if a person asked for it now. */
export function effectiveVerbs(state: ChannelState, rollout: Rollout | undefined): RolloutVerb[] {
  const { head, takenBack, isPaused } = state;
  const isUnderWay = rollout !== undefined && (!rollout.isComplete || head?.rejected !== undefined);
  const hasPrevious = previousOf(state) !== undefined;
  const verbs: readonly (readonly [RolloutVerb, boolean])[] = [
    ["start", isRetry(state, rollout)],
    [isPaused ? "resume" : "pause", true],
    // Who goes back already is not sent further back by asking twice: that takes an undo.
    ["abort", isUnderWay && hasPrevious && takenBack === undefined],
    ["undo", hasPrevious],
  ];
  return verbs.filter(([, isEffective]) => isEffective).map(([verb]) => verb);
}

/** It was taken back or halted, or agents failed on it. */
function isRetry(state: ChannelState, rollout: Rollout | undefined): boolean {
  const chosen = startable(state);
  return chosen !== undefined && (chosen.rejected !== undefined || (chosen === state.head && (rollout?.failures.length ?? 0) > 0));
}

function mark(state: ChannelState, operation: FleetOperation, rollout: Rollout | undefined): OperationOutcome {
  if (state.revisions.some((revision) => revision.operation === operation.id)) return DONE;
  const isEffective = effectiveVerbs(state, rollout).some((verb) => verb === operation.verb);
  if (!isEffective) return noted(state, operation);
  return operation.verb === "start" ? started(state, operation) : sentBack(state, operation);
}

function noted({ head }: ChannelState, { id }: FleetOperation): OperationOutcome {
  return head ? { actions: [{ type: "mark-revision", revision: { ...head, operation: id } }], isDone: false } : DONE;
}

/** What a start means: of what is rejected the image that the tag means; else what rolls out, or the highest. */
function startable({ revisions, channel, head }: ChannelState): ImageRevision | undefined {
  const meant = revisions.find(({ digest, rejected }) => rejected !== undefined && digest === channel?.resolved?.digest);
  return meant ?? head ?? highest(revisions, () => true);
}

/** Another attempt: failures of earlier ones no longer count. */
function started(state: ChannelState, operation: FleetOperation): OperationOutcome {
  const chosen = startable(state);
  if (!chosen) return DONE;
  const top = highest(state.revisions, () => true)?.revision ?? chosen.revision;
  const { rejected: _, rejectedReason: __, ...rest } = chosen;
  const revision = { ...rest, operation: operation.id, attempt: chosen.attempt + 1, revision: chosen.revision === top ? top : top + 1 };
  return { actions: [{ type: "mark-revision", revision }, announced(operation, state, `: ${imageWords(chosen)} rolls out again`)], isDone: false };
}

function sentBack(state: ChannelState, operation: FleetOperation): OperationOutcome {
  const { head } = state;
  const previous = previousOf(state);
  if (!head || !previous) return DONE;
  const rejected = operation.verb === "abort" ? "aborted" : "undone";
  const revision: ImageRevision = { ...head, operation: operation.id, rejected, rejectedReason: `${rejected} by ${operation.by}` };
  const words = `: agents go back from ${imageWords(head)} to ${imageWords(previous)}`;
  return { actions: [{ type: "mark-revision", revision }, announced(operation, state, words)], isDone: false };
}

const REASONS = {
  start: ["RolloutStarted", "started"],
  pause: ["RolloutPaused", "paused"],
  resume: ["RolloutResumed", "resumed"],
  abort: ["RolloutAborted", "aborted"],
  undo: ["RolloutUndone", "undone"],
} as const satisfies Record<RolloutVerb, readonly [string, string]>;

function announced({ verb, by }: FleetOperation, { tag }: ChannelState, words: string): FleetAction {
  const [reason, done] = REASONS[verb === "refresh" ? "start" : verb];
  return { type: "announce", severity: "Normal", reason, message: `${tag}: ${done} by ${by}${words}` };
}
