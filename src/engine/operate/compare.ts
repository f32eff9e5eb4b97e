import type { DeploymentFacts, UnsettledObject } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { RESTART_CONFIG_ANNOTATION } from "../../render/names.ts";
import { isPlainMap, valueAt, type PlainMap } from "../../spec/plain-data.ts";
import { parseQuantity, QUANTITY_PATTERN } from "../../spec/quantity.ts";
import { OPERATED } from "./annotations.ts";
import { presentChoice, type DesiredAgent } from "./desired.ts";
import { dataDigests } from "./digest.ts";
import type { KeptConfigMap } from "./slim.ts";

/** Why an object is not as declared. */
type Why = UnsettledObject["why"];

/** Lists that several writers may add to, and the field that tells their items apart (server-side apply's own rules). */
const ITEM_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  volumes: "name",
  env: "name",
  imagePullSecrets: "name",
  volumeMounts: "mountPath",
};

/**
 * Paths of declared fields that the live value does not have so. What others added is no difference; neither are
 * quantities written in another way, nor a declared emptiness that the API server leaves out.
 */
export function missingFields(declared: unknown, live: unknown, path = ""): string[] {
  if (isPlainMap(declared) && isPlainMap(live)) {
    return Object.keys(declared).flatMap((key) => missingFields(declared[key], live[key], fieldPath(path, key)));
  }
  if (Array.isArray(declared) && Array.isArray(live)) return missingItems(declared, live, path);
  return isSameValue(declared, live) ? [] : [path];
}

function missingItems(declared: readonly unknown[], live: readonly unknown[], path: string): string[] {
  const key = itemKey(declared, path);
  if (key === undefined) {
    if (declared.length !== live.length) return [path];
    return declared.flatMap((item, index) => missingFields(item, live[index], `${path}[${index}]`));
  }
  const byKey = new Map(live.map((item) => [valueAt(item, [key]), item]));
  return declared.flatMap((item) => {
    const name = valueAt(item, [key]);
    return missingFields(item, byKey.get(name), `${path}[${String(name)}]`);
  });
}

/** The field that tells the items of a declared list apart; undefined for a list that has one writer. */
export function itemKey(declared: readonly unknown[], path: string): string | undefined {
  const list = /\w+$/.exec(path)?.[0] ?? "";
  if (list !== "ports") return ITEM_KEYS[list];
  // Only a container's and a Service's ports; those of a network policy are compared as a whole.
  if (declared.every((item) => valueAt(item, ["containerPort"]) !== undefined)) return "containerPort";
  return path === "spec.ports" ? "port" : undefined;
}

