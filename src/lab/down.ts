import { rm } from "node:fs/promises";
import { FrotaError } from "../spec/error.ts";
import { containerdClient } from "./cluster/containerd-client.ts";
import type { LabLayout } from "./layout.ts";
import { lockLab } from "./lock.ts";
import { assertLabPossible, THIS_PLATFORM } from "./machine/platform.ts";
import { isLabRunning, readLabRecord } from "./record.ts";
import { killSandbox, removeCgroups, type InitProcess } from "./sandbox/sandbox.ts";
import { runSteps, type Step, type StepReporter } from "./steps.ts";
import { stopService } from "./services/supervisor.ts";
import { until } from "./until.ts";

/** What `labDown` is to do. */
export interface DownOptions {
  readonly layout: LabLayout;
  /** Also remove the lab's data: volumes, Vault, registry, cluster. Must be the lab's name, as a confirmation. */
  readonly purge?: string;
  readonly report: StepReporter;
  readonly signal: AbortSignal;
}

/** Seconds that agents get to stop by themselves before the lab's processes are ended. */
const DRAIN_SECONDS = 20;

/**
 * Ends the lab: agents stop by themselves if they can, then the kernel ends every process, mount and network device with
 * the lab's namespaces. Data stays unless `purge` names the lab. Does nothing where nothing runs. Throws LAB_IMPOSSIBLE for
 * another user than root, who cannot tell whether the lab runs.
 */
export async function labDown({ layout, purge, report, signal }: DownOptions): Promise<void> {
  if (purge !== undefined && purge !== layout.name) {
    throw new FrotaError({
      code: "LAB_PURGE_NAME",
      message: `--purge must name the lab that loses its data: ${layout.name}, not ${purge}`,
      next: `frota lab down --purge ${layout.name}`,
      outcome: "usage",
    });
  }
  assertLabPossible(THIS_PLATFORM);
  await using _lock = await lockLab(layout.name);
  const record = await readLabRecord(layout);
  const init = record && (await isLabRunning(record)) ? record.init : undefined;
  await runSteps([...(init ? stopSteps(layout, init, signal) : []), ...leftoverSteps(layout, init, purge)], report, signal);
}

function stopSteps(layout: LabLayout, init: InitProcess, signal: AbortSignal): Step[] {
  return [
    { id: "agents", title: "Let the agents stop", run: () => drain(layout, init, signal) },
    {
      id: "processes",
      title: "End the lab's processes",
      needs: ["agents"],
      run: async () => {
        await killSandbox(init, signal);
        return undefined;
      },
    },
  ];
}

function leftoverSteps(layout: LabLayout, init: InitProcess | undefined, purge: string | undefined): Step[] {
  return [
    {
      id: "leftovers",
      title: purge ? "Remove the lab's control groups and data" : "Remove the lab's control groups",
      ...(init ? { needs: ["processes"] } : {}),
      run: async ({ signal }) => {
        await until(() => removeCgroups(layout.name).then(() => true as const), {
          signal,
          seconds: 60,
          what: "the lab's control groups to empty",
        });
        await rm(layout.record, { force: true });
        if (purge === undefined) return undefined;
        await rm(layout.data, { recursive: true, force: true });
        return `${layout.data} is gone`;
      },
    },
  ];
}

async function drain(layout: LabLayout, init: InitProcess, signal: AbortSignal): Promise<string | undefined> {
  // Without kubelet nobody starts them again.
  await stopService(layout, "kubelet");
  const running = async () => {
    const { stdout } = await containerdClient(init, "tasks", "list");
    return stdout.split("\n").filter((line) => line.includes("RUNNING")).map((line) => line.split(/\s+/)[0] ?? "");
  };
  const tasks = await running();
  await Promise.all(tasks.map((task) => containerdClient(init, "tasks", "kill", "--signal", "SIGTERM", task)));
  const stopped = await until(async () => ((await running()).length === 0 ? true : undefined), {
    signal,
    seconds: DRAIN_SECONDS,
    what: "containers to stop",
  }).catch(() => false);
  return stopped ? `${tasks.length} containers stopped` : "some did not stop in time and are ended";
}
