import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { LabLayout } from "./layout.ts";
import { isLabRunning, readLabRecord } from "./record.ts";

/** One process of the lab as its supervisor sees it. */
export interface ServiceStatus {
  readonly name: string;
  readonly state: "running" | "stopped" | "unknown";
  /** How long it has been in this state. */
  readonly seconds: number | undefined;
}

/** What is known of a lab without asking its cluster. */
export interface LabStatus {
  readonly name: string;
  readonly running: boolean;
  readonly address?: string;
  readonly kubeconfig?: string;
  readonly data: string;
  readonly logs: string;
  readonly services: readonly ServiceStatus[];
}

/** Looks at the lab's processes. */
export async function labStatus(layout: LabLayout): Promise<LabStatus> {
  const { name, data, logs } = layout;
  const record = await readLabRecord(layout);
  if (!record || !(await isLabRunning(record))) return { name, running: false, data, logs, services: [] };
  const names = (await readdir(layout.services)).sort();
  const services = await Promise.all(
    names.map(async (service): Promise<ServiceStatus> => {
      const { stdout } = await execa("sv", ["status", join(layout.services, service)], { reject: false });
      return parseServiceStatus(service, stdout);
    }),
  );
  return { name, running: true, address: record.address, kubeconfig: record.kubeconfig, data, logs, services };
}

/** Reads a line of runit's `sv status`: `run: /path/etcd: (pid 12) 34s, normally down; run: log: ...`. */
export function parseServiceStatus(name: string, line: string): ServiceStatus {
  const match = /^(run|down|finish): [^;]*?(\d+)s\b/.exec(line);
  if (!match) return { name, state: "unknown", seconds: undefined };
  return { name, state: match[1] === "run" ? "running" : "stopped", seconds: Number(match[2]) };
}
