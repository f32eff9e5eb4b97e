import { mainPod } from "./evidence.ts";
import type { Instant } from "../policy.ts";
import type { AgentStatus, RestartRecord } from "../status.ts";
import type { AgentWorld, DeploymentFacts, PodFacts, RestartCause } from "../world.ts";
import { excerpt, isoTime } from "../words.ts";

/** What the status says about the starts of the agent's process. */
export type History = Pick<AgentStatus, "restarts" | "seen">;

/** Starts kept in status. */
const KEPT = 10;

/** The history with what happened since it was last written. Each start has one cause; what nobody saw is not made up. */
export function historyOf(world: AgentWorld, now: Instant): History {
  const { previous, deployment } = world;
  const old = previous ?? EMPTY;
  const pod = mainPod(world.pods);
  if (!deployment || !pod || pod.isTerminating || !pod.isCurrent) return keep(old);
  if (old.seen?.podUid === pod.uid) return sameProcess(old, pod, now);
  if (!hasBegun(pod, old)) return keep(old);
  const seen = seenOf(pod, deployment);
  const starts = previous ? [startOf(old, deployment, pod), ...exitsOf(pod, pod.restarts, now)] : newestRestart(deployment);
  return { seen, restarts: [...old.restarts, ...starts].slice(-KEPT) };
}

/** Restarts of `history` that `previous` does not have. */
export function newRestarts(history: History, previous: AgentStatus | undefined): readonly RestartRecord[] {
  if (!previous || history.restarts === previous.restarts) return [];
  const last = previous.restarts.at(-1);
  if (!last) return history.restarts;
  const index = history.restarts.findLastIndex((record) => record.at === last.at && record.cause === last.cause && record.detail === last.detail);
  return history.restarts.slice(index + 1);
}

const EMPTY: History = { restarts: [] };

function keep({ restarts, seen }: History): History {
  return seen ? { restarts, seen } : { restarts };
}

/** An agent's first start is recorded together with its outcome, to write the status once. */
function hasBegun(pod: PodFacts, { seen }: History): boolean {
  return pod.isReady || pod.restarts > 0 || pod.ended !== undefined || (seen !== undefined && pod.startedAt !== undefined);
}

function sameProcess(old: History, pod: PodFacts, now: Instant): History {
  const known = old.seen?.containerRestarts ?? 0;
  if (pod.restarts <= known) return keep(old);
  const exits = exitsOf(pod, pod.restarts - known, now);
  return { seen: { ...old.seen, podUid: pod.uid, containerRestarts: pod.restarts }, restarts: [...old.restarts, ...exits].slice(-KEPT) };
}

function exitsOf(pod: PodFacts, count: number, now: Instant): RestartRecord[] {
  const at = isoTime(pod.startedAt ?? now);
  const detail = exitWords(pod);
  if (count <= 0) return [];
  return [{ at, cause: "ContainerExit", detail: count === 1 ? detail : `${detail} (start ${count} since it was last looked at)` }];
}

function exitWords({ ended }: PodFacts): string {
  if (!ended) return "its container ended";
  const said = ended.message === undefined || ended.message.trim() === "" ? "" : `: ${excerpt(ended.message)}`;
  return `${ended.reason === "" ? "Ended" : ended.reason}, exit code ${ended.exitCode}${said}`;
}

function seenOf(pod: PodFacts, deployment: DeploymentFacts): NonNullable<History["seen"]> {
  const { restart } = deployment;
  return {
    podUid: pod.uid,
    containerRestarts: pod.restarts,
    ...(restart ? { restart: restartKey(restart) } : {}),
    ...(pod.restartedAt === undefined ? {} : { restartedAt: pod.restartedAt }),
  };
}

/** A Rollback has the id of the restart that it takes back. */
function restartKey({ id, cause }: { readonly id: string; readonly cause: RestartCause }): string {
  return `${id} ${cause}`;
}

function startOf(old: History, { restart }: DeploymentFacts, pod: PodFacts): RestartRecord {
  // Of a pod whose container began again, only the newest start has a time.
  const at = isoTime(pod.restarts === 0 ? (pod.startedAt ?? pod.createdAt) : pod.createdAt);
  if (restart && restartKey(restart) !== old.seen?.restart) return { at, cause: restart.cause, detail: restart.detail ?? "" };
  if (!old.seen) return { at, cause: "Created", detail: "first start" };
  if (pod.restartedAt !== old.seen.restartedAt) return { at, cause: "Manual", detail: `kubectl rollout restart at ${pod.restartedAt ?? "an unknown time"}` };
  return { at, cause: "PodReplaced", detail: `its pod was deleted, evicted or lost; ${pod.name} replaced it` };
}

function newestRestart({ restart }: DeploymentFacts): RestartRecord[] {
  return restart ? [{ at: isoTime(restart.at), cause: restart.cause, detail: restart.detail ?? "" }] : [];
}
