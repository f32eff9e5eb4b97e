import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { FrotaError } from "../../spec/error.ts";
import { componentsFolder } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { withLock } from "./lock.ts";
import { runLogged } from "./logged-process.ts";
import { CNI_FOLDERS, DISTRIBUTION_PROGRAMS, UNWANTED_UNITS, type DistributionProgram } from "./pins.ts";
import { findProgram } from "./programs.ts";

/** The distribution's programs, on PATH; those that are missing are installed where apt is to be had. */
export async function acquirePackages(context: AcquireContext): Promise<Component> {
  const before = await locate(context.env);
  if (before.missing.length === 0) return describe(before, "path");
  await installPackages(before.missing, context);
  const after = await locate(context.env);
  if (after.missing.length === 0) return describe(after, "registry");
  throw missing(after.missing, "they are still missing after the installation");
}

/** The CNI plugins' folder, or undefined where there is none. */
export function findCniFolder(): string | undefined {
  return CNI_FOLDERS.find((folder) => existsSync(join(folder, "bridge")));
}

/** Debian packages that bring these programs, each once, in order. */
export function packagesOf(programs: readonly DistributionProgram[]): string[] {
  return [...new Set(programs.map((program) => program.package))].sort();
}

interface Located {
  readonly files: Readonly<Record<string, string>>;
  readonly missing: readonly DistributionProgram[];
}

async function locate(env: AcquireContext["env"]): Promise<Located> {
  const files: Record<string, string> = {};
  const lacking: DistributionProgram[] = [];
  for (const wanted of DISTRIBUTION_PROGRAMS) {
    const path = wanted.program === "cni" ? findCniFolder() : await findProgram(wanted.program, env);
    if (path === undefined) lacking.push(wanted);
    else files[wanted.program] = path;
  }
  return { files, missing: lacking };
}

/** Installs the packages that bring these programs. Throws PROGRAMS_MISSING where that cannot be done. */
export async function installPackages(programs: readonly DistributionProgram[], context: AcquireContext): Promise<void> {
  const apt = await findProgram("apt-get", context.env);
  if (apt === undefined) throw missing(programs, "this machine has no apt to install them with");
  if (process.getuid?.() !== 0) throw missing(programs, "only root may install them");
  const packages = packagesOf(programs);
  const lock = join(componentsFolder(context.env), "packages.lock");
  const waiting = () => context.progress("waiting for another frota process that installs packages");
  await withLock(lock, { signal: context.signal, waiting }, async () => {
    context.progress("updating the package lists");
    await runApt(apt, ["update"], context);
    context.progress(`installing ${packages.join(", ")}`);
    await runApt(apt, ["install", "--yes", "--no-install-recommends", ...packages], context);
    await keepUnitsDown(packages);
  });
}

async function runApt(apt: string, args: readonly string[], context: AcquireContext): Promise<void> {
  await runLogged(
    {
      component: "packages",
      command: apt,
      // A machine that was just started often still holds apt's lock.
      arguments: ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0", ...args],
      // invoke-rc.d starts no service in the runlevels of a shutdown.
      env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "6" },
      onLine: (line) => {
        const step = /^(?:Get:|Unpacking |Setting up )[^:]*/.exec(line)?.[0];
        if (step !== undefined && !step.startsWith("Get")) context.progress(step.trim());
      },
    },
    context,
  );
}

/** A lab starts its own containerd and registry; those of the packages that were just installed shall not run as well. */
async function keepUnitsDown(installed: readonly string[]): Promise<void> {
  const units = UNWANTED_UNITS.filter((unit) => installed.includes(unit.replace(".service", "")));
  if (units.length > 0) await execa("systemctl", ["disable", "--now", ...units], { reject: false });
}

function missing(programs: readonly DistributionProgram[], reason: string): FrotaError {
  return new FrotaError({
    code: "PROGRAMS_MISSING",
    message: `the lab needs ${programs.map((one) => one.program).join(", ")}: ${reason}`,
    next: `apt-get install ${packagesOf(programs).join(" ")}`,
    outcome: "refused",
  });
}

function describe(located: Located, origin: "path" | "registry"): Component {
  return { name: "packages", version: "distribution", origin, folder: "", files: located.files };
}
