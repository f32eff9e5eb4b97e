import type { Cluster } from "../../cluster/cluster.ts";
import type { ChangeSet } from "../../plan/change-set.ts";
import { fleetPlan, type Activity, type AgentNow, type FleetPlan } from "../../plan/fleet-plan.ts";
import type { Pace } from "../../plan/restart-duration.ts";
import type { Manifest } from "../../render/manifest.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { AGENT_LABEL, condition, podFacts, type PodFacts } from "../observe/agent-facts.ts";
import { planFleet, type PlanRequest } from "../apply/apply-fleet.ts";
import { askActivities, type AskedActivities } from "../gateway/gateway-activity.ts";
import { conditionOf } from "../operated/resource-status.ts";
import type { OperatedFleet } from "../operated/read-operated.ts";
import { OPERATED } from "../operate/annotations.ts";
import { parsePlainMap, timeAt } from "../operate/parse.ts";
import { resolvePolicy } from "../operate/policy.ts";
import { planHolds } from "./plan-holds.ts";

/** What to plan. */
export interface FleetPlanRequest extends PlanRequest {
  /** As declared. */
  readonly fleet: Fleet;
  /** How it runs now, and whether a controller takes care of it; absent in the plain way. */
  readonly operated?: OperatedFleet | { readonly isLive: boolean };
  readonly now: Date;
}

/** A plan, and what could not be told, in words. */
export interface ReadPlan {
  readonly plan: FleetPlan;
  readonly warnings: readonly string[];
}

/** Objects that the API server is asked about, a third of a second's worth; further ones that differ are compared here. */
const DRY_RUNS = 50;
/** Milliseconds that all gateways together are waited for when their answers are needed: for a few, as long as a first answer takes; of many not all are asked. */
const GATEWAYS = { few: 8, limitOfFew: 12_000, limit: 500 } as const;

/** Reads what applying would do to a fleet, and how the fleet is. Writes nothing. */
export async function readPlan(request: FleetPlanRequest): Promise<ReadPlan> {
  const { cluster, declared } = request;
  const reading = readServing(cluster, declared.namespace);
  const gateways = new Gateways(cluster, declared.namespace, reading);
  try {
    return await planWith(request, reading, gateways);
  } finally {
    gateways.end();
  }
}

async function planWith(request: FleetPlanRequest, reading: Promise<ReadonlyMap<string, Serving>>, gateways: Gateways): Promise<ReadPlan> {
  const { cluster, declared, now } = request;
  const { namespace } = declared;
  const [{ changes, checked, notAsked }, deployments, serving] = await Promise.all([
    // The controller takes over what others set.
    planFleet({ ...request, forceConflicts: request.operated !== undefined, dryRuns: DRY_RUNS, onForeseen: (agents) => gateways.ask(agents) }),
    cluster.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace }),
    reading,
  ]);
  const activities = await gateways.activitiesOf(changes.agents.filter(({ action }) => action === "restart").map(({ name }) => name));
  const byName = new Map(deployments.map((deployment) => [deployment.metadata.name, deployment]));
  const sidesOf = (name: string) => ({ serving: serving.get(name), deployment: byName.get(name), activity: activities.get(name), resource: resourceOf(request, name) });
  const agents = new Map(changes.agents.map(({ name }): [string, AgentNow] => [name, agentNow(sidesOf(name))]));
  const plan = fleetPlan(changes, { namespace, agents, pace: paceOf(request, changes), holds: planHolds(request, now) });
  const quick = notAsked === 0 ? [] : [`${notAsked} objects that change were compared here: the API server was asked about ${DRY_RUNS} others, and \`frota diff\` asks about all`];
  return { plan, warnings: [...checked.warnings, ...quick] };
}

type Activities = ReadonlyMap<string, Activity>;

/** What gateways say of their agents: those that seem to restart are asked while the API server is. */
class Gateways {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #serving: Promise<ReadonlyMap<string, Serving>>;
  readonly #agents = new Set<string>();
  readonly #asked: Promise<AskedActivities>[] = [];

