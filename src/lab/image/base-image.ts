import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { resolveDigest } from "../../registry/image.ts";
import { formatReference, parseReference } from "../../registry/reference.ts";
import { FrotaError } from "../../spec/error.ts";
import { nodeImage, type NodeImage } from "./node-line.ts";
import { substituteBase, substituteKey } from "./substitute-base.ts";
import { buildah, runPrivately, type ImageWorkshop } from "./workshop.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** What an image is built from; `scratch` is the empty image, which is nowhere to be had. */
export type Base =
  | { readonly kind: "scratch" }
  | { readonly kind: "registry"; readonly reference: string; readonly digest: string }
  | { readonly kind: "substitute"; readonly image: NodeImage; readonly why: string };

/** How long the base image's registry may take to answer, in milliseconds. */
const PROBE_TIMEOUT = 3000;

/**
 * Finds out what a base image reference means on this machine: what its registry serves now, else what was pulled from it before,
 * else a substitute. Throws IMAGE_NOT_FOUND when the registry says that there is no such image.
 */
export async function locateBase(workshop: ImageWorkshop, reference: string): Promise<Base> {
  if (reference === "scratch") return { kind: "scratch" };
  try {
    const signal = AbortSignal.any([workshop.signal, AbortSignal.timeout(PROBE_TIMEOUT)]);
    return { kind: "registry", reference, digest: await resolveDigest(reference, { signal }) };
  } catch (error) {
    workshop.signal.throwIfAborted();
    if (error instanceof FrotaError && error.code === "IMAGE_NOT_FOUND") throw error;
    const digest = await pulledDigest(workshop, reference);
    if (digest !== undefined) return { kind: "registry", reference, digest };
    const why = error instanceof FrotaError ? error.message : `its registry did not answer within ${PROBE_TIMEOUT / 1000} s.`;
    return { kind: "substitute", image: nodeImage(reference), why };
  }
}

/** What tells one base from another: another identity, another build. */
export function baseIdentity(base: Base): string {
  if (base.kind === "scratch") return "scratch";
  return base.kind === "registry" ? base.digest : `substitute:${substituteKey(base.image)}`;
}

/**
 * Brings a base into the workshop's storage. Resolves to the name to build from and to the base that it is: a substitute where
 * the registry answered, but the pull failed.
 */
export async function fetchBase(workshop: ImageWorkshop, base: Base): Promise<{ base: Base; name: string }> {
  if (base.kind === "scratch") return { base, name: "scratch" };
  if (base.kind === "substitute") return { base, name: await substituteBase(workshop, base.image) };
  const { registry, repository } = parseReference(base.reference);
  const name = formatReference({ registry, repository, tag: undefined, digest: base.digest });
  workshop.progress(`pulling ${base.reference}`);
  const pull = await runPrivately(workshop, [...(await buildah(workshop)), "pull", "--policy", "missing", name]);
  if (!pull.failed) {
    await rememberPulled(workshop, base.reference, base.digest);
    return { base, name };
  }
  const instead: Base = { kind: "substitute", image: nodeImage(base.reference), why: `${base.reference} could not be pulled.` };
  return { base: instead, name: await substituteBase(workshop, instead.image) };
}

/** Digests by reference of what was pulled; storage still has them. */
const pulledSchema = z.record(z.string(), z.string());

function pulledFile(workshop: ImageWorkshop): string {
  return join(workshop.folder, "pulled.json");
}

async function readPulled(workshop: ImageWorkshop): Promise<z.output<typeof pulledSchema>> {
  try {
    return pulledSchema.parse(JSON.parse(await readFile(pulledFile(workshop), "utf8")));
  } catch {
    return {};
  }
}

async function pulledDigest(workshop: ImageWorkshop, reference: string): Promise<string | undefined> {
  return (await readPulled(workshop))[reference];
}

async function rememberPulled(workshop: ImageWorkshop, reference: string, digest: string): Promise<void> {
  await writeFileAtomic(pulledFile(workshop), JSON.stringify({ ...(await readPulled(workshop)), [reference]: digest }));
}
