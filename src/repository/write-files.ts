import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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
  for (const [path, text] of files) {
    const target = join(root, path);
    const current = await readFile(target, "utf8").catch(() => undefined);
    if (current === text) continue;
    await writeWhole(target, text);
    written.push(path);
  }
  return written;
}

async function writeWhole(target: string, text: string): Promise<void> {
  const temporary = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new FrotaError({ code: "FILE_NOT_WRITTEN", message: "the file cannot be written", where: { file: target }, next: "check the folder's permissions and free space" }, { cause: error });
  }
}