  constructor(cluster: Cluster, namespace: string, serving: Promise<ReadonlyMap<string, Serving>>) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#serving = serving;
  }

  /** Those that were not asked before. */
  ask(agents: readonly string[]): void {
    const others = agents.filter((name) => !this.#agents.has(name));
    for (const name of others) this.#agents.add(name);
    const asked = this.#begin(others);
    // Told by who waits for the answers; a plan that fails before that has another reason.
    asked.catch(() => undefined);
    this.#asked.push(asked);
  }

  /** Of those of the agents that serve; who was not asked before is asked now: admission may restart agents that did not seem to. */
  async activitiesOf(agents: readonly string[]): Promise<Activities> {
    this.ask(agents);
    const serving = await this.#serving;
    const limit = agents.filter((name) => serving.has(name)).length <= GATEWAYS.few ? GATEWAYS.limitOfFew : GATEWAYS.limit;
    const answers = await Promise.all(this.#asked.map(async (asked) => (await asked).within(limit)));
    const wanted = new Set(agents);
    return new Map(answers.flatMap((found) => Array.from(found)).filter(([name]) => wanted.has(name)));
  }

  /** Nobody is asked any more. */
  end(): void {
    for (const asked of this.#asked) asked.then((activities) => activities.end(), () => undefined);
  }

  async #begin(agents: readonly string[]): Promise<AskedActivities> {
    const serving = await this.#serving;
    const pods = agents.flatMap((agent) => {
      const found = serving.get(agent);
      return found ? [{ agent, pod: found.facts.name }] : [];
    });
    return askActivities({ cluster: this.#cluster, namespace: this.#namespace, pods });
  }
}

interface Serving {
  readonly facts: PodFacts;
  /** Milliseconds since the epoch. */
  readonly readyAt: number;
}

async function readServing(cluster: Cluster, namespace: string): Promise<ReadonlyMap<string, Serving>> {
  const pods = await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector: AGENT_LABEL });
  return new Map(pods.flatMap(servingEntry));
}

function servingEntry(pod: Manifest): [string, Serving][] {
  const agent = pod.metadata.labels?.[AGENT_LABEL];
  const facts = podFacts(pod);
  if (agent === undefined || !facts.isReady || facts.isTerminating) return [];
  return [[agent, { facts, readyAt: timeAt(condition(pod, "Ready"), "lastTransitionTime") ?? Number.NaN }]];
}

interface AgentSides {
  readonly serving: Serving | undefined;
  readonly deployment: Manifest | undefined;
  readonly activity: AgentNow["activity"] | undefined;
  readonly resource: Manifest | undefined;
}

function agentNow({ serving, deployment, activity, resource }: AgentSides): AgentNow {
  const lastRestart = serving && restartTime(serving, deployment);
  const reconciling = conditionOf(resource, "Reconciling");
  return {
    isUp: serving !== undefined,
    ...(activity ? { activity } : {}),
    ...(lastRestart === undefined ? {} : { lastRestart }),
    ...(reconciling?.status === "True" ? { underWay: reconciling.message } : {}),
  };
}

/** A restart that took longer waited for somebody; its figure says nothing about others. */
const LONGEST_RESTART = 1_800_000;

/** From the write of the restart (else from the making of its pod) until the pod was Ready; nothing of a container that began again since. */
function restartTime({ facts, readyAt }: Serving, deployment: Manifest | undefined): number | undefined {
  const made = Date.parse(facts.created);
  const written = timeAt(parsePlainMap(deployment?.metadata.annotations?.[OPERATED.restart]), "at");
  const isOfThisPod = written !== undefined && written <= made && made - written < LONGEST_RESTART;
  const took = readyAt - (isOfThisPod ? written : made);
  return facts.restarts === 0 && took > 0 && took < LONGEST_RESTART ? took : undefined;
}

function resourceOf({ operated }: FleetPlanRequest, name: string): Manifest | undefined {
  return operated && "agents" in operated && operated.isLive ? operated.agents.get(name) : undefined;
}

function paceOf({ operated, fleet, now }: FleetPlanRequest, { agents }: ChangeSet): Pace {
  if (!operated) return { way: "plain" };
  const { maxDisrupted, canaries, bakeTime, quietWait } = resolvePolicy(fleet, agents.length, now.getTime());
  return { way: "operated", maxDisrupted, canaries, bakeTime, quietWait };
}
