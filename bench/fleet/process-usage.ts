import { readFile } from "node:fs/promises";

/** What a process has used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** Resident now, and the most that it ever was. */
  readonly residentMegabytes: number;
  readonly peakMegabytes: number;
}

/** Ticks of a second in /proc, on every Linux that Node runs on. */
const TICKS = 100;

/** Reads /proc. Throws when there is no such process. */
export async function processUsage(pid: number): Promise<ProcessUsage> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    residentMegabytes: kilobytes("VmRSS") / 1000,
    peakMegabytes: kilobytes("VmHWM") / 1000,
  };
}
