import { chmod, rename, writeFile } from "node:fs/promises";

/**
 * Writes a file all or nothing: whoever reads it, also after a kill or a power cut, finds what was there before or all of this. Only one
 * write of a path at a time in a process.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array, { mode = 0o644 }: { readonly mode?: number } = {}): Promise<void> {
  // Not by a package: those that end their temporary files with the process listen for Ctrl-C, and end a command that has to end in order.
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, data, { mode, flush: true });
  await chmod(temporary, mode);
  await rename(temporary, path);
}
