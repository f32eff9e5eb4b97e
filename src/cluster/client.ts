import type { Manifest } from "../render/manifest.ts";
import { FrotaError, type Location } from "../spec/error.ts";
import { valueAt } from "../spec/plain-data.ts";
import { apiError, conflictingManagers, unknownKind, type RequestSubject } from "./api-error.ts";
import {
  FIELD_MANAGER,
  referenceOf,
  type AccessRequest,
  type ApplyOptions,
  type Cluster,
  type DeleteOptions,
  type ExecRequest,
  type KindReference,
  type LogOptions,
  type NewObject,
  type ObjectReference,
  type PatchOptions,
  type PortForwardOptions,
  type Selection,
  type ServerVersion,
  type WatchEvent,
  type WatchStep,
} from "./cluster.ts";
import type { Connection } from "./kubeconfig.ts";
import { LISTED, listPages, selectors } from "./list-pages.ts";
import { readLog } from "./log.ts";
import { builtInResource, findResource, groupVersionPath, kindKey, resourcePath, type Resource } from "./resource.ts";
import { send, type ApiRequest, type ApiResponse } from "./transport.ts";
import { followObjects, wholeLists, type ListedPage } from "./watch.ts";

/** Written by `kubectl apply`, from the same files that Frota renders. */
const KUBECTL_APPLY = "kubectl-client-side-apply";

/** A {@link Cluster} over one connection. */
export function createCluster(connection: Connection): Cluster {
  return new ApiCluster(connection);
}

