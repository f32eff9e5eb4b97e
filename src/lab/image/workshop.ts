import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { FrotaError } from "../../spec/error.ts";
import { DISTRIBUTION_PROGRAMS } from "../components/pins.ts";
import { findProgram, searchPath } from "../components/programs.ts";
import { PACKAGE_ROOT } from "../package-root.ts";

/** Where and for whom images are built. */
export interface ImageWorkshop {
  /** `<cache>/images`: buildah's storage, downloads and work in progress; no other process may use it meanwhile. */
  readonly folder: string;
  /** Receives all output of the programs that run. */
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Tells in a few words what is being done. */
  readonly progress: (text: string) => void;
}

/** Further settings of {@link runPrivately}. */
export interface PrivateRun {
  readonly env?: Readonly<Record<string, string>>;
  /** Content of the registry authentication file that {@link authFile} names; it is never on a disk. */
  readonly auth?: string;
  /** Receives each line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** How a program ended that ran to its end. */
export interface RunResult {
  readonly failed: boolean;
  readonly stdout: string;
  /** Standard output and standard error as they came. */
  readonly lines: readonly string[];
}

const ASSETS = join(PACKAGE_ROOT, "lab", "image");

/**
 * Runs a program in mount and process namespaces of its own, which the kernel takes down with everything in them when the
 * program ends or this process does, killed or not. Does not throw because the program failed.
 */
export async function runPrivately(workshop: ImageWorkshop, argv: readonly string[], run: PrivateRun = {}): Promise<RunResult> {
  const isolation = ["setpriv", "--pdeathsig", "KILL", "--", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const [command = "", ...rest] = [...isolation, "sh", join(ASSETS, "private.sh"), workshop.folder, ...argv];
  await mkdir(join(workshop.folder, "work"), { recursive: true });
  await mkdir(dirname(workshop.logFile), { recursive: true });
  const log = createWriteStream(workshop.logFile, { flags: "a", mode: 0o600 });
  log.write(`$ ${argv.join(" ")}\n`);
  const child = execa("nice", [command, ...rest], {
    cwd: workshop.folder,
    env: { ...workshop.env, PATH: searchPath(workshop.env), TMPDIR: join(workshop.folder, "work"), LC_ALL: "C", ...run.env },
    extendEnv: false,
    input: run.auth ?? "{}",
    all: true,
    lines: true,
    reject: false,
    cancelSignal: workshop.signal,
    // The init process of a process namespace does not hear SIGTERM; everything in it dies with SIGKILL.
    killSignal: "SIGKILL",
  });
  child.all.pipe(log);
  if (run.onLine) for await (const line of child.iterable({ from: "all" })) run.onLine(line);
  const result = await child;
  workshop.signal.throwIfAborted();
  return { failed: result.failed, stdout: result.stdout.join("\n"), lines: result.all };
}

/** Path of a script below `lab/image/`. */
export function asset(name: string): string {
  return join(ASSETS, name);
}

/** The file that holds {@link PrivateRun.auth} during a run. */
export function authFile(workshop: ImageWorkshop): string {
  return join(workshop.folder, "private", "auth.json");
}

/** Folder with the machine's own certificate authorities as `ca.crt` during a run; undefined where it needs none. */
export function authoritiesFolder(workshop: ImageWorkshop): string | undefined {
  return workshop.env["NODE_EXTRA_CA_CERTS"] ? join(workshop.folder, "private", "ca") : undefined;
}

/** `buildah` with the options that make it use the workshop's storage. */
export async function buildah(workshop: ImageWorkshop): Promise<string[]> {
  const driver = await storageDriver(workshop);
  const { folder } = workshop;
  return ["buildah", "--root", join(folder, driver), "--runroot", join(folder, "private", "run"), "--storage-driver", driver];
}

/**
 * Makes the workshop ready: its programs are there, and what a killed run left is gone. Throws PROGRAM_MISSING, ROOT_NEEDED.
 */
export async function prepareWorkshop(workshop: ImageWorkshop): Promise<void> {
  await requirePrograms(workshop);
  await mkdir(workshop.folder, { recursive: true });
  await clearWork(workshop);
  await runPrivately(workshop, [...(await buildah(workshop)), "rm", "--all"]);
}

/** Removes work in progress; downloads and storage stay. */
export async function clearWork(workshop: ImageWorkshop): Promise<void> {
  await rm(join(workshop.folder, "work"), { recursive: true, force: true });
}

/** Copies of whole file systems are slow and large, so overlay mounts wherever the kernel makes them here. */
async function storageDriver(workshop: ImageWorkshop): Promise<"overlay" | "vfs"> {
  const file = join(workshop.folder, "driver");
  const known = await readFile(file, "utf8").catch(() => "");
  if (known === "overlay" || known === "vfs") return known;
  const attempt = "cd work && mkdir -p l u w m && mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w m";
  const { failed } = await runPrivately(workshop, ["sh", "-c", attempt]);
  const driver = failed ? "vfs" : "overlay";
  await writeFile(file, driver);
  return driver;
}

async function requirePrograms(workshop: ImageWorkshop): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new FrotaError({
      code: "ROOT_NEEDED",
      message: "building an image needs Linux and root: it makes namespaces and file systems",
      next: "build as root on Linux, or push to main and let the workflow build",
      outcome: "refused",
    });
  }
  const needed = ["buildah", "debootstrap", "setpriv", "unshare", "nice", "tar", "npm"];
  for (const program of needed) {
    if ((await findProgram(program, workshop.env)) !== undefined) continue;
    const named = DISTRIBUTION_PROGRAMS.find((candidate) => candidate.program === program)?.package;
    throw new FrotaError({
      code: "PROGRAM_MISSING",
      message: `building an image needs ${program}, which is not on this machine`,
      next: named === undefined ? `install ${program}` : `apt-get install ${named}`,
      outcome: "refused",
    });
  }
}
