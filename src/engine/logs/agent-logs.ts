import type { Cluster, LogOptions } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { AGENT_LABEL, podFacts } from "../observe/agent-facts.ts";
import { concurrently } from "../concurrently.ts";
import { ObjectsWatch } from "../observe/objects-watch.ts";
import { mergeByTime, type AgentLine } from "./log-line.ts";
import { LogPosition } from "./log-position.ts";
import { followPod, hasLog, readPodLog, type AgentsWatch } from "./pod-log.ts";
import { replacementWords } from "./restart-words.ts";

/** What to read of which agents' logs. */
export interface LogsRequest {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Whose: undefined for every agent of the namespace, those that come later included. */
  readonly agents: readonly string[] | undefined;
  /** Only so many of the newest lines of each agent. */
  readonly tail?: number;
  readonly sinceSeconds?: number;
  /** Which lines are wanted, before they are counted; all when absent. */
  readonly filter?: (text: string) => boolean;
  readonly signal: AbortSignal;
  readonly onLine: (line: AgentLine) => void;
  readonly onNotice: (notice: LogNotice) => void;
}

/** What is told besides lines. */
export type LogNotice =
  /** Its process began anew, in this pod; why, where it is known. */
  | { readonly type: "restarted"; readonly agent: string; readonly pod: string; readonly why: string | undefined }
  /** There is nothing to read of it, yet or at all. */
  | { readonly type: "no-log"; readonly agent: string; readonly reason: string }
  | { readonly type: "problem"; readonly agent?: string; readonly reason: string };

/** Logs that are read at the same time. */
const READERS = 16;

/**
 * Reads what there is of the agents' logs, each of its newest pod that has one, and gives the lines in the order of their times.
 * Returns how many agents have a log.
 */
export async function readLogs(request: LogsRequest & { readonly previous: boolean }): Promise<number> {
  const { cluster, namespace, previous, onLine, onNotice } = request;
  const pods = await cluster.list(POD, { namespace, labelSelector: AGENT_LABEL });
  const agents = request.agents ?? [...new Set(pods.map(agentOf))].toSorted();
  const logs = await concurrently(agents, READERS, async (agent) => {
    const own = pods.filter((candidate) => agentOf(candidate) === agent);
    const pod = newestWithLog(own);
    const log = pod ? await readBacklog(request, pod, previous ? { previous } : {}).catch(unreadReason(previous)) : noLogReason(own);
    if (typeof log !== "string") return log;
    onNotice({ type: "no-log", agent, reason: log });
    return undefined;
  });
  const found = logs.filter((lines) => lines !== undefined);
  for (const line of mergeByTime(found)) onLine(line);
  return found.length;
}

/** One log that cannot be read, or an earlier instance that there is not, is no failure of the others. */
function unreadReason(previous: boolean): (error: unknown) => string {
  return (error) => {
    if (!(error instanceof FrotaError) || !UNREAD.has(error.code)) throw error;
    return previous && error.code === "CLUSTER_REFUSED" ? "its gateway has not ended since its pod was made" : error.message;
  };
}

/** The container is gone, or its pod since it was listed. */
const UNREAD: ReadonlySet<string> = new Set(["NO_LOG", "CLUSTER_REFUSED", "NOT_FOUND"]);

/** As {@link readLogs}, and goes on with new lines, through restarts and broken connections, until `signal` aborts. */
export async function followLogs(request: LogsRequest): Promise<void> {
  const { cluster, namespace, signal, onNotice } = request;
  const selection = { namespace, labelSelector: AGENT_LABEL };
  const watch: AgentsWatch = ObjectsWatch.start(cluster, {
    followed: [
      { name: "pods", kind: POD, selection },
      { name: "deployments", kind: { apiVersion: "apps/v1", kind: "Deployment" }, selection },
    ],
    objects: { pods: new Map(), deployments: new Map() },
    onDisconnected: (reason) => onNotice({ type: "problem", reason }),
  });
  try {
    await new LogFollower(request, watch).run();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    watch.stop();
  }
}

/** Follows the pods of agents as they come and go. */
class LogFollower {
  readonly #request: LogsRequest;
  readonly #watch: AgentsWatch;
  /** By uid: pods that are followed, or were. */
  readonly #known = new Set<unknown>();
  /** The newest pod of each agent, as it was last seen. */
  readonly #newest = new Map<string, Manifest>();
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;

  constructor(request: LogsRequest, watch: AgentsWatch) {
    this.#request = request;
    this.#watch = watch;
    this.#signal = AbortSignal.any([request.signal, this.#failed.signal]);
  }

  /** Rejects with the signal's reason, or with what nobody can mend by waiting. */
  async run(): Promise<void> {
    const present = await this.#watch.until(({ pods }) => this.#newPods(pods) ?? [], this.#signal);
    await this.#begin(present);
    for (;;) {
      const found = await this.#watch.until(({ pods, deployments }) => this.#come(pods, deployments), this.#signal);
      for (const { pod, notice } of found) {
        if (notice) this.#request.onNotice(notice);
        this.#follow(pod, new LogPosition());
      }
    }
  }

