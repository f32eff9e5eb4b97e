import { lstat, mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FrotaError } from "../spec/error.ts";
import type { RepositoryFiles } from "../spec/repository.ts";

/** The paths below `root` at which something is, whatever it is. */
export async function existingPaths(root: string, paths: Iterable<string>): Promise<string[]> {
  const all = [...paths];
  const found = await Promise.all(all.map((path) => isThere(join(root, path))));
  return all.filter((_path, index) => found[index]);
}

/**
 * Writes new files below `root`, which need not be there: all of them or none. Nothing is ever overwritten; `next` is what to do then.
 * Throws FILES_EXIST before anything is written, FILE_NOT_WRITTEN after everything was taken back.
 */
export async function createFiles(root: string, files: RepositoryFiles, next = "move them away, or choose another folder or name"): Promise<void> {
  const existing = await existingPaths(root, files.keys());
  if (existing.length > 0) throw filesExist(existing, next);
  const folders = await missingFolders(root, files.keys());
  const written: string[] = [];
  try {
    for (const [path, text] of files) {
      const target = join(root, path);
      await mkdir(dirname(target), { recursive: true });
      // Exclusive: a file that somebody else made meanwhile stays theirs, and is not among those that are taken back.
      await writeFile(target, "", { flag: "wx" });
      written.push(target);
      await writeFile(target, text);
    }
  } catch (error) {
    await Promise.all(written.map((target) => rm(target, { force: true })));
    for (const folder of folders) await rmdir(folder).catch(() => undefined);
    throw notWritten(root, error);
  }
}

/** Folders that writing makes, the deepest first. */
async function missingFolders(root: string, paths: Iterable<string>): Promise<string[]> {
  const missing = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(join(root, path)); !missing.has(folder) && !(await isThere(folder)); folder = dirname(folder)) missing.add(folder);
  }
  return [...missing].sort((left, right) => right.length - left.length);
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** How many files a message names. */
const NAMED = 8;

function filesExist(paths: readonly string[], next: string): FrotaError {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : "";
  return new FrotaError({
    code: "FILES_EXIST",
    message: `nothing was written, for it would overwrite ${paths.slice(0, NAMED).join(", ")}${more}`,
    next,
    outcome: "refused",
  });
}

function isFileInTheWay(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && "syscall" in cause && cause.syscall === "mkdir" && "code" in cause && (cause.code === "EEXIST" || cause.code === "ENOTDIR");
}

function notWritten(root: string, cause: unknown): FrotaError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (isFileInTheWay(cause)) {
    return new FrotaError({ code: "FILES_EXIST", message: `a file is where a folder belongs: ${cause.path ?? root}`, next: "choose another folder; what had been written was taken back", outcome: "refused" }, { cause });
  }
  const next = "check the folder's permissions and free space; what had been written was taken back";
  return new FrotaError({ code: "FILE_NOT_WRITTEN", message: `a file cannot be written: ${reason}`, where: { file: root }, next }, { cause });
}
