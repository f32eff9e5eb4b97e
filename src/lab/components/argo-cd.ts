import { chmod, copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { PACKAGE_ROOT } from "../package-root.ts";
import { cacheKey, readSources } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { buildGo, moduleFolder } from "./go-build.ts";
import { PINS } from "./pins.ts";
import { follow } from "./recipe.ts";

const MODULE = join(PACKAGE_ROOT, "lab", "argo-cd");
const RELEASE = `github.com/argoproj/argo-cd/v3@v${PINS.argoCd.version}`;
/** Of the release. The script is one that its repository server wants on PATH. */
const RELEASED = [
  ...["application", "applicationset", "appproject"].map((kind) => `manifests/crds/${kind}-crd.yaml`),
  ...["cm", "cmd-params-cm", "rbac-cm", "secret", "tls-certs-cm"].map((name) => `manifests/base/config/argocd-${name}.yaml`),
  "hack/git-verify-wrapper.sh",
];

/** Argo CD's controllers as one program (lab/argo-cd/main.go), its CRDs, and its settings as they are released. No lab needs it: only `test/gitops` asks. */
export async function acquireArgoCd(context: AcquireContext): Promise<Component> {
  const sources = await readSources(MODULE, ["go.mod", "go.sum", "main.go"]);
  return follow(
    {
      name: "argo-cd",
      version: PINS.argoCd.version,
      files: ["argo-cd", ...RELEASED.map((file) => basename(file))],
      local: { key: cacheKey({ ...sources, released: JSON.stringify(RELEASED) }), origin: "build", make: build },
    },
    context,
  );
}

async function build(folder: string, context: AcquireContext): Promise<void> {
  const release = await moduleFolder({ component: "argo-cd", module: MODULE }, RELEASE, context);
  for (const file of RELEASED) await copyFile(join(release, file), join(folder, basename(file)));
  await chmod(join(folder, "git-verify-wrapper.sh"), 0o755);
  await buildGo({ component: "argo-cd", module: MODULE, package: ".", output: join(folder, "argo-cd") }, context);
}
