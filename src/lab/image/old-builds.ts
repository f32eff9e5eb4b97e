import * as z from "zod";
import { buildah, runPrivately, type ImageWorkshop } from "./workshop.ts";

/** Beginning of the names in the workshop's storage of what was built. */
const BUILDS = "localhost/frota/build/";
/** Builds of each image that are kept, so that going back and forth between a few stays quick. */
const KEPT = 3;

/** Name in the workshop's storage of a build for this repository. */
export function buildName(repository: string, key: string): string {
  return `${BUILDS}${repository.slice(repository.lastIndexOf("/") + 1)}:${key.slice(0, 12)}`;
}

const imagesSchema = z.array(z.object({ names: z.array(z.string()).nullish(), created: z.number() }));

/** Removes all but the newest builds of each image, with the layers that only they have. A failure to do so harms nothing. */
export async function forgetOldBuilds(workshop: ImageWorkshop): Promise<void> {
  const command = await buildah(workshop);
  const list = await runPrivately(workshop, [...command, "images", "--json"]);
  const images = imagesSchema.safeParse(list.failed ? [] : JSON.parse(list.stdout || "[]")).data ?? [];
  const builds = images.flatMap(({ names, created }) => (names ?? []).filter((name) => name.startsWith(BUILDS)).map((name) => ({ name, created })));
  const old = [...Map.groupBy(builds, ({ name }) => name.slice(0, name.lastIndexOf(":"))).values()].flatMap((ofOne) =>
    ofOne
      .sort((left, right) => right.created - left.created)
      .slice(KEPT)
      .map(({ name }) => name),
  );
  if (old.length > 0) await runPrivately(workshop, [...command, "rmi", ...old]);
  await runPrivately(workshop, [...command, "rmi", "--prune"]);
}
