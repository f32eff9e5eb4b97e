import { createHash, randomUUID } from "node:crypto";
import { chmod, copyFile, link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileExists } from "../file-exists.ts";

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

/** A collection may be cleared away by another build while it is linked: so often it is made again. */
const ATTEMPTS = 5;
/** What a killed build left is cleared away after so many milliseconds: none takes as long. */
const ABANDONED = 86_400_000;

/**
 * Gives `use` a folder with the Dockerfile and all files below `rootfs`, its own alone: other builds, of this version or another, neither change
 * nor remove it. It is gone afterwards. The files are collected once for each set of them and linked from there, so that finding out that nothing
 * changed copies nothing.
 */
export async function withBuildContext<Result>(place: ContextPlace, source: ContextSource, use: (folder: string) => Promise<Result>): Promise<Result> {
  const own = join(place.folder, `build-${randomUUID()}`);
  try {
    await linkCollection(place, source, own);
    return await use(own);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function linkCollection(place: ContextPlace, source: ContextSource, own: string, attempt = 1): Promise<void> {
  const collection = await collect(place, source);
  try {
    await linkTree(collection, own);
  } catch (error) {
    if (!isMissing(error) || attempt === ATTEMPTS) throw error;
    await rm(own, { recursive: true, force: true });
    await linkCollection(place, source, own, attempt + 1);
  }
}

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else await link(source, target);
  }
}

/** The collection of these files; made again only when one of them is another. Those of others are cleared away. */
async function collect({ folder, progress }: ContextPlace, { dockerfile, files }: ContextSource): Promise<string> {
  const facts = await Promise.all([...files.map(factsOf), factsOf({ source: dockerfile, target: "", executable: false })]);
  const key = createHash("sha256").update(facts.join("\n")).digest("hex").slice(0, 16);
  const collection = join(folder, key);
  if (await fileExists(collection)) return collection;
  progress("collecting the controller's files");
  const unfinished = join(folder, `unfinished-${randomUUID()}`);
  for (const { source, target, executable } of files) {
    const path = join(unfinished, "rootfs", target);
    await mkdir(dirname(path), { recursive: true });
    await copyFile(source, path);
    await chmod(path, executable ? 0o755 : 0o644);
  }
  await mkdir(unfinished, { recursive: true });
  await copyFile(dockerfile, join(unfinished, "Dockerfile"));
  const old = await readdir(folder);
  // Someone else may have been faster with the same.
  await rename(unfinished, collection).catch(() => rm(unfinished, { recursive: true }));
  for (const name of old) if (await isLeftover(join(folder, name), name)) await rm(join(folder, name), { recursive: true, force: true });
  return collection;
}

/** Another collection, which nobody builds in; or what a killed build left. */
async function isLeftover(path: string, name: string): Promise<boolean> {
  if (/^[0-9a-f]{16}$/.test(name)) return true;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED;
}

/** Large files by size and date, so that finding out that nothing changed takes no time; the image's own key is of contents. */
async function factsOf({ source, target, executable }: ImageFile): Promise<string> {
  const { size, mtimeMs } = await stat(source);
  return `${target} ${executable} ${source} ${size} ${mtimeMs}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
