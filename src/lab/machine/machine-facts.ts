import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, freemem, totalmem } from "node:os";
import { dirname } from "node:path";
import { execa } from "execa";
import { DISTRIBUTION_PROGRAMS, type DistributionProgram } from "../components/pins.ts";
import { findCniFolder } from "../components/packages.ts";
import { findProgram, searchPath } from "../components/programs.ts";
import type { LabLayout } from "../layout.ts";

/** Something of the kernel that the lab uses, as tried in namespaces of the trial's own. */
export type KernelFeature = "namespaces" | "overlay" | "veth" | "bridge" | "nat" | "loop";

/** What a machine is and has, as far as the lab cares. */
export interface MachineFacts {
  /** As `process.platform` and `process.arch`. */
  readonly system: string;
  readonly architecture: string;
  readonly isRoot: boolean;
  /** `24.21.0` */
  readonly node: string;
  readonly processors: number;
  /** Bytes; `available` is what programs can still get without swapping. */
  readonly memory: { readonly total: number; readonly available: number };
  /** Bytes free where the lab keeps its data, and its cache. */
  readonly disks: readonly { readonly folder: string; readonly free: number }[];
  readonly missingPrograms: readonly DistributionProgram[];
  readonly hasApt: boolean;
  /** Undefined: could not be tried, for lack of root or of the programs. */
  readonly kernel: Readonly<Record<KernelFeature, boolean>> | undefined;
  /** Names of the cgroup controllers that the lab needs and the kernel does not offer. */
  readonly missingControllers: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Looks at this machine. Leaves nothing behind: what has to be tried is tried in namespaces that end with the trial. */
export async function readMachineFacts(layout: LabLayout, env: Environment): Promise<MachineFacts> {
  const isLinux = process.platform === "linux";
  const isRoot = process.geteuid?.() === 0;
  return {
    system: process.platform,
    architecture: process.arch,
    isRoot,
    node: process.versions.node,
    processors: availableParallelism(),
    memory: { total: totalmem(), available: await availableMemory() },
    disks: await Promise.all([layout.data, layout.cache].map(async (folder) => ({ folder, free: await freeSpace(folder) }))),
    missingPrograms: isLinux ? await missingPrograms(env) : [],
    hasApt: (await findProgram("apt-get", env)) !== undefined,
    kernel: isLinux && isRoot ? await tryKernel(env) : undefined,
    missingControllers: isLinux ? await missingControllers() : [],
  };
}

async function availableMemory(): Promise<number> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}

/** Free bytes of the file system that a folder is or will be on. */
async function freeSpace(folder: string): Promise<number> {
  for (let path = folder; ; path = dirname(path)) {
    const found = await statfs(path).catch(() => undefined);
    if (found) return found.bavail * found.bsize;
    if (path === dirname(path)) return 0;
  }
}

async function missingPrograms(env: Environment): Promise<DistributionProgram[]> {
  const found = await Promise.all(
    DISTRIBUTION_PROGRAMS.map(async ({ program }) => (program === "cni" ? findCniFolder() : findProgram(program, env))),
  );
  return DISTRIBUTION_PROGRAMS.filter((_program, index) => found[index] === undefined);
}

const TRIAL = `
try() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name"; fi; }
echo namespaces
try veth ip link add frota-a type veth peer name frota-b
try bridge ip link add frota-c type bridge
try nat iptables -t nat -L -n
try loop losetup --find
mount -t tmpfs tmpfs /mnt && mkdir /mnt/lower /mnt/upper /mnt/work /mnt/merged
try overlay mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/merged
`;

async function tryKernel(env: Environment): Promise<Readonly<Record<KernelFeature, boolean>>> {
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"];
  const result = await execa("unshare", [...namespaces, "sh", "-c", TRIAL], { env: { PATH: searchPath(env) }, reject: false, timeout: 20_000, stdin: "ignore" });
  const tried = new Set((result.stdout ?? "").split("\n"));
  const has = (feature: KernelFeature) => tried.has(feature);
  return {
    namespaces: has("namespaces"),
    overlay: has("overlay"),
    veth: has("veth"),
    bridge: has("bridge"),
    nat: has("nat"),
    loop: has("loop"),
  };
}

/** Controllers that the kubelet asks for, of cgroup version 1 or 2. */
const CONTROLLERS = ["cpu", "cpuset", "memory", "pids"] as const;

async function missingControllers(): Promise<string[]> {
  const text = await readFile("/proc/cgroups", "utf8").catch(() => "");
  const enabled = new Set(
    text
      .split("\n")
      .map((line) => line.split("\t"))
      .flatMap(([name, , , isEnabled]) => (isEnabled === "1" && name !== undefined ? [name] : [])),
  );
  return enabled.size === 0 ? [] : CONTROLLERS.filter((name) => !enabled.has(name));
}
