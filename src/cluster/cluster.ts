import type { Readable, Writable } from "node:stream";
import type { Manifest } from "../render/manifest.ts";

/** A kind of object, as manifests name it. */
export interface KindReference {
  readonly apiVersion: string;
  readonly kind: string;
}

/** One object. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectReference extends KindReference {
  readonly namespace?: string;
  readonly name: string;
}

/** The reference of a manifest. */
export function referenceOf(manifest: Manifest): ObjectReference {
  const { name, namespace } = manifest.metadata;
  return { apiVersion: manifest.apiVersion, kind: manifest.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** Which objects of a kind: all of them when empty. */
export interface Selection {
  readonly namespace?: string;
  /** As `kubectl -l` takes it. */
  readonly labelSelector?: string;
  /** As `kubectl --field-selector` takes it. */
  readonly fieldSelector?: string;
}

export interface ApplyOptions {
  /** The API server validates, defaults and answers, but stores nothing. */
  readonly dryRun?: boolean;
  /** Takes over fields that another field manager owns. */
  readonly force?: boolean;
  /** The answer is no more than the object's metadata, for who writes a lot and needs no more. */
  readonly isBrief?: boolean;
}

export interface PatchOptions {
  /** See {@link ApplyOptions.isBrief}. */
  readonly isBrief?: boolean;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly subresource?: "status" | "scale";
}

export interface DeleteOptions {
  /** Refuses to delete another object of the same name. */
  readonly uid?: string;
  /** Refuses (CONFLICT) to delete an object that was written since. */
  readonly resourceVersion?: string;
  readonly propagation?: "Background" | "Foreground" | "Orphan";
}

/**
 * A level-triggered watch: `synced` brings the whole state (at the start, and again after the server forgot our place);
 * `changed` and `removed` bring one object since then.
 */
export type WatchEvent =
  | { readonly type: "synced"; readonly objects: readonly Manifest[] }
  | { readonly type: "changed"; readonly object: Manifest }
  | { readonly type: "removed"; readonly object: Manifest }
  /** The server cannot be reached now; the watch goes on trying with backoff. */
  | { readonly type: "disconnected"; readonly reason: string };

/**
 * A watch as it comes: lists page by page between `listing` and `listed`, so that a large one never exists as a whole; what
 * is in no page is gone. A list that fails half-way begins anew with `listing`.
 */
export type WatchStep =
  | { readonly type: "listing" }
  | { readonly type: "page"; readonly objects: readonly Manifest[] }
  | { readonly type: "listed" }
  | { readonly type: "changed"; readonly object: Manifest }
  | { readonly type: "removed"; readonly object: Manifest }
  /** Nothing changed: the server says about once a minute that the watch is current. */
  | { readonly type: "bookmark" }
  | { readonly type: "disconnected"; readonly reason: string };

export interface LogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  /** The instance of the container before the present one. */
  readonly previous?: boolean;
  /** Only so many of the newest lines. */
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. The API server takes whole seconds: lines of the second before come too. */
  readonly sinceTime?: string;
  /** Each line begins with its time, RFC 3339 in nanoseconds, and a space. */
  readonly timestamps?: boolean;
  readonly signal?: AbortSignal;
}

/** A command in a container. */
export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** Gives the command a terminal of the size of `stdout`, when that has one; `stderr` is part of `stdout` then. */
  readonly isTerminal?: boolean;
  /** Absent: the command's standard input is empty. */
  readonly stdin?: Readable;
  readonly stdout: Writable;
  readonly stderr?: Writable;
  /** Ends the connection; the command goes on or ends as it likes. */
  readonly signal: AbortSignal;
  /** Hears that the command is about to run: from now on it gets what comes on `stdin`. */
  readonly onConnected?: () => void;
}

/** Where a forwarded port leads and begins. */
export interface PortForwardOptions {
  /** Local port; a free one when absent. Throws PORT_IN_USE. */
  readonly localPort?: number;
  /** Asked for the pod of each new connection, in place of the pod that the forward was made for: an agent's pods come and go. */
  readonly podNow?: () => Promise<string>;
}

