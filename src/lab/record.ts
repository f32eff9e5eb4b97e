import { readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { labLayout, type LabLayout } from "./layout.ts";
import { processStartTime } from "./machine/process-start-time.ts";

const recordSchema = z.object({
  name: z.string(),
  /** Process that is PID 1 inside the lab, as seen from the host, and its start time in clock ticks since boot. */
  init: z.object({ pid: z.int(), startTime: z.string() }),
  /** The lab's end of the veth pair: address of the API server, the node, Vault, the registry and the model server. */
  address: z.string(),
  hostAddress: z.string(),
  /** The host's end of the veth pair. */
  hostInterface: z.string(),
  kubeconfig: z.string(),
  vault: z.object({ address: z.string(), tokenFile: z.string(), caFile: z.string() }),
  registry: z.object({ address: z.string(), username: z.string(), passwordFile: z.string() }),
  modelServer: z.object({ address: z.string(), port: z.int() }),
});

/** What a running lab tells the commands that use it. Holds no secret itself, only paths of files readable by root. */
export type LabRecord = z.output<typeof recordSchema>;

/** The record of a lab that was started, whether or not it still runs; undefined when there is none. */
export async function readLabRecord(layout: LabLayout): Promise<LabRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(layout.record, "utf8")));
  } catch {
    return undefined;
  }
}

/** True while the lab's PID 1 is the process that the record names. */
export async function isLabRunning(record: LabRecord): Promise<boolean> {
  return (await processStartTime(record.init.pid)) === record.init.startTime;
}

/** Names of this user's labs that run, in order. */
export async function runningLabs(env: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const names = await readdir(dirname(labLayout("any", env).data)).catch(() => []);
  const running = await Promise.all(names.map(async (name) => {
    const record = await readLabRecord(labLayout(name, env));
    return record !== undefined && (await isLabRunning(record));
  }));
  return names.filter((_name, index) => running[index]).toSorted();
}
