import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** The root of the Git repository that `folder` is in, itself included; undefined where there is none. `folder` need not be there. */
export async function findGitRoot(folder: string): Promise<string | undefined> {
  for (let candidate = resolve(folder); ; candidate = dirname(candidate)) {
    // A file in a worktree or submodule.
    const found = await stat(join(candidate, ".git")).catch(() => undefined);
    if (found) return candidate;
    if (candidate === dirname(candidate)) return undefined;
  }
}
