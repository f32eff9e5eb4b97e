import type { Cluster, LogOptions } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";
import { CONTAINER, podFacts } from "../observe/agent-facts.ts";
import type { ObjectsWatch } from "../observe/objects-watch.ts";
import { isKubeletLine, parseLogLine, type LogLine } from "./log-line.ts";
import { LogPosition } from "./log-position.ts";
import { containerRestartWords } from "./restart-words.ts";

/** Pods and Deployments of agents, followed. */
export type AgentsWatch = ObjectsWatch<"pods" | "deployments">;

/** A pod whose log is read on and on. */
export interface FollowedPod {
  readonly cluster: Cluster;
  readonly pod: Manifest;
  readonly watch: AgentsWatch;
  /** What was read before. */
  readonly position: LogPosition;
  readonly signal: AbortSignal;
  readonly onLine: (line: LogLine) => void;
  /** The container began again in the same pod; why, where the pod tells. */
  readonly onRestart: (why: string | undefined) => void;
  /** The log cannot be read now. It is tried again. */
  readonly onProblem: (reason: string) => void;
}

const FIRST_BACKOFF = 200;
const LAST_BACKOFF = 5_000;
/** Waiting does not mend these. */
const FATAL: ReadonlySet<string> = new Set(["FORBIDDEN", "UNAUTHENTICATED"]);

/** Lines that were read, and why not all of them, where the node could not read on. */
interface ReadLines {
  readonly lines: readonly LogLine[];
  readonly problem?: FrotaError;
}

/** Reads what there is of the log of a pod's container, and takes it down in `position`. Throws where nothing can be read. */
export async function readPodLog(cluster: Cluster, pod: Manifest, options: LogOptions, position = new LogPosition()): Promise<ReadLines> {
  const lines: LogLine[] = [];
  try {
    for await (const line of containerLines(cluster, pod, options)) if (position.take(line)) lines.push(line);
  } catch (error) {
    if (lines.length === 0 || !(error instanceof FrotaError) || error.code !== "NO_LOG") throw error;
    return { lines, problem: error };
  }
  return { lines };
}

/** Throws NO_LOG for what the kubelet says in the log's place, or at its end: it answers as if the container had said it. */
async function* containerLines(cluster: Cluster, pod: Manifest, options: LogOptions): AsyncGenerator<LogLine, void, undefined> {
  const place = placeOf(pod);
  for await (const raw of cluster.podLogs(place, { container: CONTAINER, timestamps: true, ...options })) {
    const line = parseLogLine(raw);
    if (isKubeletLine(line)) throw unreadable(place, line.text);
    yield line;
  }
}

function unreadable({ namespace, name }: ReturnType<typeof placeOf>, words: string): FrotaError {
  return new FrotaError({
    code: "NO_LOG",
    message: `the node of pod ${name} cannot read its log now: ${words}`,
    where: { kind: "Pod", namespace, name },
    next: "`frota status` says how the pod is; `frota logs -f` waits for what can be read",
  });
}

/** Whether the container ran, so that there is a log. */
export function hasLog(pod: Manifest): boolean {
  const { isScheduled, isRunning, terminated, restarts } = podFacts(pod);
  return isScheduled && (isRunning || terminated !== undefined || restarts > 0);
}

/**
 * Reads a pod's log on, through restarts of its container and broken connections, until the pod is gone: each line once. Ends without
 * an error when `signal` aborts.
 */
export async function followPod(followed: FollowedPod): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([followed.signal, ended.signal]);
  // A stream may go over to the next instance unnoticed: restarts are told by what the cluster says.
  const telling = tellRestarts({ ...followed, signal });
  try {
    await readInstances(followed);
  } catch (error) {
    ignoreAbort(error);
  } finally {
    ended.abort();
    await telling;
  }
}

async function tellRestarts({ watch, pod, signal, onRestart }: FollowedPod): Promise<void> {
  let told = podFacts(pod).restarts;
  const newRestart = (now: Manifest | undefined) => (now && isSame(now, pod) && podFacts(now).restarts > told ? now : undefined);
  try {
    for (;;) {
      const now = await watch.until(({ pods }) => newRestart(pods.get(pod.metadata.name)), signal);
      told = podFacts(now).restarts;
      onRestart(containerRestartWords(now));
    }
  } catch {
    // What ends the watch ends the reading, which says so.
  }
}

async function readInstances(followed: FollowedPod): Promise<void> {
  const { watch, pod, signal } = followed;
  // Of the container's instances, counted from 0, those up to here were read to their ends.
  let done = podFacts(pod).restarts - 1;
  while (!signal.aborted) {
    const now = await watch.until(({ pods }) => unread(pods.get(pod.metadata.name), pod, done), signal);
    if (now === "gone") return;
    const { restarts } = podFacts(now);
    // What was written between the last line that came and the end of the instance before.
    if (restarts > done + 1) await readRest(followed);
    done = (await followInstance(followed, restarts)) === "complete" ? restarts : restarts - 1;
  }
}

