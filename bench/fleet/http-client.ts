import type { ClientRequest } from "node:http";
import { Agent, request } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

/** Where requests go and as whom. */
export interface Endpoint {
  /** `https://host:port` */
  readonly base: string;
  /** PEM text. */
  readonly certificateAuthority: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
}

/** One request; the body is sent as JSON. */
export interface JsonRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** What was answered. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: string;
}

/** A bare JSON client: it sends what it is told over a fixed number of kept connections, and only a busy server (429, 504) and one that hung up is asked again. */
export class HttpClient {
  readonly #endpoint: Endpoint;
  readonly #agent: Agent;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#agent = new Agent({ keepAlive: true, maxSockets: endpoint.connections, ca: endpoint.certificateAuthority });
  }

  /** Sends and reads the whole answer. Throws for anything but success, or one of the `accepted` statuses. */
  async send(call: JsonRequest, accepted: readonly number[] = []): Promise<JsonAnswer> {
    for (;;) {
      const answer = await this.#once(call);
      if (answer.status < 300 || accepted.includes(answer.status)) return answer;
      if (answer.status !== 429 && answer.status !== 504) throw new Error(`${call.method} ${call.path}: ${answer.status} ${answer.body.slice(0, 500)}`);
      await delay(1000);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #once(call: JsonRequest): Promise<JsonAnswer> {
    const { base, headers } = this.#endpoint;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const content = body === undefined ? {} : { "Content-Type": call.contentType ?? "application/json", "Content-Length": Buffer.byteLength(body) };
    const { promise, resolve, reject } = Promise.withResolvers<JsonAnswer>();
    const outgoing = request(base + call.path, { method: call.method, agent: this.#agent, headers: { ...headers, ...content } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", reject);
    });
    outgoing.on("error", (error) => (isWorthAnother(call, outgoing) ? resolve({ status: 504, body: error.message }) : reject(error)));
    outgoing.end(body);
    return promise;
  }
}

/** Deleting thousands of objects takes longer than the server keeps a request; and it may close an idle connection just when it is used again. */
function isWorthAnother({ method }: JsonRequest, outgoing: ClientRequest): boolean {
  return method === "DELETE" || outgoing.reusedSocket;
}
