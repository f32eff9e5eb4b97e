import type { FleetAction } from "../action.ts";
import type { Channel, FleetOperation, FleetWorld, ImageRevision } from "../fleet-world.ts";
import { imageWords } from "../agent/restart.ts";
import { present, shortDigest } from "../words.ts";

/** What a channel is at, by its revisions as they stand in the cluster. */
export interface ChannelState {
  readonly tag: string;
  readonly channel?: Channel;
  readonly revisions: readonly ImageRevision[];
  /** What is rolled out, or was until it failed: the newest; once somebody took that back, what was well before. */
  readonly head?: ImageRevision;
  /** For agents that are made now: the newest, or where that is rejected what was well before. */
  readonly target?: ImageRevision;
  /** The newest, where somebody took it back: agents go back to `head`, or did. */
  readonly takenBack?: ImageRevision;
  /** A person paused it, and nobody let it go on. */
  readonly isPaused: boolean;
  /** What the tag means and is not rolled out, and why; in words. */
  readonly heldWords?: string;
}

/** The channels that are followed or known, the fleet's own first. */
export function channelStates(world: FleetWorld): ChannelState[] {
  const tags = new Set([world.defaultChannel, ...world.channels.map(({ tag }) => tag), ...world.revisions.map(({ channel }) => channel)]);
  return [...tags].map((tag) => channelState(world, tag));
}

/** The channel's state once `revisions` are as given. */
function channelState(world: FleetWorld, tag: string): ChannelState {
  const revisions = world.revisions.filter(({ channel }) => channel === tag);
  const channel = world.channels.find((one) => one.tag === tag);
  const newest = highest(revisions, () => true);
  const target = targetOf(revisions);
  // Whoever takes the newest back does not mean one that failed before it.
  const head = newest?.rejected === "failed" ? newest : target;
  const takenBack = newest !== head ? newest : undefined;
  const heldWords = held(channel, revisions);
  const { operation } = world;
  const isPaused = operation?.paused?.includes(tag) ?? (operation?.verb === "pause" && channelOf(operation, world) === tag);
  return { tag, revisions, isPaused, ...present({ channel, head, target, takenBack, heldWords }) };
}

/** What agents go back to when somebody takes `head` back. */
export function previousOf({ head, revisions }: ChannelState): ImageRevision | undefined {
  return head && lastGood(revisions.filter(({ revision }) => revision < head.revision));
}

/** What agents that are made now run: the newest revision, or where that is rejected what was well before. */
export function targetOf(revisions: readonly ImageRevision[]): ImageRevision | undefined {
  const newest = highest(revisions, () => true);
  return newest?.rejected === undefined ? newest : lastGood(revisions);
}

/** Somebody took it back: agents that run it go back, unlike from one that failed elsewhere. */
export function wasTakenBack({ rejected }: ImageRevision): boolean {
  return rejected === "aborted" || rejected === "undone";
}

/** The highest of those whose rollout was complete once, else of all; a rejected one is none. */
function lastGood(revisions: readonly ImageRevision[]): ImageRevision | undefined {
  return highest(revisions, ({ rejected, isProven }) => rejected === undefined && isProven === true) ?? highest(revisions, ({ rejected }) => rejected === undefined);
}

/** The channel that an operation means. */
export function channelOf(operation: FleetOperation, { defaultChannel }: FleetWorld): string {
  return operation.channel ?? defaultChannel;
}

/** Records what the tag means now, if that is news. */
export function recordResolved({ channel, revisions, tag }: ChannelState, world: FleetWorld): FleetAction[] {
  const resolved = channel?.resolved;
  if (!resolved || resolved.problem !== undefined) return [];
  const top = highest(revisions, () => true);
  const known = revisions.find(({ digest }) => digest === resolved.digest);
  if (known) return raised(known, top);
  const { digest, openclawVersion } = resolved;
  const name = revisionName(world, tag, digest);
  const revision: ImageRevision = { name, channel: tag, digest, revision: (top?.revision ?? 0) + 1, attempt: 1, ...present({ openclawVersion }) };
  const message = `${tag} means ${imageWords(revision)}${top ? " now; it rolls out" : ""}`;
  return [{ type: "record-revision", revision }, { type: "announce", severity: "Normal", reason: "ImageResolved", message }];
}

/** The tag moved back to an image that it meant before. */
function raised(known: ImageRevision, top: ImageRevision | undefined): FleetAction[] {
  if (known.rejected !== undefined || !top || known.revision >= top.revision) return [];
  return [{ type: "mark-revision", revision: { ...known, revision: top.revision + 1 } }];
}

/** The highest revision of those that fit. */
export function highest(revisions: readonly ImageRevision[], fits: (revision: ImageRevision) => boolean): ImageRevision | undefined {
  let best: ImageRevision | undefined;
  for (const revision of revisions) if (fits(revision) && (best === undefined || revision.revision > best.revision)) best = revision;
  return best;
}

function held(channel: Channel | undefined, revisions: readonly ImageRevision[]): string | undefined {
  if (!channel) return undefined;
  const { resolved, failure, tag } = channel;
  if (!resolved) return failure === undefined ? undefined : `nobody knows what ${tag} means: ${failure}`;
  if (resolved.problem !== undefined) return `${tag} means ${imageWords(resolved)}, which is not rolled out: ${resolved.problem}`;
  const known = revisions.find(({ digest }) => digest === resolved.digest);
  return known && wasTakenBack(known) ? `${tag} means ${imageWords(known)}, which was ${known.rejectedReason ?? known.rejected}` : undefined;
}

/** Two channels may mean the same digest, but no two revisions may have one name. */
function revisionName({ name = "fleet", revisions }: FleetWorld, tag: string, digest: string): string {
  const plain = `${name}-image-${shortDigest(digest).slice("sha256:".length)}`;
  return revisions.some((revision) => revision.name === plain) ? `${plain}-${textHash(tag)}` : plain;
}

/** FNV-1a, 32 bits, hexadecimal. */
function textHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
