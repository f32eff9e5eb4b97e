import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** One HTTP server that answers as the gateway of every agent. */
export interface StandInGateway {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Requests answered so far. */
  requests(): number;
  close(): void;
}

/** What a healthy gateway was seen to answer, by RPC method. */
const RECORDED = join(import.meta.dirname, "..", "..", "src", "gateway", "testdata", "healthy.json");

/** Starts it on a free loopback port: always healthy, never busy. */
export async function startGateway(): Promise<StandInGateway> {
  const recorded: Readonly<Record<string, unknown>> = JSON.parse(await readFile(RECORDED, "utf8"));
  const answers = {
    ...recorded,
    "config.get": { parsed: {}, hash: "0", valid: true, configRevisionHash: "0", appliedConfigHash: "0" },
    "gateway.suspend.prepare": { status: "ready", suspensionId: "bench", expiresAtMs: 0 },
  };
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    void answer(request, response, answers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : 0;
  return { address: `127.0.0.1:${port}`, requests: () => requests, close: () => void server.close() };
}

const PROBES: Readonly<Record<string, object>> = {
  "/healthz": { ok: true, status: "live" },
  "/readyz": { ready: true, failing: [] },
  "/startupz": { ok: true, status: "started" },
};

async function answer(request: IncomingMessage, response: ServerResponse, recorded: Readonly<Record<string, unknown>>): Promise<void> {
  const probe = PROBES[request.url ?? ""];
  const body = probe ?? { ok: true, payload: await payload(request, recorded) };
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(body));
}

async function payload(request: IncomingMessage, recorded: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { method }: { method?: string } = JSON.parse((await text(request)) || "{}");
  return recorded[method ?? ""] ?? {};
}
