import type { ImageTarget } from "../../src/decide/world.ts";

/** What an image does once it is started. */
type Behavior =
  /** Ready within a minute, and stays so. */
  | "good"
  /** Exits before it touches the state. */
  | "exits"
  /** Migrates the state, runs, and is never ready. */
  | "never-ready"
  /** Ready for a while, then crashes, again and again. */
  | "dies-in-bake"
  /** The pod is ready, but the gateway says that it is not well. */
  | "unhealthy";

/** An image of the registry. */
export interface Image {
  readonly digest: string;
  /** What really is in it; its order is that of the numbers. */
  readonly version: number;
  /** Its labels tell the version. */
  readonly isLabelled: boolean;
  readonly behavior: Behavior;
  /** What its labels say against it. */
  readonly problem?: string;
}

const BEHAVIORS: readonly [Behavior, number][] = [
  ["good", 1], ["good", 1], ["exits", 1], ["good", 2], ["never-ready", 1], ["dies-in-bake", 1], ["exits", 2], ["good", 2],
  ["never-ready", 2], ["dies-in-bake", 2], ["unhealthy", 1], ["good", 3], ["good", 1], ["exits", 3], ["unhealthy", 3], ["good", 3],
];

/** All images that are ever pushed: a mix of good and bad ones, of OpenClaw versions, with and without labels. */
// oxlint-disable-next-line oxc/no-map-spread -- made once
export const IMAGES: readonly Image[] = BEHAVIORS.map(([behavior, version], index) => ({
  digest: `sha256:${index.toString(16).repeat(64)}`,
  version,
  isLabelled: index % 7 !== 5,
  behavior,
  ...(index === 13 ? { problem: "OpenClaw 2026.9.3 does not run on Node 22" } : {}),
}));

const BY_DIGEST = new Map(IMAGES.map((image) => [image.digest, image]));

/** @returns the image of that digest */
export function imageOf(digest: string): Image {
  const image = BY_DIGEST.get(digest);
  if (image === undefined) throw new Error(`no image ${digest}`);
  return image;
}

/** `sha256:3333...` as `3`: for traces. */
export function shortDigest(digest: string | undefined): string {
  return digest === undefined ? "a tag" : (digest[7] ?? "?");
}

const TARGETS = new Map<string, ImageTarget>(
  IMAGES.map((image) => [image.digest, { digest: image.digest, ...(image.isLabelled ? { openclawVersion: versionName(image.version) } : {}) }]),
);

/** The version as OpenClaw writes it. */
export function versionName(version: number): string {
  return `2026.9.${version}`;
}

/** What an engine may know of an image: its digest, and its version where the labels tell. */
export function targetOf(digest: string): ImageTarget {
  return TARGETS.get(digest) ?? { digest };
}
