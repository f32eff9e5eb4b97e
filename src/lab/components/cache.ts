import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import type { AcquireContext } from "./component.ts";
import { withLock } from "./lock.ts";

type Environment = AcquireContext["env"];

/** `${XDG_CACHE_HOME:-~/.cache}/frota/components` */
export function componentsFolder(env: Environment): string {
  return join(env["XDG_CACHE_HOME"] ?? join(env["HOME"] ?? homedir(), ".cache"), "frota", "components");
}

/** Where a component is cached. A change of version, sources or build options gives it another folder. */
export function cacheFolder(env: Environment, entry: CacheEntry): string {
  return join(componentsFolder(env), `${entry.name}-${entry.version}-${entry.key}`);
}

export interface CacheEntry {
  readonly name: string;
  readonly version: string;
  readonly key: string;
}

/** Short name for what a component is made from: the same parts, in any order, give the same key. */
export function cacheKey(parts: Readonly<Record<string, string | Uint8Array>>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(parts).sort()) {
    const content = createHash("sha256").update(parts[name] ?? "").digest("hex");
    hash.update(`${JSON.stringify(name)} ${content}\n`);
  }
  return hash.digest("hex").slice(0, 12);
}

/** Go's tests, and what they read, are in no program; the installed package has none of them. */
const TESTS = /_test\.go$|^testdata$/;

/** Reads the files below `folder` that a component is made from, by path relative to it. `only` names its first level. */
export async function readSources(folder: string, only: readonly string[]): Promise<Record<string, Uint8Array>> {
  const sources: Record<string, Uint8Array> = {};
  for (const first of only) {
    for (const path of await filesBelow(join(folder, first))) sources[relative(folder, path)] = await readFile(path);
  }
  return sources;
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!entries) return [path];
  const nested = await Promise.all(entries.filter(({ name }) => !TESTS.test(name)).map(({ name }) => filesBelow(join(path, name))));
  return nested.flat();
}

/**
 * Fills the cache folder with what `make` puts into the empty folder that it is given, unless it is there already.
 * Only one process at a time makes an entry, and the folder appears at once with everything in it: an interrupted run
 * leaves no half of it. Resolves to whether `make` was needed.
 */
export async function fillCache(
  folder: string,
  context: AcquireContext,
  make: (empty: string) => Promise<void>,
): Promise<boolean> {
  if (existsSync(folder)) return false;
  const waiting = () => context.progress("waiting for another frota process that is getting the same");
  return withLock(`${folder}.lock`, { signal: context.signal, waiting }, async () => {
    if (existsSync(folder)) return false;
    await removeLeftovers(folder);
    const unfinished = await mkdtemp(`${folder}.unfinished-`);
    try {
      await chmod(unfinished, 0o755); // mkdtemp makes it private
      await make(unfinished);
      await rename(unfinished, folder);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return true;
  });
}

/** What a run that was killed while it held the lock had begun. */
async function removeLeftovers(folder: string): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(`${basename(folder)}.unfinished-`)) continue;
    await rm(join(parent, entry), { recursive: true, force: true });
  }
}
