// @ts-check
import * as fs from "node:fs";
import * as path from "node:path";

/**
 * The file's bytes, or undefined when there is none.
 * @param {string} file
 */
export function readIfPresent(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * What is at a path, without following a link at its end; undefined when nothing is.
 * @param {string} file
 */
export function lstatIfPresent(file) {
  return fs.lstatSync(file, { throwIfNoEntry: false });
}

/**
 * Replaces a file in one step: after a crash at any point it is either the old one or the new one, whole and on disk.
 * The temporary file has a fixed name, so that a crash leaves at most one behind and the next write takes it over;
 * the caller must be the only writer (the volume lock).
 * @param {string} file
 * @param {string | Uint8Array} content
 * @param {{ mode: number, temporary: string }} options `temporary` on the same file system as `file`
 */
export function replaceFile(file, content, { mode, temporary }) {
  fs.rmSync(temporary, { force: true });
  const descriptor = fs.openSync(temporary, "wx", mode);
  try {
    fs.writeFileSync(descriptor, content);
    fs.fchmodSync(descriptor, mode);
    fs.fsyncSync(descriptor);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(temporary, file);
  syncFolder(path.dirname(file));
}

/**
 * Makes renames within a folder durable.
 * @param {string} folder
 */
export function syncFolder(folder) {
  const descriptor = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** @param {unknown} error */
function isMissing(error) {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
