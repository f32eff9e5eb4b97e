import { once } from "node:events";
import { createServer, type Server } from "node:http";
import healthy from "../../src/gateway/testdata/healthy.json" with { type: "json" };

type Json = Record<string, unknown>;
interface Answer {
  readonly status?: number;
  readonly body: Json;
}

/** A method's answer. */
export const ok = (payload: unknown): Answer => ({ body: { ok: true, payload } });
/** The gateway's refusal, with its reason. */
export const refusal = (status: number, message: string): Answer => ({ status, body: { ok: false, error: { code: "INVALID_REQUEST", message } } });

/** A gateway that gives the recorded answers of a real one, but for those that a test sets. It remembers what was asked. */
export class StandInGateway {
  readonly asked: { readonly method: string; readonly params: Json }[] = [];
  startup: Answer = { body: { ok: true, status: "started" } };
  readonly answers: Record<string, (params: Json) => Answer> = {};
  #server: Server | undefined;

  async endpoint() {
    this.#server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
        const answer = request.method === "GET" ? this.startup : this.#rpc(JSON.parse(Buffer.concat(chunks).toString("utf8")) as { method: string; params?: Json });
        response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
      })();
    }).listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return { address: `127.0.0.1:${typeof address === "object" ? address?.port : ""}`, token: "token", agent: "clovis" };
  }

  #rpc({ method, params = {} }: { method: string; params?: Json }): Answer {
    this.asked.push({ method, params });
    const recorded = (healthy as Json)[method];
    return this.answers[method]?.(params) ?? (recorded === undefined ? refusal(400, `admin HTTP RPC method is not supported: ${method}`) : ok(recorded));
  }

  methods(): string[] {
    return this.asked.map(({ method }) => method);
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}
