import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { FrotaError } from "../../spec/error.ts";
import { PACKAGE_ROOT } from "../package-root.ts";
import { cacheKey, readSources } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { buildGo, runGo } from "./go-build.ts";
import { runLogged } from "./logged-process.ts";
import { PINS } from "./pins.ts";
import { follow } from "./recipe.ts";

const PIN = PINS.externalSecrets;
const OVERLAY = join(PACKAGE_ROOT, "lab", "external-secrets");
/** What the controllers are built from; the release holds as much again in documentation and tests. */
const NEEDED = ["main.go", "apis", "cmd/controller", "pkg"];

/** The External Secrets Operator, unchanged but for the providers that are built in, and its CRDs (`crds.yaml`). */
export async function acquireExternalSecrets(context: AcquireContext): Promise<Component> {
  const overlay = await readSources(OVERLAY, ["go.mod", "go.sum", "pkg"]);
  return follow(
    {
      name: "external-secrets",
      version: PIN.version,
      files: ["external-secrets", "crds.yaml"],
      local: { key: cacheKey(overlay), origin: "build", make: build },
    },
    context,
  );
}

/** Go compiles nothing else in place of files of a downloaded module, so the release is copied, and our files over it. */
async function build(folder: string, context: AcquireContext): Promise<void> {
  const release = await downloadModule(folder, context);
  const source = join(folder, "source");
  await mkdir(join(source, "cmd"), { recursive: true });
  for (const part of NEEDED) await copy(join(release, part), join(source, part), context);
  await copy(`${OVERLAY}/.`, source, context);
  const output = join(folder, "external-secrets");
  await buildGo({ component: "external-secrets", module: source, package: ".", output }, context);
  await copyFile(join(release, "deploy", "crds", "bundle.yaml"), join(folder, "crds.yaml"));
  await rm(source, { recursive: true });
}

/** The module cache is read-only; the copy is not. */
async function copy(from: string, to: string, context: AcquireContext): Promise<void> {
  const args = ["--recursive", "--no-preserve=mode,ownership", from, to];
  await runLogged({ component: "external-secrets", command: "cp", arguments: args }, context);
}

const Downloaded = z.object({ Dir: z.string(), Sum: z.string() });

/** Puts the release into Go's module cache and resolves to its folder there. Throws DOWNLOAD_CORRUPT for a wrong sum. */
async function downloadModule(folder: string, context: AcquireContext): Promise<string> {
  context.progress(`downloading ${PIN.module} v${PIN.version}`);
  const answer = await runGo(
    { component: "external-secrets", module: folder },
    { arguments: ["mod", "download", "-json", `${PIN.module}@v${PIN.version}`] },
    context,
  );
  const { Dir, Sum } = Downloaded.parse(JSON.parse(answer));
  if (Sum === PIN.sum) return Dir;
  throw new FrotaError({
    code: "DOWNLOAD_CORRUPT",
    message: `${PIN.module} v${PIN.version} has the sum ${Sum}, not ${PIN.sum}`,
    next: "do not use this Go module proxy",
  });
}