/** The pod once there is an instance to read; `gone` when there will be none. */
function unread(now: Manifest | undefined, pod: Manifest, done: number): Manifest | "gone" | undefined {
  if (!now || !isSame(now, pod)) return "gone";
  return hasLog(now) && podFacts(now).restarts > done ? now : undefined;
}

async function readRest({ cluster, pod, position, onLine, signal }: FollowedPod): Promise<void> {
  position.begin();
  try {
    const { lines } = await readPodLog(cluster, pod, { previous: true, ...sinceOf(position), signal }, position);
    for (const line of lines) onLine(line);
  } catch (error) {
    // The node keeps one earlier instance at most.
    if (isFatal(error)) throw error;
  }
}

/** Reads an instance on, however often the connection breaks: `complete` to its end, or until another took its place. */
async function followInstance(followed: FollowedPod, instance: number): Promise<"complete" | "passed"> {
  const { watch, pod, signal, onProblem } = followed;
  const standing = () => watch.until(({ pods }) => standingOf(pods.get(pod.metadata.name), pod, instance), signal);
  for (let failures = 0; ; ) {
    // Asked before it is read: only what had ended by then is read to its end.
    const before = await standing();
    if (before === "passed") return before;
    const began = performance.now();
    const isRead = await readWhileNewest(followed, instance);
    if (before === "ended" && isRead) return "complete";
    // A quiet log's connection is broken now and then by what is on the way.
    failures = isRead || performance.now() - began > STEADY ? 0 : failures + 1;
    if (failures === PATIENCE) onProblem(`the log of ${pod.metadata.name} cannot be read now; it is tried again`);
    const pause = AbortSignal.timeout(Math.min(FIRST_BACKOFF * 2 ** failures, LAST_BACKOFF));
    const hasChanged = ({ pods }: { pods: ReadonlyMap<string, Manifest> }) => standingOf(pods.get(pod.metadata.name), pod, instance) !== before || undefined;
    await watch.until(hasChanged, AbortSignal.any([signal, pause])).catch(ignoreAbort);
  }
}

/** Failed attempts in a row before it is said. */
const PATIENCE = 6;
/** Milliseconds after which a reading that broke counts as one that worked. */
const STEADY = 10_000;

/**
 * Reads to the end of what the node gives now; false when that broke, or when another instance took the place: the node gives the
 * newest one's log, and of the one before what {@link readRest} asks for.
 */
async function readWhileNewest(followed: FollowedPod, instance: number): Promise<boolean> {
  const { watch, pod, signal } = followed;
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const isOver = (now: Manifest | undefined) => (now && isSame(now, pod) && podFacts(now).restarts > instance) || undefined;
  const watching = watch.until(({ pods }) => isOver(pods.get(pod.metadata.name)), either).then(
    () => over.abort(),
    () => undefined,
  );
  try {
    const isRead = await readOn(followed, either);
    return isRead && !over.signal.aborted;
  } finally {
    over.abort();
    await watching;
  }
}

async function readOn({ cluster, pod, position, onLine, signal: whole }: FollowedPod, signal: AbortSignal): Promise<boolean> {
  position.begin();
  try {
    for await (const line of containerLines(cluster, pod, { follow: true, ...sinceOf(position), signal })) if (position.take(line)) onLine(line);
  } catch (error) {
    whole.throwIfAborted();
    if (!signal.aborted && isFatal(error)) throw error;
    return false;
  }
  whole.throwIfAborted();
  return true;
}

function isFatal(error: unknown): boolean {
  return !(error instanceof FrotaError) || FATAL.has(error.code);
}

/** Whether an instance of the container runs, has ended and is the newest still, or has a successor. */
function standingOf(now: Manifest | undefined, pod: Manifest, instance: number): "runs" | "ended" | "passed" {
  if (!now || !isSame(now, pod)) return "passed";
  const { restarts, isRunning, terminated } = podFacts(now);
  if (restarts > instance) return "passed";
  return !isRunning && terminated !== undefined ? "ended" : "runs";
}

function isSame(one: Manifest, other: Manifest): boolean {
  return one.metadata["uid"] === other.metadata["uid"];
}

function sinceOf({ since }: LogPosition): { sinceTime?: string } {
  return since === undefined ? {} : { sinceTime: since };
}

function placeOf({ metadata }: Manifest): { namespace: string; name: string } {
  return { namespace: textAt(metadata, "namespace") ?? "", name: metadata.name };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || !["AbortError", "TimeoutError"].includes(error.name)) throw error;
}
