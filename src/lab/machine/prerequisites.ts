import type { Prerequisite } from "../../plan/prerequisite.ts";
import { gibibytes } from "../../plan/room.ts";
import type { KernelFeature, MachineFacts } from "./machine-facts.ts";

const GIB = 2 ** 30;

/**
 * Bytes. Measured: control plane, node, Vault and External Secrets take 1.2 GB; three agents 0.8 GB each when ready, and up to 1.5 GB
 * each in a first turn.
 */
const MEMORY = { needed: 4 * GIB, comfortable: 6 * GIB };
/** Bytes. Go's modules and build cache, components, image layers twice (build and node), three growing volumes. */
const DISK = { needed: 8 * GIB, comfortable: 16 * GIB };

const ELSEWHERE = "work on an existing cluster: frota doctor --context NAME says what it lacks";

/** Judges whether a machine can hold the lab. Pure. */
export function labPrerequisites(facts: MachineFacts): Prerequisite[] {
  const platform = platformCheck(facts);
  if (platform.status === "missing") return [platform];
  const checks = [rootCheck, nodeCheck, programsCheck, kernelChecks, controllersCheck, processorsCheck, memoryCheck, diskChecks];
  return [platform, ...checks.flatMap((check) => check(facts))];
}

function platformCheck({ system, architecture }: MachineFacts): Prerequisite {
  const subject = { id: "lab.platform", title: "Platform" };
  const detail = `${system}/${architecture}`;
  if (system !== "linux") return { ...subject, status: "missing", detail: `the lab needs Linux, and this is ${detail}`, next: ELSEWHERE };
  if (architecture === "x64" || architecture === "arm64") return { ...subject, status: "ok", detail };
  return { ...subject, status: "missing", detail: `the lab's programs exist for x64 and arm64, and this is ${detail}`, next: ELSEWHERE };
}

function rootCheck({ isRoot }: MachineFacts): Prerequisite {
  const subject = { id: "lab.root", title: "Root" };
  if (isRoot) return { ...subject, status: "ok", detail: "yes" };
  const detail = "the lab makes namespaces, mounts and network devices";
  return { ...subject, status: "missing", detail, next: `run \`frota start\` as root (sudo), or ${ELSEWHERE}` };
}

function nodeCheck({ node }: MachineFacts): Prerequisite {
  const subject = { id: "lab.node", title: "Node.js", detail: node };
  const [major = 0, minor = 0] = node.split(".").map(Number);
  if (major > 24 || (major === 24 && minor >= 15)) return { ...subject, status: "ok" };
  return { ...subject, status: "missing", next: "install Node 24, or start it by `frota`, which takes the one that npm brought with it" };
}

function programsCheck({ missingPrograms, hasApt, isRoot }: MachineFacts): Prerequisite {
  const subject = { id: "lab.programs", title: "Programs" };
  if (missingPrograms.length === 0) return { ...subject, status: "ok", detail: "all on PATH" };
  const detail = `not found: ${missingPrograms.map(({ program }) => program).join(", ")}`;
  const install = `apt-get install ${[...new Set(missingPrograms.map((one) => one.package))].sort().join(" ")}`;
  if (hasApt && isRoot) return { ...subject, status: "warn", detail, next: `\`frota lab up\` installs them: ${install}` };
  return { ...subject, status: "missing", detail, next: hasApt ? `as root: ${install}` : "install them with this distribution's package manager" };
}

const FEATURES: readonly { readonly feature: KernelFeature; readonly title: string; readonly next: string }[] = [
  { feature: "namespaces", title: "Namespaces", next: "the machine (a container?) must allow root to make network, mount and PID namespaces" },
  { feature: "overlay", title: "Overlay file system", next: "modprobe overlay" },
  { feature: "veth", title: "Virtual network pairs", next: "modprobe veth" },
  { feature: "bridge", title: "Network bridges", next: "modprobe bridge" },
  { feature: "nat", title: "Address translation", next: "modprobe nf_nat nf_tables (kube-proxy and iptables use it)" },
  { feature: "loop", title: "Loop devices", next: "modprobe loop; a container needs /dev/loop-control: volumes are size-limited file systems in files" },
];

/** Programs without which a feature cannot be tried. */
const TRIED_WITH: Partial<Record<KernelFeature, string>> = { veth: "ip", bridge: "ip", nat: "iptables", namespaces: "unshare" };

function kernelChecks(facts: MachineFacts): Prerequisite[] {
  return FEATURES.map((feature) => kernelCheck(facts, feature));
}

function kernelCheck({ kernel, missingPrograms }: MachineFacts, { feature, title, next }: (typeof FEATURES)[number]): Prerequisite {
  const subject = { id: `lab.kernel.${feature}`, title };
  if (kernel === undefined) return { ...subject, status: "unknown", detail: "only root can try it" };
  if (kernel[feature]) return { ...subject, status: "ok", detail: "works" };
  const program = missingPrograms.find((missing) => missing.program === TRIED_WITH[feature])?.program;
  if (program !== undefined) return { ...subject, status: "unknown", detail: `cannot be tried without ${program}` };
  return { ...subject, status: "missing", detail: "does not work here", next };
}

function controllersCheck({ missingControllers }: MachineFacts): Prerequisite {
  const subject = { id: "lab.kernel.cgroups", title: "Cgroup controllers" };
  if (missingControllers.length === 0) return { ...subject, status: "ok", detail: "cpu, cpuset, memory, pids" };
  return { ...subject, status: "missing", detail: `not enabled: ${missingControllers.join(", ")}`, next: "enable them on the kernel's command line (cgroup_enable=...)" };
}

function processorsCheck({ processors }: MachineFacts): Prerequisite {
  const subject = { id: "lab.processors", title: "Processors", detail: String(processors) };
  if (processors >= 2) return { ...subject, status: "ok" };
  return { ...subject, status: "warn", next: "two or more are advised: agents take a minute each to start on one" };
}

function memoryCheck({ memory: { total, available } }: MachineFacts): Prerequisite {
  const subject = { id: "lab.memory", title: "Memory", detail: `${gibibytes(available)} of ${gibibytes(total)} available` };
  if (total < MEMORY.needed) return { ...subject, status: "missing", next: `the lab with three agents needs ${gibibytes(MEMORY.needed)} at least` };
  if (available >= MEMORY.comfortable) return { ...subject, status: "ok" };
  return { ...subject, status: "warn", next: `${gibibytes(MEMORY.comfortable)} available are advised (a running lab has taken its share already)` };
}

function diskCheck({ folder, free }: MachineFacts["disks"][number]): Prerequisite {
  const subject = { id: "lab.disk", title: "Disk", detail: `${gibibytes(free)} free at ${folder}` };
  if (free < DISK.needed) return { ...subject, status: "missing", next: `free ${gibibytes(DISK.needed)}, or move it: XDG_DATA_HOME, XDG_CACHE_HOME` };
  if (free >= DISK.comfortable) return { ...subject, status: "ok" };
  return { ...subject, status: "warn", next: `${gibibytes(DISK.comfortable)} are advised` };
}

function diskChecks({ disks }: MachineFacts): Prerequisite[] {
  return disks.map(diskCheck);
}
