import { join } from "node:path";
import { PACKAGE_ROOT } from "../package-root.ts";
import { cacheKey, readSources } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { buildGo } from "./go-build.ts";
import { PINS } from "./pins.ts";
import { follow } from "./recipe.ts";

const MODULE = join(PACKAGE_ROOT, "lab", "helm");
const PACKAGE = "helm.sh/helm/v4/cmd/helm";

/** Helm, for comparing its rendering with ours. No lab needs it: only `bench/render` asks. */
export async function acquireHelm(context: AcquireContext): Promise<Component> {
  const sources = await readSources(MODULE, ["go.mod", "go.sum"]);
  return follow(
    {
      name: "helm",
      version: PINS.helm.version,
      files: ["helm"],
      local: {
        key: cacheKey(sources),
        origin: "build",
        make: (folder) => buildGo({ component: "helm", module: MODULE, package: PACKAGE, output: join(folder, "helm") }, context),
      },
    },
    context,
  );
}
