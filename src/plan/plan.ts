import { manifestKey, type Manifest } from "../render/manifest.ts";
import { mayHoldBoth, needsRestart, type ConfigurationDelivery } from "../render/openclaw-configuration.ts";
import { isEqual } from "../render/start-guard/merge.mjs";
import { isPlainMap, valueAt, type PlainMap } from "../spec/plain-data.ts";
import { mapsAt } from "../spec/plain-field.ts";
import {
  objectId,
  type AgentChange,
  type ChangeSet,
  type ConfigurationChange,
  type FieldDifference,
  type ObjectChange,
  type ObjectId,
  type PlannedObject,
  type RestartReason,
} from "./change-set.ts";
import { changesBetween } from "./configuration-path.ts";
import { differences } from "./difference.ts";
import { maskDifferences } from "./mask.ts";
import { normalize } from "./normalize.ts";
import { refusalsOf } from "./refusal.ts";

const TEMPLATE = "spec.template.";
const CONFIGURATION = 'data["openclaw.json"]';
/** Frota's entry among an object's field managers. */
const FIELD_MANAGER = "frota";
/** Where a field manager's entry names annotations of the controller's own. */
const OWNED_ANNOTATIONS = ["f:metadata", "f:annotations"] as const;
const CONTROLLER_MARK = "f:frota.dev/";

/** How configuration reaches agents that run, by agent; `start` for those that are not named. */
export type Deliveries = ReadonlyMap<string, ConfigurationDelivery>;

/**
 * Compares what is declared with what is live. `owned` are the live objects that carry the fleet's labels, of the kinds that
 * are rendered; those that are no longer declared become `leftovers`.
 */
export function plan(objects: readonly PlannedObject[], owned: readonly Manifest[] = [], deliveries: Deliveries = new Map()): ChangeSet {
  const changes = objects.map(changeOf);
  const byAgent = Map.groupBy(changes, ({ agent }) => agent);
  return {
    objects: changes,
    agents: agentNames(objects).map((name) => agentChange(name, byAgent.get(name) ?? [], deliveries.get(name) ?? "start")),
    leftovers: leftovers(objects, owned),
    refusals: objects.flatMap(refusalsOf),
  };
}

function changeOf({ agent, desired, live, dryRun }: PlannedObject): ObjectChange {
  const base = { id: objectId(desired), ...(agent === undefined ? {} : { agent }) };
  if (!live) return { ...base, action: "created", differences: [] };
  if (dryRun === live) return { ...base, action: "unchanged", differences: [] };
  const found = differences(normalize(live), normalize(dryRun ?? desired));
  const isUnchanged = found.length === 0 && (dryRun === undefined || !takesOwnership(live, dryRun));
  return {
    ...base,
    action: isUnchanged ? "unchanged" : "configured",
    differences: maskDifferences(desired.kind, found),
  };
}

/**
 * Whether the dry run owns other fields. Of the controller's marks it counts only that applying takes them away: what is rendered as the
 * controller does it has marks of its own, and others are written beside them.
 */
function takesOwnership(live: Manifest, dryRun: Manifest): boolean {
  const [before, after] = [ownedFields(live), ownedFields(dryRun)];
  const isMarked = Object.keys(mapAt(appliedFields(dryRun), OWNED_ANNOTATIONS)).some(isMark);
  const isCompared = (key: string) => !isMarked || !isMark(key);
  return !isEqual(withAnnotations(before, isCompared), withAnnotations(after, isCompared));
}

function isMark(key: string): boolean {
  return key.startsWith(CONTROLLER_MARK);
}

function withAnnotations(owned: unknown, isKept: (key: string) => boolean): PlainMap {
  const annotations = Object.entries(mapAt(owned, OWNED_ANNOTATIONS)).filter(([key]) => isKept(key));
  return { ...mapAt(owned, []), "f:metadata": { ...mapAt(owned, ["f:metadata"]), "f:annotations": Object.fromEntries(annotations) } };
}

function mapAt(data: unknown, path: readonly string[]): PlainMap {
  const value = valueAt(data, path);
  return isPlainMap(value) ? value : {};
}

/** The fields that are recorded as ours, whether by server-side apply or by a patch: what somebody edited in a Deployment, the controller puts back by a patch. */
function ownedFields(manifest: Manifest): PlainMap {
  return ownEntries(manifest).reduce((owned: PlainMap, entry) => union(owned, mapAt(entry, ["fieldsV1"])), {});
}

