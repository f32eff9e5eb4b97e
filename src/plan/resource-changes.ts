import { renderSupporting } from "../render/agent.ts";
import { renderCustomResources } from "../render/custom-resources.ts";
import { agentImage, renderDeployment } from "../render/deployment.ts";
import { renderFleet } from "../render/fleet.ts";
import { manifestKey, type Manifest } from "../render/manifest.ts";
import { isEqual } from "../render/start-guard/merge.mjs";
import { agentSchema, agentSpecSchema, API_VERSION } from "../spec/agent.ts";
import { fleetSchema } from "../spec/fleet.ts";
import { mergeDefaults } from "../spec/merge.ts";
import { isPlainMap, valueAt, type PlainMap } from "../spec/plain-data.ts";
import type { AgentSource, FleetSource } from "../spec/repository.ts";
import { objectId, type AgentChange, type ChangeSet, type ObjectChange, type ObjectId, type RestartReason } from "./change-set.ts";
import { changesBetween, formatConfigurationPath, type ConfigurationChange as ValueChange } from "./configuration-path.ts";
import { maskDifferences } from "./mask.ts";

/** The resources that the operated way gives to the cluster, on both sides. */
export interface ResourceSides {
  readonly source: FleetSource;
  /** Those of `source` that this is about. */
  readonly agents: readonly AgentSource[];
  /** The Fleets and Agents of the cluster's namespace. */
  readonly live: readonly Manifest[];
}

/** Whether an object is a Fleet or an Agent. */
export function isResource({ apiVersion }: Pick<ObjectId, "apiVersion">): boolean {
  return apiVersion === API_VERSION;
}

/** The resource has the declared spec, labels and annotations; annotations of others, as requests are, do not count. */
export function isAsDeclared(desired: Manifest, live: Manifest | undefined): boolean {
  if (!live || !isEqual(desired["spec"], live["spec"] ?? {})) return false;
  return declaredMetadata(desired, live).length === 0;
}

/**
 * Adds the changes of the Fleet and the Agents to those of the objects that are rendered from them: the fields that none of the objects
 * tells, as what only the controller heeds, and an image that agents are going to move to. Pure.
 */
export function withResources(changes: ChangeSet, sides: ResourceSides): ChangeSet {
  const { fleet, agents } = renderCustomResources(sides.source, sides.agents);
  const rendering = new Rendering(changes, sides);
  const live = new Map(sides.live.map((resource) => [manifestKey(resource), resource]));
  const liveFleet = live.get(manifestKey(fleet));
  const fleetChange = resourceChange(fleet, liveFleet, (change) => rendering.tells(change, undefined));
  const agentChanges = new Map(
    agents.map(({ name, agent }) => [name, { agent: name, ...resourceChange(agent, live.get(manifestKey(agent)), (change) => rendering.tells(change, name)) }]),
  );
  // Where neither resource changes, nobody moves.
  const moving = agents.filter(({ name }) => fleetChange.action !== "unchanged" || agentChanges.get(name)?.action !== "unchanged");
  const moves = new Map(moving.map(({ name, agent }) => [name, imageMove([liveFleet, live.get(manifestKey(agent))], [fleet, agent])]));
  const declared = new Set(sides.source.agents.map(({ agent }) => agent.metadata.name));
  const isWhole = sides.agents.length === sides.source.agents.length;
  const gone = isWhole ? sides.live.filter(({ kind, metadata }) => kind === "Agent" && !declared.has(metadata.name)) : [];
  return {
    ...changes,
    objects: [fleetChange, ...agentChanges.values(), ...changes.objects],
    agents: changes.agents.map((agent) => agentChange(agent, agentChanges.get(agent.name), moves.get(agent.name))),
    leftovers: [...gone.map(objectId), ...changes.leftovers],
  };
}

function resourceChange(desired: Manifest, live: Manifest | undefined, isTold: (change: ValueChange) => boolean): ObjectChange {
  const id = objectId(desired);
  if (!live) return { id, action: "created", differences: [] };
  if (isAsDeclared(desired, live)) return { id, action: "unchanged", differences: [] };
  const found = [...declaredMetadata(desired, live), ...specChanges(desired, live)].filter((change) => !isTold(change));
  const fields = found.map(({ path, ...values }) => Object.assign({ path: formatConfigurationPath(path) }, values));
  return { id, action: "configured", differences: maskDifferences(desired.kind, fields) };
}

/** Each field by itself, also of a map that is new or gone. */
function specChanges(desired: Manifest, live: Manifest): ValueChange[] {
  return changesBetween({ spec: live["spec"] ?? {} }, { spec: desired["spec"] }, () => true);
}

function declaredMetadata(desired: Manifest, live: Manifest): ValueChange[] {
  return (["labels", "annotations"] as const).flatMap((key) =>
    Object.entries(desired.metadata[key] ?? {}).flatMap(([name, after]): ValueChange[] => {
      const before = live.metadata[key]?.[name];
      return before === after ? [] : [{ path: ["metadata", key, name], ...(before === undefined ? {} : { before }), after }];
    }),
  );
}