function isSameValue(declared: unknown, live: unknown): boolean {
  if (Object.is(declared, live)) return true;
  if (live === undefined || live === null) return isEmpty(declared);
  const [one, other] = [quantityOf(declared), quantityOf(live)];
  return one !== undefined && one === other;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isPlainMap(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === "";
}

/** The value of text such as `10Gi`, or of a number, which the API server may write as the other. */
function quantityOf(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && QUANTITY_PATTERN.test(text) ? parseQuantity(text) : undefined;
}

function fieldPath(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/**
 * Gives a comparison's result again while neither side changed: both are kept, and new objects whenever they do. So a look at an agent
 * costs no more than what changed of it.
 */
function remembered<Declared extends object, Live extends object, Result>(compare: (declared: Declared, live: Live) => Result) {
  const results = new WeakMap<Live, { readonly declared: Declared; readonly result: Result }>();
  return (declared: Declared, live: Live): Result => {
    const known = results.get(live);
    if (known?.declared === declared) return known.result;
    const result = compare(declared, live);
    results.set(live, { declared, result });
    return result;
  };
}

/** Why an object is not as declared; undefined for one that is. `declared` carries `frota.dev/applied`. */
export function compareObject(declared: Manifest, live: Manifest | undefined): Why | undefined {
  return live ? compareObjects(declared, live) : "missing";
}

const compareObjects = remembered((declared: Manifest, live: Manifest): Why | undefined => {
  if (appliedOf(declared) !== appliedOf(live)) return "declared";
  return missingFields(comparable(declared), comparable(live)).length > 0 ? "drift" : undefined;
});

/** As {@link compareObject}, by digests of the texts. */
export function compareConfigMap(declared: Manifest, live: KeptConfigMap | undefined): Why | undefined {
  return live ? compareConfigMaps(declared, live) : "missing";
}

const compareConfigMaps = remembered((declared: Manifest, live: KeptConfigMap): Why | undefined => {
  const { data, ...rest } = declared;
  const outside = compareObject(rest, live.manifest);
  return outside === undefined && missingFields(dataDigests(data), live.digests).length > 0 ? "drift" : outside;
});

/** How a live Deployment is not as declared. */
export interface DeploymentDifference {
  /** Why something outside of its pod template is not as declared. */
  readonly outside?: "declared" | "drift";
  readonly pending?: NonNullable<DeploymentFacts["pending"]>;
}

/** So many paths are told. */
const MOST_PATHS = 20;

/** Compares a Deployment; the number of replicas, the image and the Secret are not looked at. */
export const compareDeployment = remembered((desired: DesiredAgent, live: Manifest): DeploymentDifference => {
  const [outerHash, templateHash] = desired.deploymentHash.split("-");
  const [appliedOuter, appliedTemplate] = appliedOf(live)?.split("-") ?? [];
  const isDeclared = appliedTemplate === templateHash;
  const isAdopted = appliedTemplate === undefined;
  const declared = presentDeclaration(desired, live, isDeclared);
  const pending = pendingOf(templateDifferences(declared, live), { isDeclared, isAdopted });
  const isChanged = appliedOuter !== outerHash || (isAdopted && pending === undefined);
  const why = isChanged ? "declared" : driftOf(declared, live);
  return { ...(why !== undefined && { outside: why }), ...(pending !== undefined && { pending }) };
});

/** The declaration with the image and the Secret that the template has now. */
function presentDeclaration(desired: DesiredAgent, live: Manifest, isDeclared: boolean): Manifest {
  const choice = presentChoice(live);
  // Its hash may be of another way to deliver the same configuration, or of what was hot when it was written.
  const isSameConfiguration = isDeclared || desired.restartHashes.includes(choice.restartConfig ?? "");
  return desired.deployment(isSameConfiguration ? choice : { ...choice, restartConfig: undefined });
}

function driftOf(declared: Manifest, live: Manifest): "drift" | undefined {
  return missingFields(outsideOf(declared), outsideOf(live)).length > 0 ? "drift" : undefined;
}

function pendingOf(
  paths: readonly string[],
  { isDeclared, isAdopted }: { readonly isDeclared: boolean; readonly isAdopted: boolean },
): DeploymentDifference["pending"] {
  const isSettled = paths.length === 0 && (isDeclared || isAdopted);
  if (isSettled) return undefined;
  // A field that is declared no more is in no path.
  const told = paths.length === 0 ? ["spec.template"] : paths.slice(0, MOST_PATHS);
  if (isDeclared) return { need: "Drift", paths: told };
  return { need: paths.some((path) => path.includes(RESTART_CONFIG_ANNOTATION)) ? "Configuration" : "Template", paths: told };
}

function templateDifferences(declared: Manifest, live: Manifest): string[] {
  return missingFields(valueAt(declared, ["spec", "template"]), valueAt(live, ["spec", "template"]), "spec.template");
}

function outsideOf(deployment: Manifest): PlainMap {
  const { spec, ...rest } = comparable(deployment);
  if (!isPlainMap(spec)) return rest;
  const { template: _template, replicas: _replicas, ...others } = spec;
  return { ...rest, spec: others };
}

/** What is compared field by field: `frota.dev/applied` tells of the declaration, not of the object. */
function comparable({ metadata, apiVersion: _apiVersion, kind: _kind, status: _status, ...rest }: Manifest): PlainMap {
  const { [OPERATED.applied]: _applied, ...annotations } = metadata.annotations ?? {};
  return { ...rest, metadata: { labels: metadata.labels ?? {}, annotations } };
}

function appliedOf({ metadata }: Manifest): string | undefined {
  return metadata.annotations?.[OPERATED.applied];
}
