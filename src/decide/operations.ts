import type { FleetAction } from "./action.ts";
import type { FleetOperation, FleetWorld, ImageRevision } from "./fleet-world.ts";
import { channelOf, highest, type ChannelState } from "./revisions.ts";

/** What a person's request comes to. */
export interface OperationOutcome {
  readonly actions: readonly FleetAction[];
  /** It was carried out: acknowledge it. */
  readonly isDone: boolean;
}

const DONE: OperationOutcome = { actions: [], isDone: true };

/**
 * Carries out the fleet's newest request, once: what it did is on the revision that it marked, so it is not done again though the
 * status is lost. `isComplete` says whether a channel's rollout is over.
 */
export function carryOut(world: FleetWorld, states: readonly ChannelState[], isComplete: (state: ChannelState) => boolean): OperationOutcome {
  const { operation, previous } = world;
  if (!operation || previous?.acknowledgedOperation === operation.id) return DONE;
  switch (operation.verb) {
    case "pause":
    case "resume":
      return DONE;
    case "refresh":
      return { actions: [{ type: "resolve-channels" }], isDone: true };
    default:
      return mark(states.find(({ tag }) => tag === channelOf(operation, world)), operation, isComplete);
  }
}

function mark(state: ChannelState | undefined, operation: FleetOperation, isComplete: (state: ChannelState) => boolean): OperationOutcome {
  if (!state || state.revisions.some((revision) => revision.operation === operation.id)) return DONE;
  const marked = operation.verb === "start" ? started(state, operation) : takenBack(state, operation, isComplete(state));
  return marked ? { actions: [{ type: "mark-revision", revision: marked }], isDone: false } : DONE;
}

/** A rejected revision gets another attempt: the one that the tag means, or the highest; failures of earlier attempts no longer count. */
function started({ revisions, channel, head }: ChannelState, operation: FleetOperation): ImageRevision | undefined {
  const meant = revisions.find(({ digest, rejected }) => rejected !== undefined && digest === channel?.resolved?.digest);
  const chosen = meant ?? head ?? highest(revisions, () => true);
  if (!chosen) return undefined;
  const top = highest(revisions, () => true)?.revision ?? chosen.revision;
  const { rejected: _, rejectedReason: __, ...rest } = chosen;
  return { ...rest, operation: operation.id, attempt: chosen.attempt + 1, revision: chosen.revision === top ? top : top + 1 };
}

/** Without anything to go back to, or for an abort without anything under way, only the request is noted. */
function takenBack({ head, revisions }: ChannelState, { id, verb, by }: FleetOperation, isComplete: boolean): ImageRevision | undefined {
  if (!head) return undefined;
  const lower = highest(revisions, ({ revision, rejected }) => rejected === undefined && revision < head.revision);
  const isOver = verb === "abort" && isComplete && head.rejected === undefined;
  if (!lower || isOver) return { ...head, operation: id };
  return { ...head, operation: id, rejected: verb === "abort" ? "aborted" : "undone", rejectedReason: `${verb} by ${by}` };
}
