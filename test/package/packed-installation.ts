import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import * as z from "zod";

const packedSchema = z.object({
  filename: z.string(),
  /** Bytes of the archive, and of its files. */
  size: z.number(),
  unpackedSize: z.number(),
  files: z.array(z.object({ path: z.string() })),
});

/** What `npm pack` says that it packed. */
type PackedPackage = z.output<typeof packedSchema>;

/** The package as a user has it. */
export interface PackedInstallation {
  /** Folder that holds it in `node_modules`, and nothing of the checkout. */
  readonly installed: string;
  readonly packed: PackedPackage;
}

/** Packs the checkout, and installs that into a new folder below `folder`. */
export async function installPacked(folder: string): Promise<PackedInstallation> {
  const installed = join(folder, "installed");
  await mkdir(installed);
  const { stdout } = await execa("npm", ["pack", "--silent", "--json", "--pack-destination", folder]);
  const packed = packedSchema.parse(Object.values(z.record(z.string(), z.unknown()).or(z.array(z.unknown())).parse(JSON.parse(stdout)))[0]);
  // Offline: nothing but the archive is needed. Node is the tests' own.
  await execa("npm", ["install", "--silent", "--offline", "--no-audit", "--no-fund", "--omit=optional", "--prefix", installed, join(folder, packed.filename)]);
  return { installed, packed };
}
