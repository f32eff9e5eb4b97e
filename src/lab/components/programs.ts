import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import type { AcquireContext } from "./component.ts";
import { parseVersion } from "./version.ts";

/** Folders that hold administrators' programs and that a user's PATH may lack. */
const ADMINISTRATION = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** A PATH with the administrators' folders last: what {@link findProgram} finds, a program that is run finds as well. */
export function searchPath(env: AcquireContext["env"]): string {
  return [env["PATH"], ...ADMINISTRATION, "/usr/bin", "/bin"].filter(Boolean).join(delimiter);
}

/** As execa, with the {@link searchPath} of this process. */
export const runProgram = execa({ env: { PATH: searchPath(process.env) } });

/** Absolute path of a program on PATH or in the administrators' folders. */
export async function findProgram(name: string, env: AcquireContext["env"]): Promise<string | undefined> {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of [...folders, ...ADMINISTRATION]) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}

/** Version that a program tells of itself within 10 s; undefined if it fails or tells none. */
export async function programVersion(path: string, args: readonly string[]): Promise<string | undefined> {
  const result = await execa(path, args, { reject: false, timeout: 10_000, all: true, stdin: "ignore" });
  return result.failed ? undefined : parseVersion(result.all);
}
