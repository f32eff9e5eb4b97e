import type { IncomingMessage } from "node:http";
import { FrotaError } from "../spec/error.ts";

/** Not imported: for an import of node:http Node loads all of its `fetch` as well, 50 ms. */
const http = process.getBuiltinModule("node:http");

/** Where a gateway listens, and its token. Never print it. */
export interface GatewayEndpoint {
  /** `host:port`, for example of a port-forward. */
  readonly address: string;
  readonly token?: string;
  /** The agent's name, for messages. */
  readonly agent: string;
}

/** A request to a gateway. */
export interface GatewayRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Sends one request and returns the answer with its body unread. Uses `node:http`, because `fetch` gives a silent answer up after
 * five minutes, and an agent may think for longer. Throws GATEWAY_UNREACHABLE; an abort comes out as it is.
 */
export async function open(endpoint: GatewayEndpoint, request: GatewayRequest): Promise<IncomingMessage> {
  const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = http.request(`http://${endpoint.address}${request.path}`, {
    method: request.method,
    headers: {
      Accept: "application/json, text/event-stream",
      ...(endpoint.token !== undefined && { Authorization: `Bearer ${endpoint.token}` }),
      ...(payload !== undefined && {
        "Content-Type": "application/json",
        "Content-Length": String(Buffer.byteLength(payload)),
      }),
    },
    ...(request.signal && { signal: request.signal }),
  });
  outgoing.on("response", resolve);
  outgoing.on("error", (cause) => reject(unanswered(endpoint, request, cause)));
  outgoing.end(payload);
  return promise;
}

/** Reads a whole answer as JSON; undefined for any other body, such as the page that the gateway gives for unknown paths. */
export async function readJson(message: IncomingMessage): Promise<GatewayObject | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A JSON object of an answer. */
export type GatewayObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is GatewayObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON object, or an empty one for anything else. */
export function objectOf(value: unknown): GatewayObject {
  return isObject(value) ? value : {};
}

/** The error for an answer other than the one asked for. `body` is the gateway's own JSON, when it sent any. */
export function refused(endpoint: GatewayEndpoint, status: number, body: GatewayObject | undefined): FrotaError {
  const { message } = objectOf(body?.["error"]);
  const reason = typeof message === "string" ? message : `HTTP ${status}`;
  const where = { kind: "Gateway", name: endpoint.agent };
  if (status === 401) {
    return new FrotaError({
      code: "GATEWAY_UNAUTHORIZED",
      message: `the gateway of ${endpoint.agent} does not accept its token: it runs with an older value of OPENCLAW_GATEWAY_TOKEN.`,
      where,
      next: `compare with \`frota secrets status ${endpoint.agent}\`, then \`frota restart ${endpoint.agent}\``,
    });
  }
  if (status === 503) {
    return new FrotaError({
      code: "GATEWAY_NOT_READY",
      message: `the gateway of ${endpoint.agent} is starting or draining (${reason}).`,
      where,
      next: `wait until \`frota status ${endpoint.agent}\` says Ready, then try again`,
    });
  }
  return new FrotaError({
    code: "GATEWAY_REFUSED",
    message: `the gateway of ${endpoint.agent} answered ${status}: ${reason}`,
    where,
    next: `look at \`frota logs ${endpoint.agent}\``,
  });
}

function unanswered(endpoint: GatewayEndpoint, request: GatewayRequest, cause: Error): unknown {
  if (request.signal?.aborted === true) return request.signal.reason;
  return new FrotaError(
    {
      code: "GATEWAY_UNREACHABLE",
      message: `the gateway of ${endpoint.agent} does not answer (${"code" in cause ? String(cause.code) : cause.message}).`,
      where: { kind: "Gateway", name: endpoint.agent },
      next: `look at \`frota status ${endpoint.agent}\` and \`frota logs ${endpoint.agent}\``,
    },
    { cause },
  );
}
