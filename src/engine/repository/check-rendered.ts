import { dirname } from "node:path/posix";
import { isGenerated, RENDERED_FOLDER, renderRepository } from "../../render/repository.ts";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import type { FleetSource, RepositoryFiles } from "../../spec/repository.ts";

const FIX = "run `frota render` and commit what it writes";
const WINDOWS_FIX = "run `frota render`; the line `*.yaml text eol=lf` in .gitattributes keeps Git from making them";
const PLACE = { severity: "error", column: 1 } as const;

/** Compares rendered files with what the repository's source renders to, as text: missing, stale, left over. */
export function checkRendered(source: FleetSource, files: RepositoryFiles): Diagnostic[] {
  const rendered = renderRepository(source);
  return [...findMissing(rendered, files), ...findStale(rendered, files), ...findLeftover(rendered, files)];
}

/** One finding for each folder, at its first missing file. */
function findMissing(rendered: RepositoryFiles, files: RepositoryFiles): Diagnostic[] {
  const missing = Map.groupBy([...rendered.keys()].filter((path) => !files.has(path)), (path) => dirname(path));
  return Array.from(missing, ([folder, paths]) => {
    const message = paths.length === 1 ? "the file is not rendered yet" : `${paths.length} files of ${folder}/ are not rendered yet`;
    return { ...PLACE, code: "RENDERED_MISSING", message, file: paths[0] ?? folder, line: 1, fix: FIX };
  });
}

function findStale(rendered: RepositoryFiles, files: RepositoryFiles): Diagnostic[] {
  return [...rendered].flatMap(([path, text]) => {
    const current = files.get(path);
    if (current === undefined || current === text) return [];
    if (current.replaceAll("\r\n", "\n") === text) return [{ ...PLACE, code: "RENDERED_STALE", message: "the file has Windows line ends", file: path, line: 1, fix: WINDOWS_FIX }];
    return [{ ...PLACE, code: "RENDERED_STALE", message: "the file differs from what its source renders to", file: path, line: firstDifference(current, text), fix: FIX }];
  });
}

/** Rendered once, and no longer: `kubectl apply -f` would go on applying it. Files of other origin are left alone. */
function findLeftover(rendered: RepositoryFiles, files: RepositoryFiles): Diagnostic[] {
  return [...files].flatMap(([path, text]) => {
    const isRenderedFolder = dirname(path) === RENDERED_FOLDER || dirname(path).endsWith(`/${RENDERED_FOLDER}`);
    if (!isRenderedFolder || rendered.has(path) || !isGenerated(text)) return [];
    return [{ ...PLACE, code: "RENDERED_LEFTOVER", message: "nothing renders to this file any more", file: path, line: 1, fix: FIX }];
  });
}

/** The first line, one-based, at which the current text differs; its last one when it only ends too early. */
function firstDifference(current: string, wanted: string): number {
  const [lines, others] = [current.split("\n"), wanted.split("\n")];
  const index = lines.findIndex((line, at) => line !== others[at]);
  return index === -1 ? lines.length : index + 1;
}
