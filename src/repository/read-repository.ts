import { readdir, readFile, stat } from "node:fs/promises";
import type { Dirent } from "node:fs";
import { isUtf8 } from "node:buffer";
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

/** As {@link readRepository}, and tells which files it left out. Symbolic links are not followed. */
export async function inspectRepository(root: string): Promise<RepositoryReading> {
  const paths: { path: string; link: boolean }[] = [];
  await walk(root, "", paths);
  const files = new Map<string, string>();
  const skipped: SkippedFile[] = [];
  const read = await mapLimited(paths, 32, async ({ path, link }) => ({ path, content: link ? ("symbolic link" as const) : await readText(join(root, path)) }));
  for (const { path, content } of read) {
    if (typeof content === "string") skipped.push({ path, reason: content });
    else files.set(path, content.text);
  }
  return { files, skipped };
}

async function walk(root: string, folder: string, found: { path: string; link: boolean }[]): Promise<void> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    throw new FrotaError({ code: "REPOSITORY_UNREADABLE", message: "the folder cannot be read", where: { file: join(root, folder) }, next: "check its permissions" }, { cause: error });
  });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !IGNORED.has(entry.name)) await walk(root, path, found);
    else if (isLeaf(entry)) found.push({ path, link: entry.isSymbolicLink() });
    if (found.length > MAXIMUM_FILES) {
      throw new FrotaError({ code: "REPOSITORY_TOO_LARGE", message: `the repository has more than ${MAXIMUM_FILES} files`, where: { file: root }, next: "name the fleet's own folder with --repo DIR", outcome: "usage" });
    }
  }
}

function isLeaf(entry: Dirent): boolean {
  return entry.isFile() || entry.isSymbolicLink();
}

async function readText(path: string): Promise<{ text: string } | "binary" | "too large" | "unreadable"> {
  try {
    if ((await stat(path)).size > MAXIMUM_FILE) return "too large";
    const bytes = await readFile(path);
    if (bytes.includes(0) || !isUtf8(bytes)) return "binary";
    return { text: bytes.toString("utf8") };
  } catch {
    return "unreadable";
  }
}

/** Runs `task` on every item, at most `limit` at once, results in the order of items. */
async function mapLimited<Item, Result>(items: readonly Item[], limit: number, task: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results = Array.from<Result>({ length: items.length });
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
