import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RegistryOptions } from "../../registry/client.ts";
import { resolveImage } from "../../registry/image.ts";
import { FrotaError } from "../../spec/error.ts";
import { withLock } from "../components/lock.ts";
import { consumedArguments } from "./build-arguments.ts";
import { baseIdentity, fetchBase, locateBase, type Base } from "./base-image.ts";
import { BUILD_KEY_LABEL, buildKey, defaultBase, readBuildFolder } from "./build-key.ts";
import { describeStep, failureReason, parseStep } from "./build-output.ts";
import { buildName, forgetOldBuilds } from "./old-builds.ts";
import { pushImage } from "./push-image.ts";
import { authoritiesFolder, buildah, clearWork, prepareWorkshop, runPrivately, type ImageWorkshop } from "./workshop.ts";

/** What {@link buildImage} builds, and where it goes. */
export interface ImageBuild {
  /** Folder with a Dockerfile and all that it copies. */
  readonly folder: string;
  /** Where the image goes, without a tag, by its production name: `registry.digitalocean.com/digitalsys/openclaw-agent`. */
  readonly repository: string;
  /** At least one. The first one's label tells whether there is anything to build. */
  readonly tags: readonly [string, ...string[]];
  /** How the registry is reached, and with what credentials. */
  readonly registry: RegistryOptions;
  /** Build arguments beside those of the Dockerfile, for example OPENCLAW_VERSION. BASE_IMAGE chooses another base. What no ARG declares is left out. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** Further labels; they alone are no reason to build again. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** An image that the registry has. */
export interface BuiltImage {
  /** `unchanged`: the first tag was built from exactly this before; nothing was built or pushed. */
  readonly outcome: "built" | "unchanged";
  readonly repository: string;
  /** The tags that point to it by this call, or that did already. */
  readonly tags: readonly string[];
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The base's reference as asked for. `why`: it could not be had, and a substitute with the same Node line was built from. */
  readonly base: { readonly reference: string; readonly substitute: boolean; readonly why?: string };
}

/**
 * Builds an image and pushes it, unless the registry has what would come of it. Killed at any moment it leaves no process and
 * no mount, and the next call goes on from the last finished step of the Dockerfile.
 * Throws IMAGE_BUILD_FAILED, IMAGE_PUSH_FAILED, BASE_IMAGE_FAILED, BASE_IMAGE_UNAVAILABLE, DOCKERFILE_MISSING, PROGRAM_MISSING, ROOT_NEEDED,
 * and what reading the registry throws.
 */
export async function buildImage(workshop: ImageWorkshop, build: ImageBuild): Promise<BuiltImage> {
  const files = await readBuildFolder(build.folder);
  const dockerfile = await readFile(join(build.folder, "Dockerfile"), "utf8");
  const reference = build.arguments?.["BASE_IMAGE"] ?? defaultBase(dockerfile) ?? missingBase(build.folder);
  const args = consumedArguments(dockerfile, build.arguments ?? {});
  const keyOn = (base: Base) => buildKey(files, { ...args, BASE_IMAGE: reference }, baseIdentity(base));
  const located = await locateBase(workshop, reference);
  // Also before the lock: what is there already need not wait for another image's build.
  const there = await unchanged(build, keyOn(located));
  if (there) return { ...there, base: describeBase(reference, located) };
  const waiting = () => workshop.progress("waiting for another build on this machine");
  return withLock(join(workshop.folder, "lock"), { signal: workshop.signal, waiting }, async () => {
    const existing = await unchanged(build, keyOn(located));
    if (existing) return { ...existing, base: describeBase(reference, located) };
    await prepareWorkshop(workshop);
    const { base, name } = await fetchBase(workshop, located);
    const labels = { ...build.labels, "org.opencontainers.image.base.name": reference, [BUILD_KEY_LABEL]: keyOn(base) };
    const image = buildName(build.repository, keyOn(base));
    await runBuild(workshop, { ...build, arguments: args, labels }, { base: name, image });
    const digest = await pushImage(workshop, build, image);
    await forgetOldBuilds(workshop);
    await clearWork(workshop);
    const pushed = await resolveImage(`${build.repository}@${digest}`, build.registry);
    const { repository, tags } = build;
    return { outcome: "built", repository, tags, digest, labels: pushed.labels, base: describeBase(reference, base) };
  });
}

function describeBase(reference: string, base: Base): BuiltImage["base"] {
  return base.kind === "substitute" ? { reference, substitute: true, why: base.why } : { reference, substitute: false };
}

function missingBase(folder: string): never {
  throw new FrotaError({
    code: "BASE_IMAGE_UNNAMED",
    message: "the Dockerfile names no base image to build from",
    where: { file: join(folder, "Dockerfile") },
    next: "begin it with `ARG BASE_IMAGE=node:22-bookworm` and `FROM ${BASE_IMAGE}`",
    outcome: "refused",
  });
}

/** What the registry has under the first tag, if it was built from the same. */
async function unchanged(build: ImageBuild, key: string): Promise<Omit<BuiltImage, "base"> | undefined> {
  const { repository, tags } = build;
  try {
    const { digest, labels } = await resolveImage(`${repository}:${tags[0]}`, build.registry);
    if (labels[BUILD_KEY_LABEL] !== key) return undefined;
    return { outcome: "unchanged", repository, tags: [tags[0]], digest, labels };
  } catch (error) {
    if (error instanceof FrotaError && error.code === "IMAGE_NOT_FOUND") return undefined;
    throw error;
  }
}

async function runBuild(workshop: ImageWorkshop, build: ImageBuild, names: { base: string; image: string }): Promise<void> {
  const command = await buildah(workshop);
  const authorities = authoritiesFolder(workshop);
  const args = { ...build.arguments, BASE_IMAGE: names.base, ...(authorities && { NODE_EXTRA_CA_CERTS: "/mnt/ca.crt" }) };
  let step = "it did not begin";
  const result = await runPrivately(
    workshop,
    [
      ...command,
      "bud",
      "--isolation=chroot",
      "--network=host",
      // Copies of a whole file system for each of two dozen steps would fill the disk.
      command.includes("vfs") ? "--layers=false" : "--layers",
      // The folder exists in every base image: a mount point made for the build would stay in the image.
      ...(authorities ? ["--volume", `${authorities}:/mnt:ro`] : []),
      ...options("--build-arg", args),
      ...options("--label", build.labels ?? {}),
      `--tag=${names.image}`,
      build.folder,
    ],
    {
      onLine: (line) => {
        const begun = parseStep(line);
        if (begun) workshop.progress((step = describeStep(begun)));
      },
    },
  );
  if (!result.failed) return;
  throw new FrotaError({
    code: "IMAGE_BUILD_FAILED",
    message: `building the image failed (${step}): ${failureReason(result.lines)}`,
    where: { file: workshop.logFile },
    next: "correct the Dockerfile or its arguments and build again: finished steps are kept; nothing was pushed",
  });
}

function options(flag: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
}