class ApiCluster implements Cluster {
  readonly context: string;
  readonly server: string;
  readonly #connection: Connection;
  readonly #resources = new Map<string, Promise<Resource | undefined>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.context = connection.context;
    this.server = connection.server;
  }

  async get(reference: ObjectReference): Promise<Manifest | undefined> {
    const path = await this.#path(reference, reference);
    const response = await this.#send({ method: "GET", path, subject: this.#subject("read", reference) }, [404]);
    return response.status === 404 ? undefined : objectOf(response);
  }

  async list(kind: KindReference, selection: Selection = {}): Promise<Manifest[]> {
    return this.#allPages(kind, selection, LISTED.whole);
  }

  async listMetadata(kind: KindReference, selection: Selection = {}): Promise<Manifest[]> {
    return this.#allPages(kind, selection, LISTED.metadata);
  }

  async #allPages(kind: KindReference, selection: Selection, accept: string): Promise<Manifest[]> {
    const items: Manifest[] = [];
    for await (const page of this.#pages(kind, selection, accept)) items.push(...page.items);
    return items;
  }

  async *#pages(kind: KindReference, selection: Selection, accept: string = LISTED.whole): AsyncGenerator<ListedPage, void, undefined> {
    const path = await this.#path(kind, { namespace: selection.namespace });
    yield* listPages((request) => this.#send(request), { path, kind, selection, accept, subject: this.#kindSubject("list", kind, selection) });
  }

  async apply(manifest: Manifest, options: ApplyOptions = {}): Promise<Manifest> {
    const reference = referenceOf(manifest);
    const path = await this.#path(reference, reference);
    const attempt = (force: boolean) =>
      this.#send(
        {
          method: "PATCH",
          path,
          query: {
            fieldManager: FIELD_MANAGER,
            force: String(force),
            fieldValidation: "Strict",
            dryRun: options.dryRun ? "All" : undefined,
          },
          body: JSON.stringify(manifest),
          contentType: "application/apply-patch+yaml",
          isBrief: options.isBrief,
          subject: this.#subject("apply", reference),
        },
        force ? [] : [409],
      );
    const response = await attempt(options.force ?? false);
    if (response.status !== 409) return objectOf(response);
    // What `kubectl apply` wrote came from the same files: taking it over contradicts nobody.
    const managers = conflictingManagers(response.body);
    const isOwn = managers.length > 0 && managers.every((manager) => manager.startsWith(KUBECTL_APPLY));
    if (!isOwn) throw apiError(409, response.body, this.#subject("apply", reference));
    return objectOf(await attempt(true));
  }

  async mergePatch(reference: ObjectReference, patch: object, options: PatchOptions = {}): Promise<Manifest> {
    const response = await this.#send({
      method: "PATCH",
      path: (await this.#path(reference, reference)) + (options.subresource ? `/${options.subresource}` : ""),
      query: { fieldManager: options.fieldManager ?? FIELD_MANAGER, dryRun: options.dryRun ? "All" : undefined },
      body: JSON.stringify(patch),
      contentType: "application/merge-patch+json",
      isBrief: options.isBrief,
      subject: this.#subject("change", reference),
    });
    return objectOf(response);
  }

  async create(manifest: NewObject): Promise<Manifest> {
    const { apiVersion, kind, metadata = {} } = manifest;
    const response = await this.#send({
      method: "POST",
      path: await this.#path({ apiVersion, kind }, { namespace: metadata.namespace }),
      query: { fieldManager: FIELD_MANAGER },
      body: JSON.stringify(manifest),
      subject: this.#kindSubject("create", { apiVersion, kind }, metadata),
    });
    return objectOf(response);
  }

  async delete(reference: ObjectReference, { propagation = "Background", ...preconditions }: DeleteOptions = {}): Promise<boolean> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: propagation, preconditions };
    const response = await this.#send(
      {
        method: "DELETE",
        path: await this.#path(reference, reference),
        body: JSON.stringify(body),
        subject: this.#subject("delete", reference),
      },
      [404],
    );
    return response.status !== 404;
  }

  watch(kind: KindReference, selection: Selection, signal: AbortSignal): AsyncIterable<WatchEvent> {
    return wholeLists(this.follow(kind, selection, signal));
  }

  async *follow(kind: KindReference, selection: Selection, signal: AbortSignal): AsyncIterable<WatchStep> {
    const path = await this.#path(kind, { namespace: selection.namespace });
    yield* followObjects({
      connection: this.#connection,
      kind,
      path,
      query: selectors(selection),
      subject: this.#kindSubject("watch", kind, selection),
      pages: () => this.#pages(kind, selection),
      signal,
    });
  }

  podLogs(pod: { namespace: string; name: string }, options: LogOptions = {}): AsyncIterable<string> {
    const reference = { apiVersion: "v1", kind: "Pod", ...pod };
    return readLog(this.#connection, pod, options, this.#subject("read the log", reference));
  }

  async portForward(namespace: string, pod: string, port: number, options: PortForwardOptions = {}) {
    const { forwardPort } = await import("./port-forward.ts");
    const reference = { apiVersion: "v1", kind: "Pod", namespace, name: pod };
    // A tunnel that cannot be made later only shows as a broken connection.
    if (!(await this.get(reference))) throw missing(reference);
    return forwardPort(this.#connection, { namespace, pod, port, ...options }, this.#subject("forward a port", reference));
  }

  async exec(request: ExecRequest): Promise<number> {
    const { runInContainer } = await import("./exec.ts");
    const reference = { apiVersion: "v1", kind: "Pod", namespace: request.namespace, name: request.pod };
    return runInContainer(this.#connection, request, this.#subject("run a command in the pod", reference));
  }

  async events(reference: ObjectReference): Promise<Manifest[]> {
    const fieldSelector = `involvedObject.kind=${reference.kind},involvedObject.name=${reference.name}`;
    const namespace = reference.namespace ?? "default";
    const events = await this.list({ apiVersion: "v1", kind: "Event" }, { namespace, fieldSelector });
    return events.sort((one, other) => eventTime(one).localeCompare(eventTime(other)));
  }

  async serverVersion(): Promise<ServerVersion> {
    const subject = { context: this.context, server: this.server, verb: "ask for its version" };
    const response = await this.#send({ method: "GET", path: "/version", timeout: 10_000, subject });
    const version: ServerVersion = JSON.parse(response.body);
    return version;
  }

  async canI(request: AccessRequest): Promise<boolean> {
    const review = await this.create({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { group: "", ...request } },
    });
    return valueAt(review, ["status", "allowed"]) === true;
  }

  async serves(kind: KindReference): Promise<boolean> {
    return (await this.#discover(kind)) !== undefined;
  }

  close(): void {
    void this.#closeIdle();
  }

  async #closeIdle(): Promise<void> {
    const { agent } = await this.#connection.options();
    if (typeof agent === "object") agent.destroy();
  }

  async #path(kind: KindReference, place: { namespace?: string | undefined; name?: string }): Promise<string> {
    const resource = await this.#discover(kind);
    if (!resource) throw unknownKind(kind, this.context);
    return resourcePath(kind.apiVersion, resource, place);
  }

  async #discover(kind: KindReference): Promise<Resource | undefined> {
    const known = builtInResource(kind);
    if (known) return known;
    const key = kindKey(kind);
    const pending = this.#resources.get(key) ?? this.#askForResource(kind);
    this.#resources.set(key, pending);
    const resource = await pending.catch((error: unknown) => {
      this.#resources.delete(key);
      throw error;
    });
    // A CRD may be installed later in the life of this process.
    if (!resource) this.#resources.delete(key);
    return resource;
  }

  async #askForResource(kind: KindReference): Promise<Resource | undefined> {
    const subject = this.#kindSubject("ask for the kinds", kind, {});
    const response = await this.#send({ method: "GET", path: groupVersionPath(kind.apiVersion), subject }, [404]);
    return response.status === 404 ? undefined : findResource(response.body, kind.kind);
  }

  async #send(request: ApiRequest, accepted: readonly number[] = []): Promise<ApiResponse> {
    const response = await send(this.#connection, request);
    if (response.status < 300 || accepted.includes(response.status)) return response;
    throw apiError(response.status, response.body, request.subject);
  }

  #subject(verb: string, { kind, namespace, name }: ObjectReference): RequestSubject {
    const where: Location = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
    return { context: this.context, server: this.server, verb, where };
  }

  #kindSubject(verb: string, { kind }: KindReference, place: { namespace?: string; name?: string }): RequestSubject {
    const reference = { apiVersion: "", kind, name: place.name ?? "" };
    return this.#subject(verb, place.namespace === undefined ? reference : { ...reference, namespace: place.namespace });
  }
}

function missing({ kind, namespace, name }: ObjectReference): FrotaError {
  return new FrotaError({
    code: "NOT_FOUND",
    message: `there is no ${kind} ${name}`,
    where: { kind, name, ...(namespace === undefined ? {} : { namespace }) },
    next: "`frota status` shows what is there",
  });
}

function objectOf(response: ApiResponse): Manifest {
  const object: Manifest = JSON.parse(response.body);
  return object;
}

function eventTime(event: Manifest): string {
  const times = [event["lastTimestamp"], event["eventTime"], event.metadata["creationTimestamp"]];
  return times.find((time) => typeof time === "string") ?? "";
}
