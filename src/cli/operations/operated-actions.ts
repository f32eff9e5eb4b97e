import { withoutWrites } from "../../cluster/dry-run.ts";
import type { RolloutStatus } from "../../decide/status.ts";
import { shortDigest } from "../../decide/words.ts";
import { agentsHeld } from "../../engine/operated/agents-held.ts";
import type { ApplyEvent } from "../../engine/apply/apply-event.ts";
import { followAgents } from "../../engine/operated/follow-agents.ts";
import { lateAgents, WaitingAgents } from "../../engine/operated/late-agents.ts";
import { acknowledged, agentReference, requestOperation, requestRestart } from "../../engine/operated/request.ts";
import { conditionOf } from "../../engine/operated/resource-status.ts";
import { requireController, requireOperated, wayOf, type Way } from "../../engine/operated/way.ts";
import { requireAgents } from "../../engine/operated/require-agents.ts";
import { chosenAgents, readFleetWorld } from "../../engine/status/fleet-report.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { applyView } from "../fleet/apply-view.ts";
import { DRY_RUN, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { openNamespace, type NamespaceTarget } from "../target/namespace-target.ts";
import { requestStamp } from "./requester.ts";

/** Milliseconds that a live controller may take to answer. */
const ANSWER_LIMIT = 60_000;

/** Verbs that the fleet's rollouts know. */
export type RolloutVerb = "start" | "pause" | "resume" | "abort" | "undo" | "refresh";

const DONE: Readonly<Record<RolloutVerb, (rollout: RolloutStatus | undefined) => string>> = {
  start: () => "started: the image rolls out again; agents that failed on it try it again",
  pause: (rollout) => (rollout?.waves.length === 0 ? "paused: nothing rolls out now, and a newer image will wait" : "paused: agents under way finish, no further one moves"),
  resume: () => "resumed",
  abort: (rollout) => `aborted: agents that moved go back to ${previousWords(rollout)}, one wave after another`,
  undo: (rollout) => `undone: all agents go back to ${previousWords(rollout)}, one wave after another`,
  refresh: () => "the registry was asked again",
};

function previousWords(rollout: RolloutStatus | undefined): string {
  return rollout?.previousDigest === undefined ? "the image before it" : shortDigest(rollout.previousDigest);
}

/** What {@link withOperated} looks at first. */
interface OperatedNeeds {
  /** Only where a controller answers. */
  readonly isLive: boolean;
  /** Agents that are named: one that the namespace does not have is told before the way in which the fleet runs is. */
  readonly agents?: readonly string[];
}

/** Runs `work` on an operated fleet and the resources of the agents that are named; in a dry run it writes nothing, and that is said first. */
export async function withOperated(
  context: CliContext,
  flags: ClusterFlags & { readonly dryRun: boolean },
  work: (target: NamespaceTarget, named: readonly Manifest[]) => Promise<void>,
  { isLive, agents = [] }: OperatedNeeds = { isLive: true },
): Promise<void> {
  const target = await openNamespace(context, flags);
  const { cluster, namespace } = target;
  try {
    const way = await wayOf(cluster, namespace, new Date());
    const named = agents.length === 0 ? [] : await requireNamed(target, way, agents);
    requireOperated(way, namespace);
    if (isLive) requireController(way, namespace);
    if (flags.dryRun) context.process.stderr.write(DRY_RUN);
    await work(flags.dryRun ? { ...target, cluster: withoutWrites(cluster) } : target, named);
  } finally {
    cluster.close();
  }
}

/** The agents' resources, none in the plain way. Throws AGENT_UNKNOWN. */
async function requireNamed({ cluster, namespace, declared }: NamespaceTarget, way: Way, agents: readonly string[]): Promise<readonly Manifest[]> {
  if (way.kind === "operated") return requireAgents(cluster, namespace, agents);
  chosenAgents(await readFleetWorld(cluster, { namespace, declared }, new Date()), { names: agents });
  return [];
}

/** Flags of requests to the fleet's rollouts. */
export type RolloutFlags = ClusterFlags & { readonly channel?: string; readonly dryRun: boolean };

/** Asks something of the fleet's rollouts and waits for the controller's answer. */
export async function requestRollout(
  context: CliContext,
  flags: RolloutFlags,
  verb: RolloutVerb,
): Promise<void> {
  await withOperated(context, flags, async ({ cluster, namespace }) => {
    const stamp = requestStamp();
    const { fleet, rollout } = await requestOperation(cluster, namespace, { ...stamp, verb, ...(flags.channel === undefined ? {} : { channel: flags.channel }) });
    if (!flags.dryRun) await acknowledged(cluster, fleet, stamp.id, { timeout: ANSWER_LIMIT, signal: context.signal });
    context.process.stderr.write(`${DONE[verb](rollout)}; \`frota rollout status\` shows it\n`);
  });
}

/** Asks for a restart of each agent and follows them until they are settled again. */
export async function requestRestarts(
  context: CliContext,
  { cluster, namespace }: Pick<NamespaceTarget, "cluster" | "namespace">,
  { names, timeout }: { readonly names: readonly string[]; readonly timeout: number },
): Promise<void> {
  const requests = new Map<string, string>();
  for (const name of names) {
    const stamp = requestStamp();
    await requestRestart(cluster, agentReference(namespace, name), stamp);
    requests.set(name, stamp.id);
  }
  const view = applyView(context);
  const late = AbortSignal.timeout(timeout * names.length);
  const waiting = new WaitingAgents();
  try {
    const signal = AbortSignal.any([late, context.signal]);
    const onEvent = (event: ApplyEvent) => {
      waiting.take(event);
      view.onEvent(event);
    };
    const { resources, stalled, held } = await followAgents({ cluster, namespace, agents: names, fleetGeneration: 0, requests, signal, onEvent });
    if (stalled.length > 0) throw restartStalled(stalled, resources);
    if (held.size > 0) throw agentsHeld(held);
  } catch (error) {
    if (!late.aborted || context.signal.aborted || error instanceof FrotaError) throw error;
    throw await lateAgents({ cluster, namespace, waiting, what: "not every restart was over in time" });
  } finally {
    view.close();
  }
}

function restartStalled(names: readonly string[], resources: ReadonlyMap<string, Manifest>): FrotaError {
  const [first = ""] = names;
  const words = names.map((name) => `\n  ${name}: ${conditionOf(resources.get(name), "Stalled")?.message ?? "stalled"}`).join("");
  return new FrotaError({
    code: "AGENT_STALLED",
    message: `${names.join(", ")} did not come back by itself:${words}`,
    next: `\`frota doctor --agent ${first}\` finds the cause`,
  });
}
