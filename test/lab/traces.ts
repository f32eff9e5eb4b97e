import { readFile, readdir, readlink } from "node:fs/promises";
import { execa } from "execa";
import { cgroupName } from "../../src/lab/sandbox/sandbox.ts";
import { layoutOf, recordOf } from "./lab.ts";

/** How a lab that runs can be recognized on the machine, also when it is gone. */
export interface Footprint {
  readonly data: string;
  readonly cgroup: string;
  readonly hostInterface: string;
  readonly address: string;
  /** Its mount, network and PID namespaces, as the kernel names them. */
  readonly namespaces: ReadonlySet<string>;
}

const NAMESPACES = ["mnt", "net", "pid"];

/** The footprint of a lab that runs. */
export async function footprintOf(lab: string): Promise<Footprint> {
  const { init, hostInterface, address } = await recordOf(lab);
  const namespaces = await Promise.all(NAMESPACES.map((kind) => readlink(`/proc/${init.pid}/ns/${kind}`)));
  return { data: layoutOf(lab).data, cgroup: cgroupName(lab), hostInterface, address, namespaces: new Set(namespaces) };
}

/** Everything on the machine that is of this lab: one line each, with what it is in front. Empty when nothing is. */
export async function tracesOf(lab: Footprint): Promise<readonly string[]> {
  const found = await Promise.all([processes(lab), mounts(lab), links(lab), cgroups(lab), loopDevices(lab), rules(lab)]);
  return found.flat();
}

async function processes({ namespaces, data }: Footprint): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const inside = await Promise.all(NAMESPACES.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => "")));
      const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
      const belongs = inside.some((link) => namespaces.has(link)) || command.includes(`${data}/`);
      return belongs ? `process ${pid} ${command}` : undefined;
    }),
  );
  return found.filter((line) => line !== undefined);
}

async function mounts({ data }: Footprint): Promise<string[]> {
  const text = await readFile("/proc/self/mounts", "utf8");
  return text.split("\n").filter((line) => line.includes(`${data}/`)).map((line) => `mount ${line}`);
}

async function links({ hostInterface }: Footprint): Promise<string[]> {
  const { stdout } = await execa("ip", ["-o", "link"]);
  return stdout.split("\n").filter((line) => line.includes(hostInterface)).map((line) => `link ${line}`);
}

async function cgroups({ cgroup }: Footprint): Promise<string[]> {
  const { stdout } = await execa("find", ["/sys/fs/cgroup", "-maxdepth", "2", "-type", "d", "-name", cgroup], { reject: false });
  return stdout.split("\n").filter((line) => line !== "").map((line) => `cgroup ${line}`);
}

async function loopDevices({ data }: Footprint): Promise<string[]> {
  const names = (await readdir("/sys/block")).filter((name) => name.startsWith("loop"));
  const found = await Promise.all(
    names.map(async (name) => {
      const file = await readFile(`/sys/block/${name}/loop/backing_file`, "utf8").catch(() => "");
      return file.startsWith(`${data}/`) ? `loop device ${name} ${file.trim()}` : undefined;
    }),
  );
  return found.filter((line) => line !== undefined);
}

async function rules({ address, hostInterface }: Footprint): Promise<string[]> {
  return (await allRules()).filter((line) => line.includes(address) || line.includes(hostInterface)).map((line) => `rule ${line}`);
}

/** The machine's packet filter rules and routes, without counters, and without the routes of whatever labs run. */
export async function firewallRules(): Promise<readonly string[]> {
  return (await allRules()).filter((line) => !/ dev frota-[0-9a-f]{8} /.test(line));
}

async function allRules(): Promise<readonly string[]> {
  const commands = [["iptables-save"], ["ip6tables-save"], ["nft", "list", "ruleset"], ["ip", "route", "show", "table", "all"]];
  const texts = await Promise.all(
    commands.map(async ([program = "", ...argv]) => (await execa(program, argv, { reject: false })).stdout ?? ""),
  );
  return texts
    .join("\n")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replaceAll(/\[\d+:\d+\]|counter packets \d+ bytes \d+/g, "").trim());
}
