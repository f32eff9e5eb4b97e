import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { FrotaError } from "../spec/error.ts";

/**
 * The root of the fleet repository that a command works on: `explicit` (`--repo`) when given, else the nearest folder
 * from `cwd` upwards that holds fleet.yaml itself or in `agents/`.
 * Throws FrotaError NO_REPOSITORY (usage).
 */
export async function findRepository(cwd: string, explicit?: string): Promise<string> {
  if (explicit !== undefined) {
    const root = resolve(cwd, explicit);
    for (const candidate of [root, join(root, "agents")]) if (await isFile(join(candidate, "fleet.yaml"))) return candidate;
    throw notFound(`there is no fleet.yaml in ${explicit}`, await renamed(root));
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const candidate of [folder, join(folder, "agents")]) if (await isFile(join(candidate, "fleet.yaml"))) return candidate;
    if (folder === dirname(folder)) throw notFound("there is no fleet.yaml here, in agents/ or in a folder above", await renamed(resolve(cwd)));
  }
}

/** What to do where the file is there and called otherwise. */
async function renamed(folder: string): Promise<string | undefined> {
  for (const name of ["fleet.yml", join("agents", "fleet.yml")]) if (await isFile(join(folder, name))) return `rename ${name} to fleet.yaml`;
  return undefined;
}

function notFound(message: string, next?: string): FrotaError {
  return new FrotaError({ code: "NO_REPOSITORY", message, next: next ?? "go to the folder of the fleet repository, or name it with --repo DIR; `frota init` writes a new one", outcome: "usage" });
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}
