import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import { z } from "zod";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder that holds the package as it is installed, and nothing of the checkout. */
    readonly installed: string;
    readonly packed: PackedPackage;
  }
}

const packedSchema = z.object({
  filename: z.string(),
  /** Bytes of the archive, and of its files. */
  size: z.number(),
  unpackedSize: z.number(),
  files: z.array(z.object({ path: z.string() })),
});

/** What `npm pack` says that it packed. */
export type PackedPackage = z.output<typeof packedSchema>;

/** Packs the checkout and installs that into an empty folder, once for all test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "frota-package-"));
  const installed = join(folder, "installed");
  await mkdir(installed);
  const { stdout } = await execa("npm", ["pack", "--silent", "--json", "--pack-destination", folder]);
  const packed = packedSchema.parse(Object.values(z.record(z.string(), z.unknown()).or(z.array(z.unknown())).parse(JSON.parse(stdout)))[0]);
  // Offline: nothing but the archive is needed. Node is the tests' own.
  await execa("npm", ["install", "--silent", "--offline", "--no-audit", "--no-fund", "--omit=optional", "--prefix", installed, join(folder, packed.filename)]);
  project.provide("installed", installed);
  project.provide("packed", packed);
  return () => rm(folder, { recursive: true });
}
