import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { installPacked, type PackedInstallation } from "./packed-installation.ts";

declare module "vitest" {
  export interface ProvidedContext extends PackedInstallation {}
}

/** Packs the checkout and installs that into an empty folder, once for all test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "frota-package-"));
  const { installed, packed } = await installPacked(folder);
  project.provide("installed", installed);
  project.provide("packed", packed);
  return () => rm(folder, { recursive: true });
}