/** The fields that server-side apply recorded as ours. */
function appliedFields(manifest: Manifest): unknown {
  return valueAt(ownEntries(manifest).find((entry) => entry["operation"] === "Apply"), ["fieldsV1"]);
}

function ownEntries({ metadata }: Manifest): readonly PlainMap[] {
  return mapsAt(metadata, "managedFields").filter(({ manager, subresource }) => manager === FIELD_MANAGER && subresource === undefined);
}

function union(one: PlainMap, other: PlainMap): PlainMap {
  const both = Object.entries(other).map(([key, fields]): [string, unknown] => [key, union(mapAt(one, [key]), isPlainMap(fields) ? fields : {})]);
  return { ...one, ...Object.fromEntries(both) };
}

function agentNames(objects: readonly PlannedObject[]): string[] {
  return [...new Set(objects.map((object) => object.agent).filter((agent) => agent !== undefined))];
}

function agentChange(name: string, changes: readonly ObjectChange[], delivery: ConfigurationDelivery): AgentChange {
  const deployment = changes.find((change) => change.id.kind === "Deployment");
  const restartReasons = deployment?.action === "configured" ? reasonsOf(deployment) : [];
  const action = actionOf(changes, deployment, restartReasons);
  const otherwise = restartReasons.length > 0 ? "restart" : "next-start";
  const applies = (change: FieldDifference) => (delivery === "live" && isTakenOver(change) ? "live" : otherwise);
  const configuration = action === "create" ? [] : configurationChanges(changes, applies);
  const isReturning = action === "create" && changes.some(({ id, action: own }) => id.kind === "PersistentVolumeClaim" && own !== "created");
  return { name, action, ...(isReturning ? { isReturning } : {}), restartReasons, configuration };
}

function actionOf(
  changes: readonly ObjectChange[],
  deployment: ObjectChange | undefined,
  reasons: readonly RestartReason[],
): AgentChange["action"] {
  if (deployment?.action === "created") return "create";
  if (reasons.length > 0) return "restart";
  return changes.some((change) => change.action !== "unchanged") ? "update" : "none";
}

function reasonsOf(deployment: ObjectChange): RestartReason[] {
  return deployment.differences
    .filter(({ path }) => path.startsWith(TEMPLATE) || path === "spec.template")
    .map((difference) => Object.assign({ cause: causeOf(difference.path) }, difference));
}

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/\.image$/, "image"],
  [/frota\.dev\/restart-config/, "configuration that needs a restart"],
  [/kubectl\.kubernetes\.io\/restartedAt/, "restart asked for by hand"],
  [/frota\.dev\/secret/, "secrets"],
  [/\.env\[|\.envFrom/, "environment"],
  [/\.resources\b/, "resources"],
  [/[a-z]+Probe\b/, "health probes"],
  [/\.volumes\b|\.volumeMounts\b/, "mounted files"],
  [/\.(?:nodeSelector|tolerations|affinity)\b/, "placement"],
];

function causeOf(path: string): string {
  return CAUSES.find(([pattern]) => pattern.test(path))?.[1] ?? "pod template";
}

function configurationChanges(
  changes: readonly ObjectChange[],
  applies: (change: FieldDifference) => ConfigurationChange["applies"],
): ConfigurationChange[] {
  return changes
    .filter((change) => change.id.kind === "ConfigMap")
    .flatMap((change) => change.differences)
    .filter(({ path }) => path.startsWith(CONFIGURATION))
    .map(({ path, ...sides }): FieldDifference => Object.assign({ path: path.slice(CONFIGURATION.length).replace(/^\./, "") }, sides))
    .map((change) => Object.assign(change, { applies: applies(change) }));
}

/** Whether a running gateway takes all of it over. */
function isTakenOver({ path, before, after }: FieldDifference): boolean {
  const keys = path.replaceAll(/\["?([^\]"]*)"?\]/g, ".$1").split(".").filter((key) => key !== "");
  const whole = (value: unknown) => mapAt(keys.reduceRight((below, key) => (below === undefined ? undefined : { [key]: below }), value), []);
  const parts = changesBetween(whole(before), whole(after), (part) => mayHoldBoth(part, "live"));
  return parts.every((part) => !needsRestart(part.path, "live"));
}

function leftovers(objects: readonly PlannedObject[], owned: readonly Manifest[]): ObjectId[] {
  const declared = new Set(objects.map((object) => manifestKey(object.desired)));
  return owned
    .filter((manifest) => manifest.kind !== "PersistentVolumeClaim" && !declared.has(manifestKey(manifest)))
    .map(objectId);
}
