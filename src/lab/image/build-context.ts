import { createHash, randomUUID } from "node:crypto";
import { chmod, copyFile, link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file of an image. */
export interface ImageFile {
  readonly source: string;
  /** Absolute path in the image. */
  readonly target: string;
  readonly executable: boolean;
}

/** What an image is built from. */
export interface ContextSource {
  readonly dockerfile: string;
  readonly files: readonly ImageFile[];
}

/** Where contexts are made: a folder of the machine, which several builds use at once. */
export interface ContextPlace {
  readonly folder: string;
  readonly progress: (text: string) => void;
}

/** What a killed build left is cleared away after so many milliseconds: none takes as long. */
const ABANDONED = 86_400_000;

/**
 * Gives `use` a folder with the Dockerfile and all files below `rootfs`, its own alone: other builds, of this version or another, neither change
 * nor remove it. It is gone afterwards. The files are collected once for each set of them and linked from there, so that finding out that nothing
 * changed copies nothing.
 */
export async function withBuildContext<Result>(place: ContextPlace, source: ContextSource, use: (folder: string) => Promise<Result>): Promise<Result> {
  const own = join(place.folder, `build-${randomUUID()}`);
  const collection = join(place.folder, await keyOf(source));
  try {
    if (!(await linkFiles(source, collection, own))) {
      place.progress("collecting the controller's files");
      await copyFiles(source, own);
      await publish(source, own, collection);
    }
    return await use(own);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** The same for the same files. Large ones are told by size and date, which takes no time; the image's own key is of contents. */
async function keyOf({ dockerfile, files }: ContextSource): Promise<string> {
  const facts = await Promise.all([...files, { source: dockerfile, target: "", executable: false }].map(factsOf));
  return createHash("sha256").update(facts.join("\n")).digest("hex").slice(0, 16);
}

async function factsOf({ source, target, executable }: ImageFile): Promise<string> {
  const { size, mtimeMs } = await stat(source);
  return `${target} ${executable} ${source} ${size} ${mtimeMs}`;
}

/** Whether `from` had all of them. By their list, not by what its folders hold: one that is just cleared away reads as an empty one. */
async function linkFiles(source: ContextSource, from: string, to: string): Promise<boolean> {
  try {
    for (const path of ["Dockerfile", ...source.files.map(inContext)]) {
      await mkdir(dirname(join(to, path)), { recursive: true });
      await link(join(from, path), join(to, path));
    }
    return true;
  } catch (error) {
    if (!isMissing(error)) throw error;
    await rm(to, { recursive: true, force: true });
    return false;
  }
}

async function copyFiles({ dockerfile, files }: ContextSource, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await copyFile(dockerfile, join(to, "Dockerfile"));
  for (const file of files) {
    const path = join(to, inContext(file));
    await mkdir(dirname(path), { recursive: true });
    await copyFile(file.source, path);
    await chmod(path, file.executable ? 0o755 : 0o644);
  }
}

function inContext({ target }: ImageFile): string {
  return join("rootfs", target);
}

/** Makes the files of a build the collection that later ones link from, whole under its name or not there; others' are cleared away. */
async function publish(source: ContextSource, own: string, collection: string): Promise<void> {
  const folder = dirname(collection);
  const old = (await readdir(folder)).filter((name) => name !== basename(collection));
  const unfinished = join(folder, `unfinished-${randomUUID()}`);
  await linkFiles(source, own, unfinished);
  // Someone else may have been faster with the same.
  await rename(unfinished, collection).catch(() => rm(unfinished, { recursive: true }));
  for (const name of old) if (await isLeftover(join(folder, name), name)) await clearAway(folder, name);
}

/** Takes its name away first, so that what has a collection's name is whole also after a death halfway. */
async function clearAway(folder: string, name: string): Promise<void> {
  const nameless = join(folder, `removed-${randomUUID()}`);
  try {
    await rename(join(folder, name), nameless);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await rm(nameless, { recursive: true, force: true });
}

/** Another collection, which nobody builds in; or what a killed build left. */
async function isLeftover(path: string, name: string): Promise<boolean> {
  if (/^[0-9a-f]{16}$/.test(name)) return true;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
