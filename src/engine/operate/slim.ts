import { createHmac } from "node:crypto";
import type { HotKeysFacts } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { isPlainMap, valueAt, type PlainMap } from "../../spec/plain-data.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";
import { AGENT_LABEL, digestOf } from "../observe/agent-facts.ts";
import { CONFIGURATION_KEY } from "../../render/start-guard.ts";
import { OPERATED } from "./annotations.ts";
import { dataDigests, digestText } from "./digest.ts";
import { hotDigest, parseHotKeysRecord } from "./hot-keys.ts";
import { LEDGER_NAME } from "./ledger.ts";
import { present } from "./present.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const NOT_KEPT: ReadonlySet<string> = new Set(["managedFields", "creationTimestamp", "selfLink"]);

/** An object without bookkeeping of the server; `status` only where it is asked for. */
export function slimObject(object: Manifest): Manifest {
  const { status: _status, ...rest } = object;
  return { ...rest, metadata: slimMetadata(object.metadata) };
}

function slimMetadata(metadata: Manifest["metadata"]): Manifest["metadata"] {
  const kept = Object.entries(metadata).filter(([key]) => !NOT_KEPT.has(key));
  const { annotations } = metadata;
  if (!annotations || !(LAST_APPLIED in annotations)) return { name: metadata.name, ...Object.fromEntries(kept) };
  const { [LAST_APPLIED]: _applied, ...own } = annotations;
  return { name: metadata.name, ...Object.fromEntries(kept), annotations: own };
}

/** An object with its status: Fleet, Agent, ExternalSecret, PersistentVolumeClaim. */
export function slimWithStatus(object: Manifest): Manifest {
  return { ...slimObject(object), status: object["status"] };
}

/** A Deployment as it is kept. */
export interface KeptDeployment {
  readonly manifest: Manifest;
  /** Tells the pod template: the same as of the ReplicaSet that is made from it. */
  readonly templateDigest: string;
  readonly observedGeneration: number;
}

/** An agent's Deployment; undefined for any other. Its selector tells, because nobody can change it. */
export function slimDeployment(object: Manifest): KeptDeployment | undefined {
  if (valueAt(object, ["spec", "selector", "matchLabels", "app.kubernetes.io/name"]) !== "openclaw") return undefined;
  return {
    manifest: slimObject(object),
    templateDigest: templateDigest(object),
    observedGeneration: numberAt(object, "status", "observedGeneration") ?? 0,
  };
}

/** A ReplicaSet as it is kept: no more than what tells which template its pods come from. */
export interface KeptReplicaSet {
  readonly agent: string;
  readonly templateDigest: string;
}

/** What is kept of a ReplicaSet; undefined for one that is no agent's. */
export function slimReplicaSet(object: Manifest): KeptReplicaSet | undefined {
  const agent = object.metadata.labels?.[AGENT_LABEL];
  return agent === undefined ? undefined : { agent, templateDigest: templateDigest(object) };
}

/**
 * As Kubernetes itself does it: a ReplicaSet is of the present template when both templates are equal but for the label
 * `pod-template-hash`. Both come from the same server, which writes fields in one order.
 */
function templateDigest(object: Manifest): string {
  const template = valueAt(object, ["spec", "template"]);
  const text = JSON.stringify(template, (key, value: unknown) => (key === "pod-template-hash" ? undefined : value));
  return digestText(text ?? "");
}

/** What is kept of a Secret: never a value. */
export interface KeptSecret {
  readonly keys: readonly string[];
  /** HMAC-SHA256 of all keys and values, in hexadecimal digits. */
  readonly digest: string;
  /** When its data last changed, in milliseconds since the epoch. */
  readonly changedAt?: number;
}

/** What is kept of a Secret; `key` is the one of Secret `frota-secret-key`. */
export function slimSecret(object: Manifest, key: Uint8Array): KeptSecret {
  const data = object["data"];
  const entries = Object.entries(isPlainMap(data) ? data : {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const digest = createHmac("sha256", key).update(JSON.stringify(entries)).digest("hex");
  return { keys: entries.map(([name]) => name), digest, ...present({ changedAt: dataWrittenAt(object) }) };
}

/** When the data of a Secret or ConfigMap was last written, in milliseconds since the epoch. */
function dataWrittenAt(object: Manifest): number | undefined {
  const times = mapsAt(object, "metadata", "managedFields")
    .filter((entry) => ["f:data", "f:stringData"].some((field) => isPlainMap(valueAt(entry, ["fieldsV1", field]))))
    .map((entry) => Date.parse(textAt(entry, "time") ?? ""))
    .filter((time) => !Number.isNaN(time));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** What is kept of a ConfigMap. */
export interface KeptConfigMap {
  /** Without `data`, except the ledger's. */
  readonly manifest: Manifest;
  /** By key: {@link digestText} of its text. */
  readonly digests: Readonly<Record<string, string>>;
  /** Of the keys of an OpenClaw configuration that a running gateway takes over. */
  readonly hotDigest?: string;
  /** Those changed; see `frota.dev/hot-keys`. */
  readonly hotKeys?: HotKeysFacts;
}

/** What is kept of a ConfigMap of ours; undefined for any other. */
export function slimConfigMap(object: Manifest): KeptConfigMap | undefined {
  const slim = slimObject(object);
  if (object.metadata.name === LEDGER_NAME) return { manifest: slim, digests: {} };
  if (object.metadata.labels?.["app.kubernetes.io/managed-by"] !== "frota") return undefined;
  const { data: _data, ...rest } = slim;
  const { [OPERATED.hotKeys]: hotKeys, ...annotations } = rest.metadata.annotations ?? {};
  const manifest = hotKeys === undefined ? rest : { ...rest, metadata: { ...rest.metadata, annotations } };
  const configuration = textAt(object, "data", CONFIGURATION_KEY);
  return {
    manifest,
    digests: dataDigests(object["data"]),
    ...(configuration !== undefined && { hotDigest: hotDigest(configuration) }),
    ...(hotKeys !== undefined && { hotKeys: present({ writtenAt: dataWrittenAt(object), takenBy: parseHotKeysRecord(hotKeys).takenBy }) }),
  };
}

/** What is kept of a Node. */
export interface KeptNode {
  readonly name: string;
  readonly labels: PlainMap;
  /** Digests of the images that it says it has. */
  readonly digests: ReadonlySet<string>;
}

/** What is kept of a Node: nothing that its heartbeats change. */
export function slimNode(object: Manifest): KeptNode {
  const names = mapsAt(object, "status", "images").flatMap((image) => (Array.isArray(image["names"]) ? image["names"] : []));
  const digests = names.map((name) => digestOf(String(name))).filter((digest) => digest !== undefined);
  return { name: object.metadata.name, labels: object.metadata.labels ?? {}, digests: new Set(digests.toSorted()) };
}

/** The annotations by which the controller keeps facts on a Deployment: a write of the whole Deployment must carry them on. */
export function recordAnnotations(deployment: Manifest): Readonly<Record<string, string>> {
  const annotations = deployment.metadata.annotations ?? {};
  return present({
    [OPERATED.previousDigest]: annotations[OPERATED.previousDigest],
    [OPERATED.failedDigest]: annotations[OPERATED.failedDigest],
    [OPERATED.restart]: annotations[OPERATED.restart],
  });
}
