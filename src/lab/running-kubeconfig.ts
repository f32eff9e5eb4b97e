import { readFile } from "node:fs/promises";
import { numberAt, textAt } from "../spec/plain-field.ts";
import type { LabLayout } from "./layout.ts";
import { processStartTime } from "./machine/process-start-time.ts";

/**
 * The kubeconfig of a lab that runs; undefined when it does not. For who has no time: what checks a whole record takes longer to load
 * than a shell's completion may.
 */
export async function runningKubeconfig(layout: LabLayout): Promise<string | undefined> {
  const record: unknown = await readFile(layout.record, "utf8").then(JSON.parse).catch(() => undefined);
  const pid = numberAt(record, "init", "pid");
  if (pid === undefined || (await processStartTime(pid)) !== textAt(record, "init", "startTime")) return undefined;
  return textAt(record, "kubeconfig");
}
