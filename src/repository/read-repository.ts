import { closeSync, openSync, readdirSync, readSync, type Dirent } from "node:fs";
import { Buffer, isUtf8 } from "node:buffer";
import { join } from "node:path";
import { FrotaError } from "../spec/error.ts";
import type { RepositoryFiles } from "../spec/repository.ts";

/** Folders that never belong to a fleet repository's text. */
const IGNORED: ReadonlySet<string> = new Set([".git", "node_modules", ".terraform", "__pycache__", ".venv"]);

/** Bytes; larger files are skipped: a ConfigMap holds 1 MiB, and no file of ours comes near. */
const MAXIMUM_FILE = 2 ** 20;

/** A fleet of 3,000 agents has about 30,000 files. */
const MAXIMUM_FILES = 100_000;

/** A file that was left out, and why. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: "binary" | "too large" | "symbolic link" | "unreadable";
}

/** A repository's text, and what was left out of it. */
export interface RepositoryReading {
  readonly files: RepositoryFiles;
  readonly skipped: readonly SkippedFile[];
}

/** Reads every text file below a repository's root, by path relative to it (with `/`), sorted by path. */
export async function readRepository(root: string): Promise<RepositoryFiles> {
  return (await inspectRepository(root)).files;
}

/**
 * As {@link readRepository}, and tells which files it left out. Symbolic links are not followed. Reads file after file without giving
 * way to anything else: for thousands of small files that takes a quarter of the time.
 */
export async function inspectRepository(root: string): Promise<RepositoryReading> {
  const paths: { path: string; link: boolean }[] = [];
  walk(root, "", paths);
  const files = new Map<string, string>();
  const skipped: SkippedFile[] = [];
  // One for all files: asking for each one's size, and for memory of that size, takes as long as reading it.
  const room = Buffer.allocUnsafe(MAXIMUM_FILE + 1);
  for (const { path, link } of paths) {
    const content = link ? "symbolic link" : readText(join(root, path), room);
    if (typeof content === "string") skipped.push({ path, reason: content });
    else files.set(path, content.text);
  }
  return { files, skipped };
}

function walk(root: string, folder: string, found: { path: string; link: boolean }[]): void {
  const entries = listFolder(join(root, folder));
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !IGNORED.has(entry.name)) walk(root, path, found);
    else if (isLeaf(entry)) found.push({ path, link: entry.isSymbolicLink() });
    if (found.length > MAXIMUM_FILES) {
      throw new FrotaError({ code: "REPOSITORY_TOO_LARGE", message: `the repository has more than ${MAXIMUM_FILES} files`, where: { file: root }, next: "name the fleet's own folder with --repo DIR", outcome: "usage" });
    }
  }
}

function listFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new FrotaError({ code: "REPOSITORY_UNREADABLE", message: "the folder cannot be read", where: { file: folder }, next: "check its permissions" }, { cause: error });
  }
}

function isLeaf(entry: Dirent): boolean {
  return entry.isFile() || entry.isSymbolicLink();
}

function readText(path: string, room: Buffer): { text: string } | "binary" | "too large" | "unreadable" {
  try {
    const length = readBytes(path, room);
    if (length > MAXIMUM_FILE) return "too large";
    const bytes = room.subarray(0, length);
    if (bytes.includes(0) || !isUtf8(bytes)) return "binary";
    return { text: bytes.toString("utf8") };
  } catch {
    return "unreadable";
  }
}

/** How many bytes of a file, at most all that there is room for, are at the beginning of `room` now. */
function readBytes(path: string, room: Buffer): number {
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (let read = -1; read !== 0; length += read) read = readSync(file, room, length, room.length - length, null);
    return length;
  } finally {
    closeSync(file);
  }
}
