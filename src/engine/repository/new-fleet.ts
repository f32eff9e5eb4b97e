import { join, relative, resolve, sep } from "node:path";
import { renderRepository } from "../../render/repository.ts";
import { scaffoldFleet, type FleetChoices } from "../../render/scaffold-fleet.ts";
import { createFiles, existingPaths } from "../../repository/create-files.ts";
import { findGitRoot } from "../../repository/find-git-root.ts";
import { findRepository } from "../../repository/find-repository.ts";
import { assembleFleet } from "../../spec/assemble.ts";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import { FrotaError } from "../../spec/error.ts";
import type { FleetSource, RepositoryFiles } from "../../spec/repository.ts";
import { checkOpenClaw } from "./check-repository.ts";

/** Where a new fleet's repository goes. */
export interface FleetPlace {
  /** Folder of fleet.yaml. */
  readonly root: string;
  /** Root of the Git repository: where the workflow has to be. The folder itself where there is no Git repository yet. */
  readonly gitRoot: string;
  readonly isInGit: boolean;
  /** Of `root` below `gitRoot`; empty when they are the same. */
  readonly folder: string;
  /** Folder of Frota's JSON Schemas, from `root`; absent where the Git repository has not installed Frota. */
  readonly schemas?: string;
}

/** Files that a repository often has: its own are kept. */
const OPTIONAL_FILES = ["README.md", ".gitignore"];

/** What was made. */
export interface NewFleet {
  readonly source: FleetSource;
  /** Paths below the Git repository's root, in the order of writing. */
  readonly written: readonly string[];
  /** Files that the repository had already, and keeps. */
  readonly kept: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** Finds out where a new fleet would go. Throws FLEET_EXISTS where one is in the way. */
export async function placeFleet(cwd: string, directory: string): Promise<FleetPlace> {
  const root = resolve(cwd, directory);
  const existing = await findGitRoot(root);
  const gitRoot = existing ?? root;
  const other = await findRepository(root).catch(() => undefined);
  if (other !== undefined && (isWithin(root, other) || isWithin(other, root))) throw fleetExists(other);
  const schemas = join(gitRoot, "node_modules/frota/schemas");
  const [installed] = await existingPaths(schemas, ["fleet.json"]);
  const place = { root, gitRoot, isInGit: existing !== undefined, folder: slashes(relative(gitRoot, root)) };
  return { ...place, ...(installed !== undefined && { schemas: slashes(relative(root, schemas)) }) };
}

/**
 * Writes a new fleet's repository, rendered files included: all or nothing. What is written passes every check first.
 * Throws INIT_INVALID, FILES_EXIST, FILE_NOT_WRITTEN.
 */
export async function createFleet(place: FleetPlace, choices: FleetChoices, withWorkflow: boolean): Promise<NewFleet> {
  const { fleet, git } = scaffoldFleet(choices, place);
  const { source, warnings } = await checked(fleet);
  const below = (path: string) => (place.folder === "" ? path : `${place.folder}/${path}`);
  const all = new Map([
    ...[...fleet, ...renderRepository(source)].map(([path, text]): [string, string] => [below(path), text]),
    ...[...git].filter(([path]) => withWorkflow || !path.startsWith(".github/")),
  ]);
  const kept = await existingPaths(place.gitRoot, OPTIONAL_FILES.map((path) => (path === "README.md" ? below(path) : path)));
  for (const path of kept) all.delete(path);
  await createFiles(place.gitRoot, all, "move them away, or choose another folder; --no-workflow leaves .github/ out");
  return { source, written: [...all.keys()], kept, warnings };
}

async function checked(files: RepositoryFiles): Promise<{ source: FleetSource; warnings: readonly Diagnostic[] }> {
  const assembly = assembleFleet(files);
  const found = [...assembly.diagnostics, ...(await checkOpenClaw(assembly))];
  const error = found.find(({ severity }) => severity === "error");
  if (assembly.source && !error) return { source: assembly.source, warnings: found };
  throw new FrotaError({
    code: "INIT_INVALID",
    message: `nothing was written, for the fleet would not be valid: ${error?.message ?? "it has no Fleet"}`,
    next: error?.fix ?? "give other values",
    outcome: "usage",
  });
}

function slashes(path: string): string {
  return path.split(sep).join("/");
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(folder, sep));
}

function fleetExists(root: string): FrotaError {
  return new FrotaError({
    code: "FLEET_EXISTS",
    message: "there is a fleet already",
    where: { file: join(root, "fleet.yaml") },
    next: "`frota new NAME` adds an agent to it; another fleet needs a folder outside of it",
    outcome: "refused",
  });
}
