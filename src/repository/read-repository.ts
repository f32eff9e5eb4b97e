import { lstatSync, readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { FrotaError } from "../spec/error.ts";
import type { RepositoryFiles } from "../spec/repository.ts";
import { textReader, type Unread } from "./text-reader.ts";

/** Folders that never belong to a fleet repository's text. */
const IGNORED: ReadonlySet<string> = new Set([".git", "node_modules", ".terraform", "__pycache__", ".venv"]);

/** A fleet of 3,000 agents has about 30,000 files. */
const MAXIMUM_FILES = 100_000;

/** A file that was left out, and why. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: Unread | "symbolic link";
}

/** A repository's text, and what was left out of it. */
export interface RepositoryReading {
  readonly files: RepositoryFiles;
  readonly skipped: readonly SkippedFile[];
}

/** Reads every text file below a repository's root, by path relative to it (with `/`), sorted by path. Throws FILE_UNREADABLE. */
export async function readRepository(root: string): Promise<RepositoryFiles> {
  return (await inspectRepository(root)).files;
}

/** As {@link readRepository}, without what is rendered for agents (`<agent>/k8s/`): of a large fleet nine files out of ten. */
export async function readSources(root: string): Promise<RepositoryFiles> {
  return inspect(root, (folder) => RENDERED.test(folder)).files;
}

const RENDERED = /^[^/]+\/k8s$/;

/**
 * The rendered files of a repository, and what else is in their folders (`k8s/` and `<agent>/k8s/`). Each is read when it is asked for;
 * one that is no text is there without one.
 */
export function renderedFiles(root: string): Pick<RepositoryFiles, "get" | "keys"> {
  const folders = listFolder(root).filter((entry) => entry.isDirectory() && !IGNORED.has(entry.name)).map(({ name }) => name);
  const paths = ["k8s", ...folders.map((name) => `${name}/k8s`)].flatMap((folder) => leavesOf(root, folder));
  const known = new Set(paths);
  const readText = textReader();
  return {
    keys: () => known.values(),
    get: (path) => {
      const content = known.has(path) ? readText(`${root}/${path}`) : "unreadable";
      return typeof content === "string" ? undefined : content.text;
    },
  };
}

function leavesOf(root: string, folder: string): string[] {
  if (!lstatSync(`${root}/${folder}`, { throwIfNoEntry: false })?.isDirectory()) return [];
  return listFolder(`${root}/${folder}`).filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`);
}

/**
 * As {@link readRepository}, and tells which files it left out. Symbolic links are not followed. Reads file after file without giving
 * way to anything else: for thousands of small files that takes a quarter of the time.
 */
export async function inspectRepository(root: string): Promise<RepositoryReading> {
  return inspect(root, () => false);
}

function inspect(root: string, isLeftOut: (folder: string) => boolean): RepositoryReading {
  const paths: { path: string; link: boolean }[] = [];
  walk({ root, isLeftOut }, "", paths);
  const files = new Map<string, string>();
  const skipped: SkippedFile[] = [];
  const readText = textReader();
  for (const { path, link } of paths) {
    const content = link ? "symbolic link" : readText(`${root}/${path}`);
    if (typeof content === "string") skipped.push({ path, reason: content });
    else files.set(path, content.text);
  }
  const declaration = skipped.find(({ path }) => DECLARATION.test(path));
  if (declaration) throw unreadDeclaration(root, declaration);
  return { files, skipped };
}

/** Without one of these an agent would seem to be gone, and what is rendered for it to be left over. */
const DECLARATION = /^(?:fleet|[^/]+\/agent)\.yaml$/;

const WHY: Readonly<Record<SkippedFile["reason"], { readonly message: string; readonly next: string }>> = {
  binary: { message: "is not text in UTF-8", next: "save it as UTF-8, in the editor or with `iconv -f latin1 -t utf-8`; what PowerShell wrote, with `-f utf-16`" },
  "too large": { message: "is larger than 1 MiB", next: "keep long texts in the agent's workspace/" },
  unreadable: { message: "cannot be read", next: "check its permissions" },
  "symbolic link": { message: "is a symbolic link, and those are not followed", next: "put the file itself there" },
};

function unreadDeclaration(root: string, { path, reason }: SkippedFile): FrotaError {
  const { message, next } = WHY[reason];
  return new FrotaError({ code: "FILE_UNREADABLE", message: `${path} ${message}`, where: { file: join(root, path) }, next, outcome: "refused" });
}

interface Walk {
  readonly root: string;
  readonly isLeftOut: (folder: string) => boolean;
}

function walk(where: Walk, folder: string, found: { path: string; link: boolean }[]): void {
  const { root, isLeftOut } = where;
  const entries = listFolder(join(root, folder));
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !IGNORED.has(entry.name) && !isLeftOut(path)) walk(where, path, found);
    if (isLeaf(entry)) found.push({ path, link: entry.isSymbolicLink() });
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
