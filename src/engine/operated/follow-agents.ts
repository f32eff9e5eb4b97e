import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { disconnectedWarning, type OnApplyEvent } from "../apply-event.ts";
import { ObjectsWatch } from "../objects-watch.ts";
import { AGENT_KIND } from "./resource-kinds.ts";
import { agentResourceStatus, conditionOf, standingOf } from "./resource-status.ts";

/** What to wait for. */
export interface FollowAgents {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agents: readonly string[];
  /** `metadata.generation` of the Fleet that the agents' statuses must answer; 0 for any. */
  readonly fleetGeneration: number;
  /** Requests, by agent, that the controller must have carried out: their ids. */
  readonly requests?: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
  readonly onEvent: OnApplyEvent;
}

/** The agents' resources when waiting ended, and which of them need somebody's hand. */
export interface FollowedAgents {
  readonly resources: ReadonlyMap<string, Manifest>;
  readonly stalled: readonly string[];
}

/** Phases in which a running agent is being restarted on purpose. */
const RESTART_PHASES: ReadonlySet<string | undefined> = new Set(["WaitingForQuiet", "Draining"]);

/**
 * Follows agents until each is as declared or stalled, and tells what happens meanwhile. Ends early when one is stalled and no
 * other is under way. Rejects with the signal's reason.
 */
export async function followAgents(request: FollowAgents): Promise<FollowedAgents> {
  const { cluster, namespace, agents, signal, onEvent } = request;
  const watch = ObjectsWatch.start(cluster, {
    followed: [{ name: "agents", kind: AGENT_KIND, selection: { namespace } }],
    objects: { agents: new Map<string, Manifest>() },
    onDisconnected: (reason) => onEvent(disconnectedWarning(reason)),
  });
  const telling = new Telling(onEvent);
  try {
    return await watch.until((objects) => {
      const found = agents.map((name): Found => standingNow(name, objects.agents.get(name), request));
      for (const one of found) telling.tell(one);
      return ending(found);
    }, signal);
  } finally {
    watch.stop();
  }
}

interface Found {
  readonly name: string;
  readonly resource: Manifest | undefined;
  readonly standing: ReturnType<typeof standingOf>;
}

/** An answer from before the request, or from before the Fleet changed, is none. */
function standingNow(name: string, resource: Manifest | undefined, { requests, fleetGeneration }: FollowAgents): Found {
  const status = agentResourceStatus(resource);
  const request = requests?.get(name);
  const isAnswer = (status?.observedFleetGeneration ?? 0) >= fleetGeneration && (request === undefined || status?.acknowledgedOperation === request);
  return { name, resource, standing: resource && isAnswer ? standingOf(resource) : "waiting" };
}

function ending(found: readonly Found[]): FollowedAgents | undefined {
  if (found.some(({ standing }) => standing === "waiting")) return undefined;
  const resources = new Map(found.flatMap(({ name, resource }) => (resource ? [[name, resource] as const] : [])));
  return { resources, stalled: found.filter(({ standing }) => standing === "stalled").map(({ name }) => name) };
}

/** Turns what statuses say into events, each said once. */
class Telling {
  readonly #onEvent: OnApplyEvent;
  readonly #waiting = new Map<string, string>();

  constructor(onEvent: OnApplyEvent) {
    this.#onEvent = onEvent;
  }

  tell({ name: agent, resource, standing }: Found): void {
    if (!resource) return;
    if (standing === "waiting") this.#tellWaiting(agent, resource);
    // Who was never seen waiting has nothing to tell.
    else if (this.#waiting.delete(agent)) {
      const problems = [{ reason: "Stalled", message: messageOf(resource), fatal: true }];
      this.#onEvent(standing === "ready" ? { type: "agent-ready", agent } : { type: "agent-failed", agent, problems });
    }
  }

  #tellWaiting(agent: string, resource: Manifest): void {
    const message = messageOf(resource);
    const reason = conditionOf(resource, "Ready")?.reason ?? "Waiting";
    const said = this.#waiting.get(agent);
    if (said === undefined) this.#onEvent({ type: "agent-started", agent, action: actionOf(resource) });
    if (said !== message) this.#onEvent({ type: "agent-waiting", agent, problems: [{ reason, message, fatal: false }] });
    this.#waiting.set(agent, message);
  }
}

function messageOf(resource: Manifest): string {
  const telling = conditionOf(resource, "Stalled") ?? conditionOf(resource, "Ready");
  return telling?.message ?? "waits for the controller";
}

function actionOf(resource: Manifest): "create" | "restart" | "wait" {
  const status = agentResourceStatus(resource);
  if (status === undefined || status.restarts.length === 0) return "create";
  return RESTART_PHASES.has(status.phase) ? "restart" : "wait";
}
