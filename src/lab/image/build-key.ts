import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { FrotaError } from "../../spec/error.ts";

/** Label of a built image: all that it was built from, as one hash. */
export const BUILD_KEY_LABEL = "dev.frota.build.key";

/** A file of a build's folder. */
export interface BuildFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** Hash of a build's files, arguments and base: with the same key there is nothing to build. */
export function buildKey(files: readonly BuildFile[], args: Readonly<Record<string, string>>, base: string): string {
  const entries = files.map(({ path, content, executable }) => [path, executable, createHash("sha256").update(content).digest("hex")]);
  const text = JSON.stringify([entries.sort(byFirst), Object.entries(args).sort(byFirst), base]);
  return createHash("sha256").update(text).digest("hex");
}

function byFirst(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left[0]) < String(right[0]) ? -1 : 1;
}

/** Reads all files of a build's folder. Throws DOCKERFILE_MISSING. */
export async function readBuildFolder(folder: string): Promise<BuildFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (!paths.includes(join(folder, "Dockerfile"))) {
    throw new FrotaError({
      code: "DOCKERFILE_MISSING",
      message: "there is no Dockerfile to build",
      where: { file: join(folder, "Dockerfile") },
      next: "put the base image's Dockerfile there, or name another fleet repository with --repo",
      outcome: "refused",
    });
  }
  return Promise.all(
    paths.map(async (path) => ({
      path: relative(folder, path),
      content: await readFile(path),
      executable: ((await stat(path)).mode & 0o111) !== 0,
    })),
  );
}

/** The image that a Dockerfile is built from unless BASE_IMAGE is given: the default of its `ARG BASE_IMAGE`. */
export function defaultBase(dockerfile: string): string | undefined {
  return /^ARG BASE_IMAGE=(\S+)/m.exec(dockerfile)?.[1]?.replace(/^(["'])(.*)\1$/, "$2");
}
