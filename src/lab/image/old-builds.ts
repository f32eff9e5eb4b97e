import { z } from "zod";
import { buildah, runPrivately, type ImageWorkshop } from "./workshop.ts";

/** Name in the workshop's storage of what was built; the tag is the build's key. */
export const BUILDS = "localhost/frota/build";
/** Builds that are kept, so that going back and forth between a few stays quick. */
const KEPT = 3;

const imagesSchema = z.array(z.object({ names: z.array(z.string()).nullish(), created: z.number() }));

/** Removes all but the newest builds, with the layers that only they have. A failure to do so harms nothing. */
export async function forgetOldBuilds(workshop: ImageWorkshop): Promise<void> {
  const command = await buildah(workshop);
  const list = await runPrivately(workshop, [...command, "images", "--json"]);
  const images = imagesSchema.safeParse(list.failed ? [] : JSON.parse(list.stdout || "[]")).data ?? [];
  const old = images
    .map(({ names, created }) => ({ created, names: (names ?? []).filter((name) => name.startsWith(`${BUILDS}:`)) }))
    .filter(({ names }) => names.length > 0)
    .sort((left, right) => right.created - left.created)
    .slice(KEPT)
    .flatMap(({ names }) => names);
  if (old.length > 0) await runPrivately(workshop, [...command, "rmi", ...old]);
  await runPrivately(workshop, [...command, "rmi", "--prune"]);
}
