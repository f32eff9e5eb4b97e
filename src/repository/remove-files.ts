import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FrotaError } from "../spec/error.ts";

/** Removes files below `root`; one that is already gone is no error. Folders stay. */
export async function removeFiles(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await rm(join(root, path), { force: true }).catch((cause: unknown) => {
      throw new FrotaError({ code: "FILE_NOT_REMOVED", message: "the file cannot be removed", where: { file: path }, next: "check the folder's permissions" }, { cause });
    });
  }
}
