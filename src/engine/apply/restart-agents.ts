import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { numberAt } from "../../spec/plain-field.ts";
import { closestName } from "../../spec/suggestion.ts";
import { disconnectedWarning, type OnApplyEvent } from "./apply-event.ts";
import { readNamespace, watchFleet, type FleetWatch } from "../observe/fleet-watch.ts";
import { RESTARTED_AT } from "../operate/annotations.ts";
import { deployedAgents, requireSecrets } from "../secrets/require-secrets.ts";
import { agentNamesOf } from "../status/agent-status.ts";
import { keepState, type KnownImages } from "./keep-state.ts";
import { agentFailure, waitReady } from "./wait-ready.ts";

/** Which agents to restart, and how. */
export interface RestartRequest {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agents: readonly string[];
  /** Milliseconds that each agent may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** The time that is recorded on the pod template, as `kubectl rollout restart` does. */
  readonly now: () => Date;
  readonly onEvent: OnApplyEvent;
  readonly images?: KnownImages;
}

/**
 * Restarts agents one after another, each Ready before the next. The first that fails ends it. Throws AGENT_UNKNOWN, and what
 * {@link requireSecrets} throws, before anybody is restarted.
 */
export async function restartAgents(request: RestartRequest): Promise<void> {
  const { cluster, namespace, agents } = request;
  const deployed = await deployedAgents(cluster, namespace, agents);
  const there = new Set(deployed.map(({ name }) => name));
  const missing = agents.filter((name) => !there.has(name));
  if (missing.length > 0) throw unknownAgents(missing, namespace, agentNamesOf(await readNamespace(cluster, namespace)));
  await requireSecrets(cluster, namespace, deployed);
  const watch = watchFleet(cluster, namespace, (reason) => request.onEvent(disconnectedWarning(reason)));
  const done: string[] = [];
  try {
    for (const name of agents) {
      await restartAgent(request, watch, name);
      done.push(name);
    }
  } catch (error) {
    throw request.signal.aborted ? interrupted(done) : error;
  } finally {
    watch.stop();
  }
}

async function restartAgent(request: RestartRequest, watch: FleetWatch, name: string): Promise<void> {
  const { cluster, namespace, timeout, signal, now, onEvent } = request;
  signal.throwIfAborted();
  onEvent({ type: "agent-started", agent: name, action: "restart" });
  const patched = await markRestart(cluster, namespace, { agent: name, at: now() });
  const generation = numberAt(patched, "metadata", "generation") ?? 0;
  const result = await waitReady(watch, name, {
    generation,
    timeout,
    signal,
    onProblems: (problems) => onEvent({ type: "agent-waiting", agent: name, problems }),
  });
  if (result.state !== "ready") {
    onEvent({ type: "agent-failed", agent: name, problems: result.problems });
    throw await agentFailure(cluster, result, { seconds: Math.round(timeout / 1000), verb: "restart" });
  }
  const warnings = await keepState(cluster, result.objects, request.images ?? { facts: new Map() });
  for (const message of warnings) onEvent({ type: "warning", agent: name, message });
  onEvent({ type: "agent-ready", agent: name });
}

/** Writes on an agent's pod template that it restarts, as `kubectl rollout restart` does. */
export async function markRestart(cluster: Pick<Cluster, "mergePatch">, namespace: string, { agent, at }: { readonly agent: string; readonly at: Date }): Promise<Manifest> {
  const reference = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: agent };
  const patch = { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: at.toISOString() } } } } };
  return cluster.mergePatch(reference, patch, { fieldManager: "frota-restart" });
}

/** AGENT_UNKNOWN for agents that the cluster does not have, with the nearest name of those that it or the fleet repository has. */
export function unknownAgents(names: readonly string[], namespace: string, known: readonly string[]): FrotaError {
  const meant = closestName(names[0] ?? "", known.filter((name) => !names.includes(name)));
  return new FrotaError({
    code: "AGENT_UNKNOWN",
    message: `namespace ${namespace} has no agent ${names.join(", ")}`,
    next: meant === undefined ? "`frota status` lists the agents; `frota apply` creates those of the repository" : `did you mean \`${meant}\`?`,
    outcome: "usage",
  });
}

function interrupted(done: readonly string[]): FrotaError {
  return new FrotaError({
    code: "INTERRUPTED",
    message: `interrupted; restarted and Ready: ${done.join(", ") || "none"}; a restart that was begun goes on in the cluster`,
    next: "`frota status` shows where it stands",
    outcome: "interrupted",
  });
}