function agentChange(agent: AgentChange, resource: ObjectChange | undefined, move: RestartReason | undefined): AgentChange {
  if (move && agent.action !== "create") return { ...agent, action: "restart", restartReasons: [...agent.restartReasons, move] };
  const isWritten = resource !== undefined && resource.action !== "unchanged";
  return agent.action === "none" && isWritten ? { ...agent, action: "update" } : agent;
}

type ResourcePair = readonly [fleet: Manifest | undefined, agent: Manifest | undefined];

/** Rendered Deployments keep the image that runs: only the resources tell that another one is declared. */
function imageMove(live: ResourcePair, desired: ResourcePair): RestartReason | undefined {
  const [before, after] = [declaredImage(live), declaredImage(desired)];
  if (before === undefined || after === undefined || before === after) return undefined;
  return { path: "spec.image", cause: "image", before, after };
}

/** Undefined without both resources, or where one is of another version than this one's. */
function declaredImage([fleet, agent]: ResourcePair): string | undefined {
  if (!fleet || !agent) return undefined;
  const image = fleetSchema.shape.spec.shape.image.safeParse(valueAt(fleet, ["spec", "image"]));
  const spec = agentSpecSchema.safeParse(mergeDefaults(valueAt(fleet, ["spec", "defaults"]), agent["spec"]));
  return image.success && spec.success ? agentImage({ spec: { image: image.data } }, spec.data) : undefined;
}

/** Tells which fields of the resources show in the objects that change anyway. */
class Rendering {
  readonly #sides: ResourceSides;
  /** Keys of the objects that change, by agent; undefined is the fleet. */
  readonly #changed: ReadonlyMap<string | undefined, ReadonlySet<string>>;

  constructor({ objects }: ChangeSet, sides: ResourceSides) {
    this.#sides = sides;
    const configured = objects.filter(({ action }) => action === "configured");
    const byOwner = Map.groupBy(configured, ({ agent }) => agent);
    this.#changed = new Map(Array.from(byOwner, ([owner, changes]) => [owner, new Set(changes.map(({ id }) => keyOf(id)))]));
  }

  /** Whether one of the objects that change would be another one without this change of a field: of the agent's, or the Fleet's. */
  tells(change: ValueChange, agent: string | undefined): boolean {
    const { source, agents } = this.#sides;
    const written = agent === undefined ? withoutChange(source.written, change) : source.written;
    const concerned = agents.filter(({ agent: { metadata } }) => agent === undefined || metadata.name === agent);
    if (agent === undefined && this.#differ(undefined, renderFleet(source.fleet), fleetObjects(written))) return true;
    return concerned.some((entry) => {
      const { name } = entry.agent.metadata;
      if (!this.#changed.has(name)) return false;
      const without = agent === undefined ? entry.written : withoutChange(entry.written, change);
      return this.#differ(name, agentObjects(source.written, entry, entry.written), agentObjects(written, entry, without));
    });
  }

  #differ(owner: string | undefined, objects: readonly Manifest[] | undefined, others: readonly Manifest[] | undefined): boolean {
    const changed = this.#changed.get(owner);
    // What is invalid without the change is told by nothing.
    if (!changed || !objects || !others) return false;
    const texts = (manifests: readonly Manifest[]) => manifests.filter((manifest) => changed.has(manifestKey(manifest))).map((manifest) => JSON.stringify(manifest));
    return !isEqual(texts(objects), texts(others));
  }
}

function keyOf({ apiVersion, kind, namespace, name }: ObjectId): string {
  return manifestKey({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
}

function fleetObjects(written: PlainMap): Manifest[] | undefined {
  const fleet = fleetSchema.safeParse(written);
  return fleet.success ? renderFleet(fleet.data) : undefined;
}

/** As the controller renders them: the image is none of the declaration's. */
function agentObjects(fleetWritten: PlainMap, source: AgentSource, written: PlainMap): Manifest[] | undefined {
  const fleet = fleetSchema.safeParse(fleetWritten);
  const spec = mergeDefaults(valueAt(fleetWritten, ["spec", "defaults"]), written["spec"]);
  const agent = agentSchema.safeParse({ ...written, spec });
  if (!fleet.success || !agent.success) return undefined;
  return [...renderSupporting(fleet.data, { ...source, agent: agent.data }), renderDeployment(fleet.data, agent.data, { image: "" })];
}

/** The resource as written, with one field as it was before. */
function withoutChange(written: PlainMap, { path, ...values }: ValueChange): PlainMap {
  const [key, ...below] = path;
  if (key === undefined) return written;
  if (below.length > 0) {
    const present = written[key];
    return { ...written, [key]: withoutChange(isPlainMap(present) ? present : {}, { path: below, ...values }) };
  }
  if ("before" in values) return { ...written, [key]: values.before };
  const { [key]: _added, ...rest } = written;
  return rest;
}
