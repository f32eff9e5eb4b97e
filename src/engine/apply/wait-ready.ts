import { withoutCredentials } from "../../spec/credential.ts";
import { FrotaError } from "../../spec/error.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { isNoLog } from "../logs/log-line.ts";
import { CONTAINER, currentPods, type AgentObjects } from "../observe/agent-facts.ts";
import { agentObjects, type FleetWatch } from "../observe/fleet-watch.ts";
import { problemsOf, readiness, type Problem } from "../observe/readiness.ts";

/** How to wait for an agent. */
export interface ReadyWait {
  /** Of the Deployment as it was written last; 0 when nothing was written. */
  readonly generation: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Called when what the agent waits for changes. */
  readonly onProblems: (problems: readonly Problem[]) => void;
}

/** The end of a wait: the agent's objects when it is ready, else why it is not. */
export type ReadyResult =
  | { readonly state: "ready"; readonly objects: AgentObjects }
  | { readonly state: "failed" | "timeout"; readonly objects: AgentObjects; readonly problems: readonly Problem[] };

/** Waits until the agent runs what its Deployment says, cannot any more, or the time is over. */
export async function waitReady(watch: FleetWatch, name: string, wait: ReadyWait): Promise<ReadyResult> {
  const timeout = AbortSignal.timeout(wait.timeout);
  let objects: AgentObjects = { name, pods: [], replicaSets: [], events: [] };
  let told = "";
  try {
    return await watch.until((seen) => {
      objects = agentObjects(seen, name);
      const { state, problems } = readiness(objects, wait.generation);
      if (state === "ready") return { state, objects };
      if (state === "failed") return { state, objects, problems };
      const text = problems.map((problem) => problem.message).join("\n");
      if (text !== told) wait.onProblems(problems);
      told = text;
      return undefined;
    }, AbortSignal.any([wait.signal, timeout]));
  } catch (error) {
    if (wait.signal.aborted || !timeout.aborted) throw error;
    return { state: "timeout", objects, problems: problemsOf(objects) };
  }
}

/** Log lines that are quoted in a failure. */
const QUOTED_LINES = 12;

const WAYS_ON: Readonly<Record<"apply" | "restart", (name: string) => string>> = {
  apply: (name) => `then \`frota apply\` again; or go back: restore the last good files (\`git revert\`) and \`frota apply ${name}\`; its volume is untouched`,
  restart: (name) => `then \`frota restart ${name}\` again; its volume is untouched`,
};

/** The failure of an agent, told with the cluster's reasons, its last log lines and the safe way back. */
export async function agentFailure(
  cluster: Cluster,
  result: Exclude<ReadyResult, { state: "ready" }>,
  { seconds, verb }: { readonly seconds: number; readonly verb: "apply" | "restart" },
): Promise<FrotaError> {
  const { name } = result.objects;
  const said = result.problems.map((problem) => problem.message);
  const reasons = said.length > 0 ? said.join("; ") : "the cluster gives no reason";
  const lines = await lastLogLines(cluster, result.objects);
  const quoted = lines.length > 0 ? `\n  last log lines of ${name}:\n${lines.map((line) => `    ${line}`).join("\n")}` : "";
  const what = result.state === "timeout" ? `is not Ready after ${seconds} s` : "cannot become Ready";
  const advice = result.problems.map((problem) => problem.next).filter((next) => next !== undefined);
  const namespace = result.objects.deployment?.metadata.namespace;
  return new FrotaError({
    code: result.state === "timeout" ? "AGENT_NOT_READY" : "AGENT_FAILED",
    message: `${name} ${what}: ${reasons}${quoted}`,
    where: { kind: "Deployment", name, ...(namespace === undefined ? {} : { namespace }) },
    next: [...(advice.length > 0 ? advice : [`\`frota doctor --agent ${name}\` finds the cause`]), WAYS_ON[verb](name)].join("; "),
    outcome: result.state === "timeout" ? "timeout" : "failed",
  });
}

async function lastLogLines(cluster: Cluster, objects: AgentObjects): Promise<string[]> {
  const [pod] = currentPods(objects);
  const namespace = objects.deployment?.metadata.namespace;
  if (!pod?.isScheduled || namespace === undefined) return [];
  const lines: string[] = [];
  try {
    const options = { container: CONTAINER, tailLines: QUOTED_LINES, previous: pod.waiting !== undefined && pod.restarts > 0 };
    for await (const line of cluster.podLogs({ namespace, name: pod.name }, options)) if (!isNoLog(line)) lines.push(withoutCredentials(line));
  } catch {
    // The container may never have started, or its node is gone: the reasons above stand without a log.
  }
  return lines;
}
