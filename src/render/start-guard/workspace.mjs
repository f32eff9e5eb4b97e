// @ts-check
import * as fs from "node:fs";
import * as path from "node:path";
import { lstatIfPresent, readIfPresent, replaceFile } from "./files.mjs";
import { MODES_KEY, workspacePath } from "./workspace-key.mjs";

/** @typedef {"seed" | "enforce"} WorkspaceMode */

/**
 * Writes the declared workspace files: `seed` only where nothing is, `enforce` at every start. Bytes are copied as they
 * are. A file whose folder is, or lies behind, a link that leaves the volume is skipped and named in the log.
 * @param {{ mounted: string, state: string, log: (line: string) => void }} world `mounted` is the ConfigMap's folder
 */
export function writeWorkspace({ mounted, state, log }) {
  const modes = readModes(path.join(mounted, MODES_KEY));
  const written = [];
  for (const key of fs.existsSync(mounted) ? fs.readdirSync(mounted).sort() : []) {
    const relative = workspacePath(key);
    if (relative === undefined || !isInside(relative)) continue;
    const file = path.join(state, "workspace", relative);
    const content = fs.readFileSync(path.join(mounted, key));
    const outcome = writeWorkspaceFile({ file, state, content, mode: modes.get(relative) ?? "seed" });
    if (outcome === "written") written.push(relative);
    else if (outcome !== "kept") log(`workspace file ${relative} skipped: ${outcome}`);
  }
  if (written.length > 0) log(`workspace files written: ${written.join(", ")}`);
}

/**
 * @param {{ file: string, state: string, content: Uint8Array, mode: WorkspaceMode }} target
 * @returns {string} `written`, `kept`, or why it was skipped
 */
function writeWorkspaceFile({ file, state, content, mode }) {
  const obstacle = makeFolders(path.dirname(file), state);
  if (obstacle !== undefined) return obstacle;
  const found = lstatIfPresent(file);
  if (found?.isDirectory()) return "a folder has its name";
  if (found && mode === "seed") return "kept";
  // A link is replaced, never written through.
  if (found?.isFile() && readIfPresent(file)?.equals(content)) return "kept";
  replaceFile(file, content, { mode: 0o644, temporary: path.join(state, ".frota", "temporary") });
  return "written";
}

/**
 * Makes a folder and those above it, up to the volume.
 * @param {string} folder
 * @param {string} state
 * @returns {string | undefined} what is in the way
 */
function makeFolders(folder, state) {
  const volume = fs.realpathSync(state);
  let current = state;
  for (const segment of path.relative(state, folder).split(path.sep)) {
    current = path.join(current, segment);
    const found = lstatIfPresent(current);
    if (found === undefined) fs.mkdirSync(current, { mode: 0o755 });
    else if (found.isSymbolicLink()) {
      const target = realpathIfPresent(current);
      if (target === undefined) return `${current} is a link to nothing`;
      if (!isInside(path.relative(volume, target))) return `${current} is a link that leaves the volume`;
      if (!fs.statSync(target).isDirectory()) return `${current} is not a folder`;
    } else if (!found.isDirectory()) return `${current} is not a folder`;
  }
  return undefined;
}

/** @param {string} relative */
function isInside(relative) {
  return relative !== "" && !path.isAbsolute(relative) && !relative.split(/[\\/]/).includes("..");
}

/** @param {string} file */
function realpathIfPresent(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} file
 * @returns {Map<string, WorkspaceMode>}
 */
function readModes(file) {
  const text = readIfPresent(file)?.toString();
  return new Map(Object.entries(text === undefined ? {} : JSON.parse(text)));
}
