import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { findRepository } from "../../repository/find-repository.ts";
import { textAt } from "../../spec/plain-field.ts";

/** The little of a fleet repository that looking at a cluster needs. */
export interface RepositoryGlance {
  readonly namespace: string | undefined;
  /** Names of the folders that hold an agent. */
  readonly agents: readonly string[];
}

/** Reads a repository's namespace and agents, without checking it; undefined where there is none. */
export async function glanceAtRepository(cwd: string, explicit?: string): Promise<RepositoryGlance | undefined> {
  let root: string;
  try {
    root = await findRepository(cwd, explicit);
  } catch (error) {
    if (explicit !== undefined) throw error;
    return undefined;
  }
  const [text, entries] = await Promise.all([
    readFile(join(root, "fleet.yaml"), "utf8"),
    readdir(root, { withFileTypes: true }),
  ]);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = await Promise.all(folders.map((name) => isAgent(join(root, name))));
  const fleet: unknown = parse(text, { logLevel: "silent" });
  return { namespace: textAt(fleet, "metadata", "namespace"), agents: folders.filter((_name, index) => found[index]) };
}

async function isAgent(folder: string): Promise<boolean> {
  return access(join(folder, "agent.yaml")).then(
    () => true,
    () => false,
  );
}
