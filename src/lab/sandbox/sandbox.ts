import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, readdir, rmdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { FrotaError } from "../../spec/error.ts";
import { searchPath } from "../components/programs.ts";
import { DNS_ADDRESS } from "./network.ts";
import type { LabLayout } from "../layout.ts";
import { PACKAGE_ROOT } from "../package-root.ts";
import { processStartTime } from "../machine/process-start-time.ts";
import { until } from "../until.ts";

/** The process that is PID 1 inside the lab's namespaces. When it dies, the kernel ends everything in the lab. */
export interface InitProcess {
  readonly pid: number;
  readonly startTime: string;
}

// A slave: what the host unmounts later is unmounted in the lab as well, and never kept busy by it.
const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "slave"];

/**
 * Starts the lab's own mount, network and PID namespaces with a service supervisor as PID 1. The process outlives this
 * one. Its output goes to `logs/sandbox.log`.
 */
export async function startSandbox(layout: LabLayout, signal: AbortSignal): Promise<InitProcess> {
  await mkdir(layout.logs, { recursive: true });
  await mkdir(layout.services, { recursive: true });
  await writeFile(join(layout.data, "resolv.conf"), `nameserver ${DNS_ADDRESS}\nsearch svc.cluster.local cluster.local\n`);
  const log = openSync(join(layout.logs, "sandbox.log"), "w");
  const outer = spawn(
    "unshare",
    [...NAMESPACES, "sh", join(PACKAGE_ROOT, "lab", "sandbox", "init.sh"), layout.data],
    // The lab's services are its children: kube-proxy runs iptables, and volumes are made with losetup and mkfs.ext4.
    { detached: true, stdio: ["ignore", log, log], cwd: "/", env: { ...process.env, PATH: searchPath(process.env) } },
  );
  closeSync(log);
  outer.unref();
  const pid = await until(() => childOf(outer.pid), { signal, seconds: 60, what: "the lab's PID 1" });
  await until(() => isPrepared(pid), { signal, seconds: 60, what: `the lab's namespaces (log: ${layout.logs}/sandbox.log)` });
  return { pid, startTime: (await processStartTime(pid)) ?? "" };
}

async function childOf(parent: number | undefined): Promise<number | undefined> {
  if (parent === undefined) {
    throw new FrotaError({ code: "LAB_SANDBOX", message: "unshare could not be started", next: "run `frota doctor`" });
  }
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, "utf8").catch(() => "");
  const [first] = children.trim().split(" ");
  return first ? Number(first) : undefined;
}

async function isPrepared(pid: number): Promise<true | undefined> {
  const test = await execa("test", ["-e", `/proc/${pid}/root/run/frota-ready`], { reject: false });
  return test.exitCode === 0 ? true : undefined;
}

/** Command line prefix that runs a program inside the lab's namespaces. */
export function enter(init: Pick<InitProcess, "pid">): readonly string[] {
  return ["nsenter", "--target", String(init.pid), "--mount", "--net", "--pid", "--"];
}

/** Ends every process of the lab at once, and waits until the kernel has ended them. */
export async function killSandbox(init: InitProcess, signal: AbortSignal): Promise<void> {
  const alive = async () => (await processStartTime(init.pid)) === init.startTime;
  if (!(await alive())) return;
  process.kill(init.pid, "SIGKILL");
  await until(async () => ((await alive()) ? undefined : true), { signal, seconds: 60, what: "the lab's processes to end" });
}

/** The cgroup, in each hierarchy, that holds the lab's pods. */
export function cgroupName(lab: string): string {
  return `frota-${lab}`;
}

/** Makes the lab's cgroup in every hierarchy that the machine has (one with cgroup v2), with the weight that a node's pods have. */
export async function createCgroups(lab: string): Promise<void> {
  for (const root of await cgroupRoots()) {
    const folder = join(root, cgroupName(lab));
    await mkdir(folder, { recursive: true });
    for (const [file, weight] of CPU_WEIGHTS) if (existsSync(join(folder, file))) await writeFile(join(folder, file), String(weight * availableParallelism()));
  }
}

/**
 * Weight of a core in cgroup version 1 and 2: the kubelet gives all pods as many as the machine has cores. With the default, that of
 * one process, agents starve beside a busy test run and fail their probes.
 */
const CPU_WEIGHTS = [
  ["cpu.shares", 1024],
  ["cpu.weight", 100],
] as const;

/** Removes the lab's cgroups, which must hold no process any more. */
export async function removeCgroups(lab: string): Promise<void> {
  for (const root of await cgroupRoots()) await removeTree(join(root, cgroupName(lab)));
}

async function cgroupRoots(): Promise<string[]> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  return mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => fields[2] === "cgroup" || fields[2] === "cgroup2")
    .map((fields) => fields[1] ?? "")
    .filter((path) => path.startsWith("/sys/fs/cgroup"));
}

/** Cgroups are removed folder by folder: their files belong to the kernel. */
async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return;
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder);
}
