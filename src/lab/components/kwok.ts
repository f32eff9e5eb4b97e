import { join } from "node:path";
import { PACKAGE_ROOT } from "../package-root.ts";
import { cacheKey, readSources } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { buildGo } from "./go-build.ts";
import { PINS } from "./pins.ts";
import { follow } from "./recipe.ts";

const MODULE = join(PACKAGE_ROOT, "lab", "kwok");
const PACKAGE = "sigs.k8s.io/kwok/cmd/kwok";

/** Nodes that exist only in the API server, for measuring many agents on one machine. No lab needs it: only `bench/fleet` asks. */
export async function acquireKwok(context: AcquireContext): Promise<Component> {
  const sources = await readSources(MODULE, ["go.mod", "go.sum"]);
  return follow(
    {
      name: "kwok",
      version: PINS.kwok.version,
      files: ["kwok"],
      local: {
        key: cacheKey(sources),
        origin: "build",
        make: (folder) => buildGo({ component: "kwok", module: MODULE, package: PACKAGE, output: join(folder, "kwok") }, context),
      },
    },
    context,
  );
}