  /** What is there already comes first, ordered by time across all agents. */
  async #begin(pods: readonly Manifest[]): Promise<void> {
    const { agents = [], onNotice } = this.#request;
    const silent = agents.filter((agent) => !pods.some((pod) => agentOf(pod) === agent && hasLog(pod)));
    for (const agent of silent) onNotice({ type: "no-log", agent, reason: noLogReason(pods.filter((pod) => agentOf(pod) === agent)) });
    const begun = await concurrently(pods, READERS, async (pod) => {
      const position = new LogPosition();
      const lines = hasLog(pod) ? await readBacklog(this.#request, pod, {}, position).catch(ignoreUnread) : [];
      return { pod, position, lines };
    });
    for (const line of mergeByTime(begun.map(({ lines }) => lines))) this.#request.onLine(line);
    for (const { pod, position } of begun) this.#follow(pod, position);
  }

  #newPods(pods: ReadonlyMap<string, Manifest>): Manifest[] | undefined {
    const { agents } = this.#request;
    const wanted = [...pods.values()].filter((pod) => agents?.includes(agentOf(pod)) ?? true);
    const found = wanted.filter((pod) => !this.#known.has(pod.metadata["uid"]));
    for (const pod of wanted) if (!found.includes(pod) && this.#isNewest(pod)) this.#newest.set(agentOf(pod), pod);
    return found.length > 0 ? found.toSorted((one, other) => created(one).localeCompare(created(other))) : undefined;
  }

  #isNewest(pod: Manifest): boolean {
    const newest = this.#newest.get(agentOf(pod));
    return !newest || created(pod) >= created(newest);
  }

  /** Pods that came, each with what is told of one that takes another's place. */
  #come(pods: ReadonlyMap<string, Manifest>, deployments: ReadonlyMap<string, Manifest>) {
    return this.#newPods(pods)?.map((pod) => {
      const agent = agentOf(pod);
      const before = this.#newest.get(agent);
      const why = before && replacementWords(before, pod, deployments.get(agent));
      return { pod, notice: before && ({ type: "restarted", agent, pod: pod.metadata.name, why } as const) };
    });
  }

  #follow(pod: Manifest, position: LogPosition): void {
    const { cluster, filter, onLine, onNotice } = this.#request;
    const agent = agentOf(pod);
    this.#known.add(pod.metadata["uid"]);
    if (this.#isNewest(pod)) this.#newest.set(agent, pod);
    const following = followPod({
      cluster,
      pod,
      watch: this.#watch,
      position,
      signal: this.#signal,
      onLine: (line) => {
        if (filter?.(line.text) ?? true) onLine({ agent, ...line });
      },
      onRestart: (why) => onNotice({ type: "restarted", agent, pod: pod.metadata.name, why }),
      onProblem: (reason) => onNotice({ type: "problem", agent, reason }),
    });
    following.catch((error: unknown) => this.#failed.abort(error));
  }
}

const POD = { apiVersion: "v1", kind: "Pod" } as const;

/** Lines before this moment, no more of them than asked for. `position` is set to the log's end, whatever is asked for. */
async function readBacklog(request: LogsRequest, pod: Manifest, options: LogOptions, position = new LogPosition()): Promise<AgentLine[]> {
  const { cluster, tail, sinceSeconds, filter, signal } = request;
  const agent = agentOf(pod);
  const limits = limitsOf(request);
  const { lines, problem } = await readPodLog(cluster, pod, { ...options, ...limits, signal }, position);
  if (problem) request.onNotice({ type: "problem", agent, reason: problem.message });
  const isEmpty = lines.length === 0 && sinceSeconds !== undefined;
  const [first] = isEmpty ? (await readPodLog(cluster, pod, { ...options, tailLines: 1, signal }, position)).lines : lines;
  if (Object.keys(limits).length > 0) position.startAt(first);
  const wanted = filter ? lines.filter(({ text }) => filter(text)) : lines;
  return wanted.slice(tail === undefined ? 0 : Math.max(0, wanted.length - tail)).map(({ at, text }) => ({ agent, at, text }));
}

function limitsOf({ tail, sinceSeconds, filter }: LogsRequest): Pick<LogOptions, "tailLines" | "sinceSeconds"> {
  return {
    // Of the lines that the filter leaves, not before it; and one at least, to know where the log ends.
    ...(tail === undefined || filter ? {} : { tailLines: Math.max(tail, 1) }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds: Math.ceil(sinceSeconds) }),
  };
}

/** A log that cannot be read at this moment is read when it is followed. */
function ignoreUnread(error: unknown): AgentLine[] {
  if (error instanceof FrotaError && error.code !== "FORBIDDEN" && error.code !== "UNAUTHENTICATED") return [];
  throw error;
}

function newestWithLog(pods: readonly Manifest[]): Manifest | undefined {
  return pods.filter(hasLog).toSorted((one, other) => created(other).localeCompare(created(one)))[0];
}

function noLogReason(pods: readonly Manifest[]): string {
  const [pod] = pods.toSorted((one, other) => created(other).localeCompare(created(one)));
  if (!pod) return "it has no pod";
  const { name, waiting, unschedulable } = podFacts(pod);
  const why = unschedulable ?? [waiting?.reason, waiting?.message].filter((part) => part !== undefined).join(": ");
  return `its pod ${name} has not started yet${why ? ` (${why})` : ""}`;
}

function agentOf(pod: Manifest): string {
  return pod.metadata.labels?.[AGENT_LABEL] ?? "";
}

function created(pod: Manifest): string {
  return podFacts(pod).created;
}
