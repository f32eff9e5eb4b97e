import { createHash } from "node:crypto";
import { FrotaError } from "../../spec/error.ts";
import { runProgram } from "../components/programs.ts";

/** Address ranges inside the lab's network namespace. They exist only there, so they clash with nothing outside. */
export const SERVICE_RANGE = "10.96.0.0/16";
export const POD_RANGE = "10.97.0.0/24";
/** Cluster IP of the cluster's DNS. */
export const DNS_ADDRESS = "10.96.0.10";

/** The pair of addresses that joins the host and one lab, a /30 of its own. */
export interface LabNetwork {
  readonly hostAddress: string;
  readonly labAddress: string;
  /** Name of the host's end of the veth pair; at most 15 characters, as Linux demands. */
  readonly hostInterface: string;
}

/** Name of the veth end inside the lab. */
const LAB_INTERFACE = "lab0";

/** The nth of 64 candidate networks for a lab: spread by name, so that two labs rarely ask for the same one. */
export function candidateNetwork(labName: string, attempt: number): LabNetwork {
  const hash = createHash("sha256").update(labName).digest();
  const block = ((hash[0] ?? 0) + attempt) % 64;
  const base = `10.213.${hash[1] ?? 0}.`;
  return {
    hostAddress: `${base}${block * 4 + 1}`,
    labAddress: `${base}${block * 4 + 2}`,
    hostInterface: `frota-${hash.toString("hex").slice(0, 8)}`,
  };
}

/** True when one of the host's addresses or routes (as `ip` prints them) lies in 10.213.x.y's neighbourhood of `network`. */
export function isTaken(network: LabNetwork, routes: readonly string[]): boolean {
  const wanted = toNumber(network.hostAddress) >>> 2;
  return routes.some((route) => {
    const [address = "", bits = "32"] = route.split("/");
    if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false;
    const shift = Math.max(32 - Number(bits), 2);
    return shift < 32 && toNumber(address) >>> shift === (wanted << 2) >>> shift;
  });
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Joins the host and the network namespace of process `pid` by a veth pair, and returns the addresses. */
export async function connectNetwork(labName: string, pid: number): Promise<LabNetwork> {
  const network = await freeNetwork(labName);
  const { hostInterface: host } = network;
  const inLab = (...argv: string[]) => runProgram("nsenter", ["--target", String(pid), "--net", "--", ...argv]);
  // A lab that died hard may have left its host end for a moment; the kernel removes it with the namespace.
  await runProgram("ip", ["link", "delete", host], { reject: false });
  await runProgram("ip", ["link", "add", host, "type", "veth", "peer", "name", LAB_INTERFACE, "netns", String(pid)]);
  await runProgram("ip", ["address", "add", `${network.hostAddress}/30`, "dev", host]);
  await runProgram("ip", ["link", "set", host, "up"]);
  await inLab("ip", "address", "add", `${network.labAddress}/30`, "dev", LAB_INTERFACE);
  await inLab("ip", "link", "set", LAB_INTERFACE, "up");
  // Services need a route to be rewritten from; there is no default route, so nothing else leaves the machine.
  await inLab("ip", "route", "add", SERVICE_RANGE, "dev", LAB_INTERFACE, "src", network.labAddress);
  await inLab("sysctl", "-qw", "net.ipv4.ip_forward=1");
  return network;
}

async function freeNetwork(labName: string): Promise<LabNetwork> {
  const { stdout } = await runProgram("ip", ["-4", "-o", "route", "show", "table", "all"]);
  const own = candidateNetwork(labName, 0).hostInterface;
  const routes = stdout
    .split("\n")
    .filter((line) => !line.includes(own))
    .map((line) => line.trim().split(/\s+/).find((word) => /^\d+\./.test(word)) ?? "");
  for (let attempt = 0; attempt < 64; attempt += 1) {
    const network = candidateNetwork(labName, attempt);
    if (!isTaken(network, routes)) return network;
  }
  throw new FrotaError({
    code: "LAB_NO_ADDRESS",
    message: "every address range that the lab could use is taken on this machine",
    next: "free a /30 in 10.213.0.0/16, or use another lab name with --lab",
  });
}
