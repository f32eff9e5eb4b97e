import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { FrotaError } from "../spec/error.ts";
import type { RepositoryFiles } from "../spec/repository.ts";

/**
 * Writes files below `root`, each whole or not at all (by rename), and only those whose text differs.
 * Returns the paths that were written. A path that leads out of `root` is refused before anything is written.
 */
export async function writeFiles(root: string, files: RepositoryFiles): Promise<string[]> {
  for (const path of files.keys()) {
    if (normalize(path).startsWith("..") || path.startsWith(sep)) {
      const next = "rename what has `..` or a leading slash in its path";
      throw new FrotaError({ code: "PATH_OUTSIDE", message: "the file would be written outside the repository", where: { file: path }, next, outcome: "refused" });
    }
  }
  const written: string[] = [];
  const folders = new Set<string>();
  for (const [path, text] of files) {
    const target = join(root, path);
    if (existsSync(target) && currentText(target) === text) continue;
    writeWhole(target, text, folders);
    written.push(path);
  }
  return written;
}

function currentText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** `folders` are those that were seen to be there. */
function writeWhole(target: string, text: string, folders: Set<string>): void {
  const temporary = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const folder = dirname(target);
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
    writeFileSync(temporary, text);
    renameSync(temporary, target);
  } catch (error) {
    removeIfThere(temporary);
    throw new FrotaError({ code: "FILE_NOT_WRITTEN", message: "the file cannot be written", where: { file: target }, next: "check the folder's permissions and free space" }, { cause: error });
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder that it should have been in is none: there is nothing to remove.
  }
}
