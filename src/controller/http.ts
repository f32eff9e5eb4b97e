import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { FrotaError } from "../spec/error.ts";

/** What a controller tells about itself over HTTP. */
export interface HttpAnswers {
  /** `/healthz`: why the process should be restarted; undefined when it is well. */
  readonly sick: () => string | undefined;
  /** `/readyz`: why it does not do or wait for its work; undefined when it does. */
  readonly unready: () => string | undefined;
  /** `/metrics`: in Prometheus's text format. */
  readonly metrics: () => Promise<string>;
}

/** A server that listens. */
export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `/healthz`, `/readyz` and `/metrics` at `HOST:PORT` or `:PORT`. Throws ADDRESS_UNAVAILABLE. */
export async function serveHttp(address: string, answers: HttpAnswers): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void answer(new URL(request.url ?? "/", "http://controller").pathname, answers, response);
  });
  await listen(server, address);
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound ? bound.port : 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function listen(server: Server, address: string): Promise<void> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, Math.max(colon, 0));
  server.listen({ port: Number(address.slice(colon + 1)), ...(host === "" ? {} : { host }) });
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new FrotaError(
      {
        code: "ADDRESS_UNAVAILABLE",
        message: `nothing can listen on ${address}: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: "choose another with --address HOST:PORT",
      },
      { cause },
    );
  }
}

async function answer(path: string, answers: HttpAnswers, response: ServerResponse): Promise<void> {
  if (path === "/metrics") {
    const text = await answers.metrics();
    response.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.end(text);
    return;
  }
  const checks: Readonly<Record<string, () => string | undefined>> = { "/healthz": answers.sick, "/readyz": answers.unready };
  const check = Object.hasOwn(checks, path) ? checks[path] : undefined;
  const fault = check ? check() : "not found";
  response.statusCode = check ? (fault === undefined ? 200 : 503) : 404;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(`${fault ?? "ok"}\n`);
}
