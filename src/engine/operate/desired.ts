import { renderSupporting } from "../../render/agent.ts";
import { renderDeployment, type PodChoice } from "../../render/deployment.ts";
import type { Manifest } from "../../render/manifest.ts";
import { CONTAINER_NAME, RESTART_CONFIG_ANNOTATION, RESTART_ID_ANNOTATION, SECRET_ANNOTATION } from "../../render/names.ts";
import { declaration } from "../../render/openclaw-configuration.ts";
import { agentSchema, type Agent } from "../../spec/agent.ts";
import { fleetSchema, type Fleet } from "../../spec/fleet.ts";
import { mergeDefaults } from "../../spec/merge.ts";
import { isPlainMap, valueAt, type PlainMap } from "../../spec/plain-data.ts";
import { mapsAt, textAt } from "../../spec/plain-field.ts";
import { OPERATED } from "./annotations.ts";
import { dataDigests, digestText } from "./digest.ts";
import type { FleetCache } from "./fleet-cache.ts";
import { recordAnnotations } from "./slim.ts";
import { sortKeys } from "./sort-keys.ts";

/** What one write of an agent's Deployment says beyond the declaration. */
export interface DeploymentChoice extends PodChoice {
  /** Annotations by which facts are kept (`recordAnnotations` of the present Deployment, or new ones). */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What an agent is declared to be, rendered. */
export interface DesiredAgent {
  readonly fleet: Fleet;
  /** With the fleet's defaults. */
  readonly agent: Agent;
  /** Everything but the Deployment, in the order of applying, each with `frota.dev/applied`. */
  readonly supporting: readonly Manifest[];
  /** `frota.dev/applied` of the Deployment: see {@link deploymentHash}. */
  readonly deploymentHash: string;
  /** `frota.dev/restart-config` as the controller and as the plain way write it: both stand for this declaration. */
  readonly restartHashes: readonly string[];
  deployment(choice: DeploymentChoice): Manifest;
}

/** A declaration that cannot be rendered, in words. */
export interface InvalidDeclaration {
  readonly invalid: string;
}

interface Memo {
  /** The resource as it was last looked at. */
  resource: Manifest;
  readonly key: string;
  readonly desired: DesiredAgent | InvalidDeclaration;
}

interface FleetMemo {
  resource: Manifest;
  readonly key: string;
  readonly fleet: Fleet | InvalidDeclaration;
  /** `spec.defaults` as written. */
  readonly defaults: unknown;
  readonly agents: Map<string, Memo>;
}

const memos = new WeakMap<FleetCache, FleetMemo>();

/** The Fleet of the cluster, checked; undefined where there is none. */
export function desiredFleet(cache: FleetCache): Fleet | InvalidDeclaration | undefined {
  return memoOf(cache)?.fleet;
}

/** The same where it is sound; undefined where there is none, or nobody can read it. */
export function validFleet(cache: FleetCache): Fleet | undefined {
  const fleet = desiredFleet(cache);
  return fleet && !("invalid" in fleet) ? fleet : undefined;
}

/**
 * What the agent is declared to be; undefined where there is no such Agent or no Fleet. Rendered once for each version of both
 * declarations.
 */
export function desiredAgent(cache: FleetCache, name: string): DesiredAgent | InvalidDeclaration | undefined {
  const memo = memoOf(cache);
  const resource = cache.agent(name);
  if (!memo || !resource) {
    memo?.agents.delete(name);
    return undefined;
  }
  if ("invalid" in memo.fleet) return { invalid: `the Fleet: ${memo.fleet.invalid}` };
  const known = memo.agents.get(name);
  if (known && isSameVersion(known, resource)) return known.desired;
  const desired = render(memo.fleet, memo.defaults, resource);
  memo.agents.set(name, { resource, key: versionOf(resource), desired });
  return desired;
}

/**
 * The choice that a Deployment's template has now, with the facts that are kept on it: rendering it again restarts nothing where nothing
 * is pending.
 */
export function presentChoice(deployment: Manifest): DeploymentChoice {
  const annotations = valueAt(deployment, ["spec", "template", "metadata", "annotations"]);
  const container = mapsAt(deployment, "spec", "template", "spec", "containers").find(({ name }) => name === CONTAINER_NAME);
  return {
    image: textAt(container, "image") ?? "",
    secretDigest: textAt(annotations, SECRET_ANNOTATION),
    restartConfig: textAt(annotations, RESTART_CONFIG_ANNOTATION),
    restartId: textAt(annotations, RESTART_ID_ANNOTATION),
    annotations: recordAnnotations(deployment),
  };
}

function memoOf(cache: FleetCache): FleetMemo | undefined {
  const resource = cache.fleet();
  if (!resource) return undefined;
  const known = memos.get(cache);
  if (known && isSameVersion(known, resource)) return known;
  const defaults = valueAt(resource, ["spec", "defaults"]);
  const memo = { resource, key: versionOf(resource), fleet: readFleet(resource), defaults, agents: new Map<string, Memo>() };
  memos.set(cache, memo);
  return memo;
}

/** Whether the declaration is the one that was looked at, whatever else of the resource changed. */
function isSameVersion(known: { resource: Manifest; readonly key: string }, resource: Manifest): boolean {
  if (known.resource === resource) return true;
  if (known.key !== versionOf(resource)) return false;
  known.resource = resource;
  return true;
}

/** Labels do not count into the generation. */
function versionOf({ metadata }: Manifest): string {
  return `${String(metadata["uid"])} ${String(metadata["generation"])} ${JSON.stringify(metadata.labels ?? {})}`;
}

/** A Fleet resource, checked. */
export function readFleet(resource: Manifest): Fleet | InvalidDeclaration {
  const parsed = fleetSchema.safeParse(asWritten(resource));
  return parsed.success ? parsed.data : { invalid: issuesOf(parsed.error) };
}

function render(fleet: Fleet, defaults: unknown, resource: Manifest): DesiredAgent | InvalidDeclaration {
  const written = asWritten(resource);
  const own = agentSchema.safeParse(written);
  if (!own.success) return { invalid: issuesOf(own.error) };
  const merged = agentSchema.safeParse({ ...written, spec: mergeDefaults(defaults, written["spec"]) });
  if (!merged.success) return { invalid: `together with the Fleet's defaults: ${issuesOf(merged.error)}` };
  return renderDesired(fleet, merged.data);
}

/** Renders an agent with the fleet's defaults merged in. */
export function renderDesired(fleet: Fleet, agent: Agent): DesiredAgent {
  // The workspace's files are no part of the resource: `frota apply` writes their ConfigMap.
  const supporting = renderSupporting(fleet, { agent, folder: agent.metadata.name, workspace: new Map() });
  const hash = deploymentHash(renderDeployment(fleet, agent, { image: "" }));
  return {
    fleet,
    agent,
    supporting: supporting.map((manifest) => annotate(manifest, { [OPERATED.applied]: appliedHash(manifest) })),
    deploymentHash: hash,
    restartHashes: [declaration(agent).hashes.live, declaration(agent).hashes.start],
    deployment: ({ annotations, ...choice }) => annotate(renderDeployment(fleet, agent, choice), { ...annotations, [OPERATED.applied]: hash }),
  };
}

/** Hash of a rendered manifest: what `frota.dev/applied` of objects other than a Deployment says. */
function appliedHash({ data, ...manifest }: Manifest): string {
  return shortHash(JSON.stringify([manifest, dataDigests(data)]));
}

/**
 * What `frota.dev/applied` of a Deployment says: a hash of everything but the pod template, and one of the template without image and
 * Secret. So it tells which of the two changed, and a field that is declared no more is noticed.
 */
function deploymentHash(manifest: Manifest): string {
  const { template, ...spec } = isPlainMap(manifest["spec"]) ? manifest["spec"] : {};
  // Sorted: a version of Frota that renders keys in another order restarts nobody.
  return `${shortHash(JSON.stringify({ ...manifest, spec }))}-${shortHash(JSON.stringify(sortKeys(template)))}`;
}

function shortHash(text: string): string {
  return digestText(text).slice(0, 16);
}

function annotate(manifest: Manifest, annotations: Readonly<Record<string, string>>): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...annotations } } };
}

/** A resource as its file has it: without what the server and the controller add. */
function asWritten({ apiVersion, kind, metadata, spec }: Manifest): PlainMap {
  const { name, namespace, labels, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) }, ...(spec === undefined ? {} : { spec }) };
}

function issuesOf(error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }): string {
  return error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
}
