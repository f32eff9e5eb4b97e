import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../package-root.ts";
import { cacheKey, readSources } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { buildGo } from "./go-build.ts";
import { goArchitecture } from "./go-toolchain.ts";
import { runLogged } from "./logged-process.ts";
import { PINS } from "./pins.ts";
import { findProgram, programVersion } from "./programs.ts";
import { type Installed, type Recipe, type Way, follow } from "./recipe.ts";
import { downloadRelease } from "./release.ts";

const MODULE = join(PACKAGE_ROOT, "lab", "services");

/** The cluster's name server. */
export async function acquireCoredns(context: AcquireContext): Promise<Component> {
  const { version } = PINS.coredns;
  const name = `coredns_${version}_linux_${goArchitecture(process.arch)}.tgz`;
  const url = `https://github.com/coredns/coredns/releases/download/v${version}/${name}`;
  const sum = { url: `${url}.sha256`, fileName: name };
  const release = {
    key: `release-${process.arch}`,
    probes: [sum.url],
    make: async (folder: string) => {
      const archive = join(folder, name);
      await downloadRelease({ url, sha256: sum }, archive, context);
      await runLogged({ component: "coredns", command: "tar", arguments: ["-xzf", archive], cwd: folder }, context);
      await rm(archive);
      await chmod(join(folder, "coredns"), 0o755);
    },
  };
  return follow({ ...(await built("coredns", version)), installed: () => installedCoredns(version, context), release }, context);
}

async function installedCoredns(version: string, context: AcquireContext): Promise<Installed | undefined> {
  const path = await findProgram("coredns", context.env);
  if (path === undefined || (await programVersion(path, ["-version"])) !== version) return undefined;
  return { version, files: { coredns: path } };
}

/** The provisioner behind the storage class `do-block-storage`. It is ours: there is no release of it to download. */
export async function acquireStorageProvisioner(context: AcquireContext): Promise<Component> {
  return follow(await built("storage-provisioner", "1"), context);
}

/** Enforces NetworkPolicies with nftables. Ours as well. */
export async function acquireNetworkPolicy(context: AcquireContext): Promise<Component> {
  return follow(await built("network-policy", "1"), context);
}

/** A static program that does nothing, for the container that holds a pod's namespaces. */
export async function acquirePause(context: AcquireContext): Promise<Component> {
  return follow(await built("pause", "1"), context);
}

type ServiceName = "coredns" | "storage-provisioner" | "network-policy" | "pause";

/** A program of the module lab/services, whose folder there has its name. */
async function built(name: ServiceName, version: string): Promise<Recipe & { local: Way }> {
  const sources = await readSources(MODULE, ["go.mod", "go.sum", name]);
  return {
    name,
    version,
    files: [name],
    local: {
      key: cacheKey(sources),
      origin: "build",
      make: (folder, context) =>
        buildGo({ component: name, module: MODULE, package: `./${name}`, output: join(folder, name) }, context),
    },
  };
}
