import type { Cluster } from "../../cluster/cluster.ts";
import { objectId, type PlannedObject, type Refusal } from "../../plan/change-set.ts";
import { refusalsOf } from "../../plan/refusal.ts";
import { manifestKey, type Manifest } from "../../render/manifest.ts";
import { isEqual } from "../../render/start-guard/merge.mjs";
import { FrotaError } from "../../spec/error.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { concurrently } from "../concurrently.ts";
import type { DeclaredFleet } from "./declared-fleet.ts";
import { PARALLEL, readLive } from "./read-live.ts";
import { simulateApply } from "./simulated-apply.ts";

/** What the cluster says about a declared fleet. */
export interface ObservedFleet {
  readonly objects: readonly PlannedObject[];
  /** Live objects with the fleet's labels, of the kinds that are rendered. */
  readonly owned: readonly Manifest[];
  /** So many objects differ, or are new, and the API server was not asked about them: see `dryRuns`. */
  readonly notAsked: number;
}

/** How to ask. */
export interface ObserveOptions {
  /** Takes over fields that other field managers own. */
  readonly force?: boolean;
  /**
   * Ask the API server only about so many objects, and only about those that differ by {@link simulateApply}; for a whole large fleet, seconds
   * instead of minutes. All are asked about when absent.
   */
  readonly dryRuns?: number;
  /**
   * With `dryRuns`: hears which agents' pod templates seem to change, before the API server is asked. It may know of more: admission can change what
   * is applied.
   */
  readonly onForeseen?: (agents: readonly string[]) => void;
}

/**
 * Reads every declared object, and asks the API server by dry run what applying it would give. Writes nothing. What the API
 * server would refuse is a refusal of that object; only what makes the answer impossible (unreachable, forbidden) is thrown.
 */
export async function observeFleet(
  cluster: Cluster,
  declared: DeclaredFleet,
  { force = false, dryRuns, onForeseen }: ObserveOptions = {},
): Promise<ObservedFleet> {
  const desired = [
    ...declared.objects.map((object) => ({ desired: object })),
    ...declared.agents.flatMap((agent) => agent.objects.map((object) => ({ agent: agent.name, desired: object }))),
  ];
  const live = await readLive(cluster, declared.namespace, desired.map((entry) => entry.desired));
  const namespaces = await missingNamespaces(cluster, desired.map((entry) => entry.desired));
  const present = desired.map((entry) => withLive(entry, live.get(manifestKey(entry.desired))));
  const foreseen = dryRuns === undefined ? undefined : present.map(foresee);
  if (foreseen) onForeseen?.(foreseen.flatMap(restartOf));
  const budget: DryRunBudget = { left: dryRuns ?? Infinity, notAsked: 0 };
  const objects = await concurrently(present, PARALLEL, async (object, index) => {
    if (refusalsOf(object).length > 0) return asImagined(object);
    const spared = foreseen && spare(object, foreseen[index], budget);
    if (spared) return spared;
    const isNamespaceMissing = namespaces.has(object.desired.metadata.namespace ?? "");
    return isNamespaceMissing ? validate(cluster, object) : dryRun(cluster, object, force);
  });
  const agents = new Set(declared.agents.map((agent) => agent.name));
  return { objects, notAsked: budget.notAsked, owned: [...live.values()].filter((object) => isOwned(object, declared, agents)) };
}

function withLive(entry: PlannedObject, live: Manifest | undefined): PlannedObject {
  return live ? { ...entry, live } : entry;
}

/** The object as {@link simulateApply} would leave it, with the live one itself where nothing differs; as it is where it is not there yet. */
function foresee(object: PlannedObject): PlannedObject {
  const { desired, live } = object;
  if (!live) return object;
  const simulated = simulateApply(desired, live);
  return { ...object, dryRun: isEqual(simulated, live) ? live : simulated };
}

/** Its agent, where it is a Deployment that would have another pod template. */
function restartOf({ agent, desired, live, dryRun: foreseen }: PlannedObject): string[] {
  if (agent === undefined || desired.kind !== "Deployment" || !live || foreseen === live) return [];
  return isEqual(valueAt(foreseen, POD_TEMPLATE), valueAt(live, POD_TEMPLATE)) ? [] : [agent];
}

const POD_TEMPLATE = ["spec", "template"] as const;

/** Dry runs that may still be asked for. */
interface DryRunBudget {
  left: number;
  notAsked: number;
}

/** What is foreseen of the object, where the API server need not or may not be asked; undefined where it is to be. */
function spare({ live }: PlannedObject, foreseen: PlannedObject | undefined, budget: DryRunBudget): PlannedObject | undefined {
  if (live && foreseen?.dryRun === live) return foreseen;
  if (budget.left > 0) {
    budget.left -= 1;
    return undefined;
  }
  budget.notAsked += 1;
  return foreseen;
}

async function missingNamespaces(cluster: Cluster, desired: readonly Manifest[]): Promise<Set<string>> {
  const names = [...new Set(desired.map((object) => object.metadata.namespace).filter((name) => name !== undefined))];
  const found = await Promise.all(names.map((name) => cluster.get({ apiVersion: "v1", kind: "Namespace", name })));
  return new Set(names.filter((_name, index) => !found[index]));
}

/** Of what is refused it is told all the same what would change: not what Kubernetes and others wrote of the live object. */
function asImagined(object: PlannedObject): PlannedObject {
  const { desired, live } = object;
  return live ? { ...object, dryRun: simulateApply(desired, live) } : object;
}

async function dryRun(cluster: Cluster, object: PlannedObject, force: boolean): Promise<PlannedObject> {
  try {
    return { ...object, dryRun: await cluster.apply(object.desired, { dryRun: true, force }) };
  } catch (error) {
    if (!(error instanceof FrotaError) || error.outcome !== "refused") throw error;
    const refusal = refusalFor(object, error);
    // What taking the fields over would change is still worth telling.
    return error.code === "FIELD_CONFLICT" ? { ...(await dryRun(cluster, object, true)), refusal } : asImagined({ ...object, refusal });
  }
}

/**
 * Where the namespace is not there yet, the API server answers nothing about objects in it: they are tried, also by dry run,
 * in the one that every cluster has. Only what it finds invalid counts.
 */
async function validate(cluster: Cluster, object: PlannedObject): Promise<PlannedObject> {
  const metadata = { ...object.desired.metadata, namespace: "default" };
  try {
    await cluster.apply({ ...object.desired, metadata }, { dryRun: true, force: true });
    return object;
  } catch (error) {
    if (!(error instanceof FrotaError)) throw error;
    return error.code === "INVALID_OBJECT" ? { ...object, refusal: refusalFor(object, error) } : object;
  }
}

function refusalFor({ desired, agent }: PlannedObject, { code, message, next }: FrotaError): Refusal {
  const owner = agent === undefined ? {} : { agent };
  return { code, message, next: next ?? "mend the declaration", object: objectId(desired), ...owner };
}

function isOwned(object: Manifest, declared: DeclaredFleet, agents: ReadonlySet<string>): boolean {
  const labels = object.metadata.labels ?? {};
  const isFleets =
    labels["app.kubernetes.io/managed-by"] === "frota" && labels["app.kubernetes.io/part-of"] === declared.name;
  return isFleets && (declared.isWhole || agents.has(labels["app.kubernetes.io/instance"] ?? ""));
}
