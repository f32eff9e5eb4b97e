import type { Channel } from "../../../decide/fleet-world.ts";
import { checkImage } from "../../../registry/check-image.ts";
import type { RegistryOptions } from "../../../registry/client.ts";
import { resolveDigest, resolveImage } from "../../../registry/image.ts";
import { FrotaError } from "../../../spec/error.ts";
import { concurrently } from "../../concurrently.ts";
import type { KnownImage, Memory } from "../memory.ts";

/** What to ask the registry. */
export interface ChannelCheck {
  /** The fleet's image without tag. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** Digests whose OpenClaw is not known yet. */
  readonly digests: readonly string[];
  readonly options: RegistryOptions;
}

/** Requests to the registry at once. */
const AT_ONCE = 4;

/**
 * Asks the registry what each tag means now: one small request for a tag, and more only for a digest that was never seen. What it
 * says, or why it cannot tell, goes into the memory. Returns whether anything there changed.
 */
export async function resolveChannels(memory: Memory, check: ChannelCheck): Promise<boolean> {
  const changes = await concurrently(check.tags, AT_ONCE, async (tag) => {
    const before = memory.channels.get(tag);
    const after = await resolveChannel(memory, check, tag);
    memory.channels.set(tag, after);
    return !isSame(before, after);
  });
  const unknown = check.digests.filter((digest) => !memory.images.has(digest));
  const learned = await concurrently(unknown, AT_ONCE, (digest) => learn(memory, check, digest));
  for (const tag of memory.channels.keys()) if (!check.tags.includes(tag)) memory.channels.delete(tag);
  return changes.includes(true) || learned.includes(true);
}

async function resolveChannel(memory: Memory, check: ChannelCheck, tag: string): Promise<Channel> {
  try {
    const digest = await resolveDigest(`${check.repository}:${tag}`, check.options);
    return { tag, resolved: memory.images.get(digest) ?? (await readImage(memory, check, digest)) };
  } catch (error) {
    const before = memory.channels.get(tag)?.resolved;
    return { tag, ...(before && { resolved: before }), failure: wordsOf(error) };
  }
}

/** A digest that the registry no longer has stays unknown; what runs of it goes on. */
async function learn(memory: Memory, check: ChannelCheck, digest: string): Promise<boolean> {
  try {
    await readImage(memory, check, digest);
    return true;
  } catch (error) {
    if (!(error instanceof FrotaError)) throw error;
    if (error.code === "IMAGE_NOT_FOUND") memory.images.set(digest, { digest });
    return false;
  }
}

async function readImage(memory: Memory, { repository, options }: ChannelCheck, digest: string): Promise<KnownImage> {
  const image = await resolveImage(`${repository}@${digest}`, options);
  const problem = checkImage(image).find(({ severity }) => severity === "error");
  const known = {
    digest,
    ...(image.openclawVersion === undefined ? {} : { openclawVersion: image.openclawVersion }),
    ...(problem ? { problem: problem.message } : {}),
  };
  memory.images.set(digest, known);
  return known;
}

function wordsOf(error: unknown): string {
  if (error instanceof FrotaError) return error.message;
  throw error;
}

function isSame(one: Channel | undefined, other: Channel): boolean {
  return one?.failure === other.failure && one?.resolved?.digest === other.resolved?.digest && one?.resolved?.problem === other.resolved?.problem;
}
