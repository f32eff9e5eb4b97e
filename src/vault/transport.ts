import type { IncomingMessage } from "node:http";
import https from "node:https";
import type { VaultConnection } from "./connection.ts";
import { connectionError } from "./failure.ts";

/** A request below `/v1/`. */
export interface VaultRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below `/v1/`, without a leading slash, with its query. */
  readonly path: string;
  readonly body?: unknown;
}

/** An answer of any status. `body` is undefined unless it was a JSON object. */
export interface VaultResponse {
  readonly status: number;
  readonly body: VaultObject | undefined;
}

/** A JSON object of an answer. */
export type VaultObject = Readonly<Record<string, unknown>>;

/** Not imported: for an import of node:http Node loads all of its `fetch` as well, 50 ms. */
const http = process.getBuiltinModule("node:http");
const TIMEOUT_MS = 15_000;
const MAX_REDIRECTS = 3;

/**
 * Sends one request to Vault. Uses `node:https` because `fetch` cannot be given a certificate authority. Follows the redirects
 * of a standby server, but never from https to http. Throws VAULT_UNREACHABLE or VAULT_CERTIFICATE.
 */
export async function send(connection: VaultConnection, request: VaultRequest): Promise<VaultResponse> {
  let url = new URL(`${connection.address}/v1/${request.path}`);
  for (let hop = 0; ; hop++) {
    const { message, text } = await exchange(connection, request, url);
    const location = message.headers.location;
    const status = message.statusCode ?? 0;
    if ((status !== 307 && status !== 308) || location === undefined || hop === MAX_REDIRECTS) {
      return { status, body: jsonObject(text) };
    }
    const next = new URL(location, url);
    if (url.protocol === "https:" && next.protocol !== "https:") return { status, body: undefined };
    url = next;
  }
}

async function exchange(
  connection: VaultConnection,
  request: VaultRequest,
  url: URL,
): Promise<{ message: IncomingMessage; text: string }> {
  const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
  try {
    return await new Promise((resolve, reject) => {
      const client = url.protocol === "https:" ? https : http;
      const outgoing = client.request(
        url,
        {
          method: request.method,
          headers: headersOf(connection, request, payload),
          signal: AbortSignal.timeout(TIMEOUT_MS),
          ...(connection.certificateAuthority !== undefined && { ca: connection.certificateAuthority }),
          ...(connection.serverName !== undefined && { servername: connection.serverName }),
        },
        (message) => {
          const chunks: Buffer[] = [];
          message.on("data", (chunk: Buffer) => chunks.push(chunk));
          message.on("end", () => resolve({ message, text: Buffer.concat(chunks).toString("utf8") }));
          message.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(payload);
    });
  } catch (cause) {
    throw connectionError(connection.address, cause);
  }
}

function headersOf(connection: VaultConnection, request: VaultRequest, payload: string | undefined): Record<string, string> {
  const type = request.method === "PATCH" ? "application/merge-patch+json" : "application/json";
  return {
    "X-Vault-Request": "true",
    ...(connection.token !== undefined && { "X-Vault-Token": connection.token }),
    ...(connection.namespace !== undefined && { "X-Vault-Namespace": connection.namespace }),
    ...(payload !== undefined && { "Content-Type": type, "Content-Length": String(Buffer.byteLength(payload)) }),
  };
}

function jsonObject(text: string): VaultObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is VaultObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON object, or an empty one for anything else. */
export function objectOf(value: unknown): VaultObject {
  return isObject(value) ? value : {};
}
