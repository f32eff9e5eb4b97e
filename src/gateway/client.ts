import { FrotaError } from "../spec/error.ts";
import { textsAt } from "../spec/plain-field.ts";
import { chat, type ChatTurn } from "./chat.ts";
import {
  objectOf,
  open,
  readJson,
  refused,
  type GatewayEndpoint,
  type GatewayObject,
  type GatewayRequest,
} from "./exchange.ts";

/** What one of the gateway's probes says. */
export interface GatewayProbe {
  readonly ok: boolean;
  /** `live`, `starting`, `started`, `ready`, `draining`..., in the gateway's own words. */
  readonly state: string;
  /** What is failing, for a gateway that is not ready. */
  readonly failing: readonly string[];
}

const RPC_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 5_000;

/** Talks to the gateway of one OpenClaw agent over HTTP. */
export class GatewayClient {
  readonly endpoint: GatewayEndpoint;

  constructor(endpoint: GatewayEndpoint) {
    this.endpoint = endpoint;
  }

  /** Whether the process lives. Throws GATEWAY_UNREACHABLE, GATEWAY_UNKNOWN_ANSWER. */
  async health(): Promise<GatewayProbe> {
    return this.#probe("/healthz", (body) => body["ok"]);
  }

  /** Whether it has started; false while it drains. */
  async startup(): Promise<GatewayProbe> {
    return this.#probe("/startupz", (body) => body["ok"]);
  }

  /** Whether it takes work. */
  async ready(): Promise<GatewayProbe> {
    return this.#probe("/readyz", (body) => body["ready"]);
  }

  /**
   * Calls a method of the bundled plug-in `admin-http-rpc` and returns its payload.
   * Throws GATEWAY_UNAUTHORIZED, GATEWAY_NOT_READY, GATEWAY_REFUSED (with the gateway's reason), GATEWAY_RPC_DISABLED.
   */
  async rpc(method: string, params?: GatewayObject): Promise<GatewayObject> {
    const request = {
      method: "POST",
      path: "/api/v1/admin/rpc",
      body: { method, ...(params && { params }) },
      signal: AbortSignal.timeout(RPC_TIMEOUT_MS),
    } as const;
    const { status, body } = await this.#exchange(request);
    if (status === 200 && body?.["ok"] === true) return objectOf(body["payload"]);
    if (body === undefined && (status === 200 || status === 404)) throw disabled(this.endpoint);
    throw refused(this.endpoint, status, body);
  }

  /** Says something to the agent and yields its reply piece by piece. See {@link chat}. */
  chat(turn: ChatTurn): AsyncGenerator<string, void, undefined> {
    return chat(this.endpoint, turn);
  }

  async #probe(path: string, verdict: (body: GatewayObject) => unknown): Promise<GatewayProbe> {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const { status, body } = await this.#exchange({ method: "GET", path, signal });
    const answer = body === undefined ? undefined : verdict(body);
    if (body === undefined || typeof answer !== "boolean") throw unknownAnswer(this.endpoint, path, status);
    const failing = textsAt(body, "failing");
    return { ok: answer && status === 200, state: stateOf(body, answer), failing };
  }

  async #exchange(request: GatewayRequest): Promise<{ status: number; body: GatewayObject | undefined }> {
    try {
      const message = await open(this.endpoint, request);
      return { status: message.statusCode ?? 0, body: await readJson(message) };
    } catch (cause) {
      if (cause instanceof FrotaError) throw cause;
      throw noAnswer(this.endpoint, cause);
    }
  }
}

function stateOf(body: GatewayObject, answer: boolean): string {
  if (typeof body["status"] === "string") return body["status"];
  return answer ? "ready" : "not ready";
}

function noAnswer(endpoint: GatewayEndpoint, cause: unknown): FrotaError {
  return new FrotaError(
    {
      code: "GATEWAY_UNREACHABLE",
      message: `the gateway of ${endpoint.agent} did not answer in time.`,
      where: { kind: "Gateway", name: endpoint.agent },
      next: `look at \`frota status ${endpoint.agent}\` and \`frota logs ${endpoint.agent}\``,
    },
    { cause },
  );
}

function disabled(endpoint: GatewayEndpoint): FrotaError {
  return new FrotaError({
    code: "GATEWAY_RPC_DISABLED",
    message: `the gateway of ${endpoint.agent} does not serve the admin RPC.`,
    where: { kind: "Gateway", name: endpoint.agent },
    next: "declare plugins.entries.admin-http-rpc.enabled: true in its OpenClaw configuration, then apply",
  });
}

function unknownAnswer(endpoint: GatewayEndpoint, path: string, status: number): FrotaError {
  return new FrotaError({
    code: "GATEWAY_UNKNOWN_ANSWER",
    message: `${path} of ${endpoint.agent} answered ${status} without the JSON of an OpenClaw gateway.`,
    where: { kind: "Gateway", name: endpoint.agent },
    next: "check that the address leads to port 18789 of the agent's pod",
  });
}
