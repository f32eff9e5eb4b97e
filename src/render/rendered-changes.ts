import { FrotaError } from "../spec/error.ts";
import type { FleetSource, RepositoryFiles } from "../spec/repository.ts";
import { isGenerated, renderFiles, RENDERED_FOLDER } from "./repository.ts";

/** What rendering does to one file of a fleet repository. */
export interface RenderedChange {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly change: "added" | "changed" | "removed";
  /** The new text; absent when the file goes. */
  readonly text?: string;
}

/**
 * How a repository's rendered files differ from what its Fleet and Agents say, by path; empty when they are current.
 * Files that no longer belong are removed only if they bear the generated header.
 * Throws FrotaError FILE_NOT_GENERATED when a hand-written file is where a rendered one belongs.
 */
export function renderedChanges(files: Pick<RepositoryFiles, "get" | "keys">, source: FleetSource): RenderedChange[] {
  const rendered = new Set<string>();
  const changes: RenderedChange[] = [];
  for (const [path, text] of renderFiles(source)) {
    rendered.add(path);
    const current = files.get(path);
    if (current === text) continue;
    if (current !== undefined && !isGenerated(current)) throw notGenerated(path);
    changes.push({ path, change: current === undefined ? "added" : "changed", text });
  }
  const leftover = [...files.keys()].filter((path) => !rendered.has(path) && isRenderedPath(path) && isGenerated(files.get(path) ?? ""));
  changes.push(...leftover.map((path) => ({ path, change: "removed" as const })));
  return changes.sort((left, right) => (left.path < right.path ? -1 : 1));
}

function isRenderedPath(path: string): boolean {
  const folders = path.split("/").slice(0, -1);
  return folders.length <= 2 && folders.at(-1) === RENDERED_FOLDER;
}

function notGenerated(file: string): FrotaError {
  return new FrotaError({
    code: "FILE_NOT_GENERATED",
    message: "a file that frota did not write is where a rendered one belongs",
    where: { file },
    next: "move what it says to agent.yaml, then remove the file and render again",
    outcome: "refused",
  });
}
