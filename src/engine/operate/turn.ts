import type { AgentAction } from "../../decide/action.ts";
import type { Instant } from "../../decide/policy.ts";
import type { ActContext } from "./act/context.ts";
import type { ChannelPolls } from "./channel-polls.ts";
import type { OnOperatorEvent } from "./event.ts";
import type { Handled } from "./queue.ts";
import type { StatusWriter } from "./written-status.ts";

/** What the turns of agents and of the fleet share. */
export interface TurnContext {
  readonly context: ActContext;
  readonly statuses: StatusWriter;
  readonly channels: ChannelPolls;
  readonly onEvent: OnOperatorEvent;
  /** Aborted when nothing may be written any more: the Lease is lost. */
  readonly signal: AbortSignal;
}

/** Milliseconds. What a turn's own writes bring back through the watches is taken together. */
export const SETTLE = 150;
/** Milliseconds after acting until it is checked, should no watch tell of it. */
const VERIFY = 2_000;

/** Why to look again, each absent when there is no such reason. */
export interface LookAgain {
  /** When the decision asks for it, in milliseconds since the epoch. */
  readonly wakeAt?: Instant | undefined;
  /** Something was written, which is to be checked. */
  readonly hasWritten: boolean;
  /** Milliseconds until a status that had to wait may be written. */
  readonly tellIn?: number | undefined;
}

/** When to look again; never at once, so that a decision that repeats itself cannot spin. */
export function lookAgain(now: Instant, { wakeAt, hasWritten, tellIn }: LookAgain): Handled {
  const wakeIn = wakeAt === undefined ? undefined : wakeAt - now;
  const delays = [wakeIn, hasWritten ? VERIFY : undefined, tellIn].filter((delay) => delay !== undefined);
  return delays.length === 0 ? {} : { again: Math.max(Math.min(...delays), SETTLE) };
}

/** Whether the action writes what the watches then bring back. */
export function isWrite({ type }: AgentAction): boolean {
  return type !== "announce" && type !== "check-gateway";
}
