import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../package-root.ts";
import { cacheKey, readSources } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { buildGo, moduleFolder } from "./go-build.ts";
import { PINS } from "./pins.ts";
import { follow } from "./recipe.ts";

const MODULE = join(PACKAGE_ROOT, "lab", "flux");
const CONTROLLER = "github.com/fluxcd/kustomize-controller";
const CRDS = [
  { module: CONTROLLER, file: "kustomize.toolkit.fluxcd.io_kustomizations.yaml" },
  ...["buckets", "externalartifacts", "gitrepositories", "ocirepositories"].map((kind) => ({
    module: "github.com/fluxcd/source-controller",
    file: `source.toolkit.fluxcd.io_${kind}.yaml`,
  })),
];

/**
 * Flux's kustomize-controller, the CRDs that it watches, and `source-ignore`, which says which files of a repository
 * Flux takes. No lab needs it: only `test/gitops` asks.
 */
export async function acquireFlux(context: AcquireContext): Promise<Component> {
  const sources = await readSources(MODULE, ["go.mod", "go.sum", "source-ignore"]);
  return follow(
    {
      name: "flux",
      version: PINS.flux.version,
      files: ["kustomize-controller", "source-ignore", ...CRDS.map(({ file }) => file)],
      local: { key: cacheKey({ ...sources, crds: JSON.stringify(CRDS) }), origin: "build", make: build },
    },
    context,
  );
}

async function build(folder: string, context: AcquireContext): Promise<void> {
  for (const { module, file } of CRDS) {
    const release = await moduleFolder({ component: "flux", module: MODULE }, `${module}@v${PINS.flux.version}`, context);
    await copyFile(join(release, "config", "crd", "bases", file), join(folder, file));
  }
  const program = { component: "flux", module: MODULE } as const;
  await buildGo({ ...program, package: CONTROLLER, output: join(folder, "kustomize-controller") }, context);
  await buildGo({ ...program, package: "./source-ignore", output: join(folder, "source-ignore") }, context);
}
