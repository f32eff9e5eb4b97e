import type { Cluster, LogOptions } from "../../cluster/cluster.ts";
import type { PodObservation } from "../../plan/diagnosis/observation.ts";
import type { Observed } from "../../plan/secret-observations.ts";
import { isNoLog } from "../logs/log-line.ts";
import { CONTAINER } from "../observe/agent-facts.ts";
import { look, unknown } from "./look.ts";

/** Newest lines that are read of the container that runs: hours of one that is well, minutes of one that is busy. */
const LINES = 400;
/** Lines that are read of one that ended. */
const LAST_LINES = 60;

/** What the gateway says, and what the one before it said last. */
export interface LogObservation {
  readonly log: Observed<readonly string[]>;
  readonly lastWords: Observed<readonly string[]>;
}

/** Reads the logs of the containers that there are and were. */
export async function observeLogs(cluster: Cluster, namespace: string, container: Observed<PodObservation>): Promise<LogObservation> {
  if (container.state !== "found") return { log: container, lastWords: { state: "absent" } };
  const pod = container.value;
  const read = (options: LogOptions) => look((signal) => lines(cluster.podLogs({ namespace, name: pod.name }, { container: CONTAINER, signal, ...options })));
  const previous = () => (pod.restarts > 0 ? read({ previous: true, tailLines: LAST_LINES }) : Promise.resolve({ state: "absent" } as const));
  if (pod.isRunning) {
    const [log, lastWords] = await Promise.all([read({ tailLines: LINES }), previous()]);
    return { log, lastWords };
  }
  const lastWords = pod.restarts === 0 && pod.ended ? await read({ tailLines: LAST_LINES }) : await previous();
  return { log: unknown("its container does not run"), lastWords };
}

async function lines(log: AsyncIterable<string>): Promise<readonly string[]> {
  const read: string[] = [];
  for await (const line of log) if (!isNoLog(line)) read.push(line);
  return read;
}
