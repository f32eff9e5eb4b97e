import type { IncomingMessage } from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { connectionError, type RequestSubject } from "./api-error.ts";
import { COMPRESSED, uncompressed } from "./compression.ts";
import type { Connection, ConnectionOptions } from "./kubeconfig.ts";

/** One HTTP request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path below the server's address, without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly contentType?: string;
  /** Of an object no more than its metadata is answered. */
  readonly isBrief?: boolean | undefined;
  /** Further ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media types to ask for, where it is another than the object as JSON. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds until the answer's head; 30,000 when absent. */
  readonly timeout?: number;
  readonly subject: RequestSubject;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: string;
}

/** Not imported: for an import of node:http Node loads all of its `fetch` as well, 50 ms for which every command would wait. */
const http = process.getBuiltinModule("node:http");
const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json";
const DEFAULT_TIMEOUT = 30_000;
const ATTEMPTS = 4;

/** Sends a request and reads the whole answer. Busy servers (429) and dropped idle connections are tried again. */
export async function send(connection: Connection, request: ApiRequest): Promise<ApiResponse> {
  const headers = { ...request.headers, ...(connection.isCompressed === true && request.method === "GET" ? COMPRESSED : {}) };
  for (let attempt = 1; ; attempt++) {
    const response = await open(connection, { ...request, headers });
    const retryAfter = Number(response.headers["retry-after"]);
    const body = await readBody(response, request.subject);
    const isBusy = response.statusCode === 429 || (response.statusCode === 503 && retryAfter > 0);
    if (!isBusy || attempt === ATTEMPTS) return { status: response.statusCode ?? 0, body };
    await delay(Math.min(retryAfter || 1, 5) * 1000, request.signal);
  }
}

/** Sends a request and returns the answer's head with its body still to be read. */
export async function open(connection: Connection, request: ApiRequest): Promise<IncomingMessage> {
  const options = await connection.options();
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await sendOnce(connection.server, options, request);
      connection.onAnswer?.({ method: request.method, path: request.path, isWatch: request.query?.["watch"] === "true", status: response.statusCode ?? 0 });
      return response;
    } catch (error) {
      // An idle connection may be closed by the server at the very moment that it is used again.
      const wasIdle = error instanceof RequestFailure && error.reused;
      if (!wasIdle || attempt === ATTEMPTS) {
        throw error instanceof RequestFailure ? connectionError(error.cause, request.subject) : error;
      }
    }
  }
}

class RequestFailure extends Error {
  readonly reused: boolean;

  constructor(cause: unknown, reused: boolean) {
    super("request failed", { cause });
    this.reused = reused;
  }
}

function sendOnce(server: string, base: ConnectionOptions, request: ApiRequest): Promise<IncomingMessage> {
  const url = new URL(server + request.path);
  for (const [key, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, value);
  }
  const headers = {
    ...base.headers,
    ...request.headers,
    Accept: accepted(request),
    "User-Agent": "frota",
    ...(request.body === undefined
      ? {}
      : { "Content-Type": request.contentType ?? "application/json", "Content-Length": Buffer.byteLength(request.body) }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const client = url.protocol === "http:" ? http : https;
  const outgoing = client.request(url, {
    ...base,
    method: request.method,
    headers,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  const timer = setTimeout(
    () => outgoing.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })),
    request.timeout ?? DEFAULT_TIMEOUT,
  );
  outgoing.on("response", (response) => {
    clearTimeout(timer);
    resolve(response);
  });
  outgoing.on("error", (error) => {
    clearTimeout(timer);
    const isAbort = request.signal?.aborted === true;
    reject(isAbort ? request.signal?.reason : new RequestFailure(error, outgoing.reusedSocket && isReset(error)));
  });
  outgoing.end(request.body);
  return promise;
}

function accepted({ accept, isBrief }: ApiRequest): string {
  return accept ?? (isBrief === true ? METADATA : "application/json");
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === "ECONNRESET" || error.code === "EPIPE";
}

async function readBody(response: IncomingMessage, subject: RequestSubject): Promise<string> {
  try {
    return await text(uncompressed(response));
  } catch (error) {
    throw connectionError(error, subject);
  }
}

/**
 * The lines of an answer as they come. Ends when the server ends it or `signal` aborts; a broken connection is thrown as
 * CLUSTER_UNREACHABLE.
 */
export async function* linesOf(
  response: IncomingMessage,
  subject: RequestSubject,
  signal?: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const line of createInterface({ input: response })) {
      if (signal?.aborted) return;
      yield line;
    }
  } catch (error) {
    if (!signal?.aborted) throw connectionError(error, subject);
  } finally {
    response.destroy();
  }
}

/** Waits; rejects with the signal's reason when it aborts. */
export async function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : {});
}