/** A local TCP port that leads to a pod's port. */
export interface PortForward {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

/** An object that need not have a name of its own. */
export interface NewObject extends KindReference {
  readonly metadata?: { readonly namespace?: string; readonly name?: string; readonly generateName?: string };
  readonly [key: string]: unknown;
}

/** What someone wants to do, as `kubectl auth can-i` takes it. */
export interface AccessRequest {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface ServerVersion {
  readonly major: string;
  readonly minor: string;
  /** For example `v1.35.4`. */
  readonly gitVersion: string;
}

/** The field manager that owns every field that Frota applies. */
export const FIELD_MANAGER = "frota";

/**
 * One Kubernetes cluster. Every failure is a `FrotaError` that names the object, and says what to do next:
 * CLUSTER_UNREACHABLE, UNAUTHENTICATED, FORBIDDEN, KIND_UNKNOWN, NOT_FOUND, FIELD_CONFLICT, CONFLICT, INVALID_OBJECT,
 * CLUSTER_REFUSED.
 */
export interface Cluster {
  /** The context's name in the kubeconfig. */
  readonly context: string;
  /** Address of the API server. */
  readonly server: string;
  /** The object, or undefined where there is none (neither it nor its namespace). */
  get(reference: ObjectReference): Promise<Manifest | undefined>;
  /** All selected objects, read page by page. */
  list(kind: KindReference, selection?: Selection): Promise<Manifest[]>;
  /** The same objects with nothing but kind and metadata, for who can tell by those that the rest need not be read. */
  listMetadata(kind: KindReference, selection?: Selection): Promise<Manifest[]>;
  /** Server-side apply with field manager {@link FIELD_MANAGER}; returns the object as stored. */
  apply(manifest: Manifest, options?: ApplyOptions): Promise<Manifest>;
  /** JSON merge patch. With `metadata.resourceVersion` in the patch it fails (CONFLICT) if someone was faster. */
  mergePatch(reference: ObjectReference, patch: object, options?: PatchOptions): Promise<Manifest>;
  /** Creates an object with a plain POST and returns the answer, for reviews and objects with `generateName`. */
  create(object: NewObject): Promise<Manifest>;
  /** Deletes; false where there was nothing to delete. */
  delete(reference: ObjectReference, options?: DeleteOptions): Promise<boolean>;
  /**
   * Follows objects until `signal` aborts; then it ends without an error. Lost connections are reconnected with
   * backoff; only what waiting cannot mend (forbidden, unknown kind) is thrown.
   */
  watch(kind: KindReference, selection: Selection, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** As `watch`, step by step: for those who keep less than whole objects. */
  follow(kind: KindReference, selection: Selection, signal: AbortSignal): AsyncIterable<WatchStep>;
  /** A pod's log, line by line without the line ends. */
  podLogs(pod: { readonly namespace: string; readonly name: string }, options?: LogOptions): AsyncIterable<string>;
  /** Listens on a free local port and carries each connection to the pod's port. */
  portForward(namespace: string, pod: string, port: number, options?: PortForwardOptions): Promise<PortForward>;
  /**
   * Runs a command in a container and returns its exit code. Writes to the streams, and does not end them. Throws EXEC_FAILED when it
   * cannot be started, EXEC_CUT when the connection ends before it does.
   */
  exec(request: ExecRequest): Promise<number>;
  /** Events about one object, oldest first. */
  events(reference: ObjectReference): Promise<Manifest[]>;
  serverVersion(): Promise<ServerVersion>;
  /** Whether the kubeconfig's user may do this. */
  canI(request: AccessRequest): Promise<boolean>;
  /** Whether the cluster serves this kind (for example because its CRD is installed). */
  serves(kind: KindReference): Promise<boolean>;
  /** Closes idle connections so that the process can end. */
  close(): void;
}

/** Where the kubeconfig is and which of its contexts; as kubectl finds them where absent. */
export interface KubeconfigSelection {
  readonly path?: string;
  readonly context?: string;
}

/** One answer of the API server, for who counts them. */
export interface ApiAnswer {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly isWatch: boolean;
  readonly status: number;
}

/** Hears of every answer. */
export type OnAnswer = (answer: ApiAnswer) => void;

/**
 * Reads the kubeconfig; the API server is first contacted by the first call. Throws FrotaError KUBECONFIG_INVALID or
 * CONTEXT_UNKNOWN.
 */
export async function connect(selection: KubeconfigSelection = {}, onAnswer?: OnAnswer): Promise<Cluster> {
  const { loadConnection } = await import("./kubeconfig.ts");
  const { createCluster } = await import("./client.ts");
  return createCluster({ ...(await loadConnection(selection)), ...(onAnswer && { onAnswer }) });
}

/** Connects as the service account of the pod that this process runs in. Throws FrotaError NOT_IN_CLUSTER. */
export async function connectInCluster(env: Readonly<Record<string, string | undefined>>, onAnswer?: OnAnswer): Promise<Cluster> {
  const { inClusterConnection } = await import("./in-cluster.ts");
  const { createCluster } = await import("./client.ts");
  return createCluster({ ...(await inClusterConnection(env)), ...(onAnswer && { onAnswer }) });
}
