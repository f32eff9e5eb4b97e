import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { GatewayClient } from "../../src/gateway/client.ts";
import { freePort } from "./vault-server.ts";

const TOKEN = "gateway-token-that-must-not-show";

/**
 * What OpenClaw 2026.9.2 really sends, recorded; here, because it can be cut at any byte. That a real gateway is understood is
 * tested on the lab.
 */
const ROLE = 'data: {"choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}\n\n';
const say = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
const STOP = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = "data: [DONE]\n\n";

let server: Server | undefined;

afterEach(async () => {
  if (!server?.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

async function gateway(answer: RequestListener): Promise<GatewayClient> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return new GatewayClient({ address: `127.0.0.1:${port}`, token: TOKEN, agent: "clovis" });
}

/** Answers with a stream of these pieces; then ends it properly, or cuts the connection. */
function streaming(pieces: readonly (string | Buffer)[], end: "end" | "cut" = "end"): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    void (async () => {
      for (const piece of pieces) {
        response.write(piece);
        await turn();
      }
      if (end === "end") response.end();
      else response.destroy();
    })();
  };
}

const json = (status: number, body: unknown): RequestListener => (_request, response) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

const text = (status: number, type: string, body: string): RequestListener => (_request, response) => {
  response.writeHead(status, { "content-type": type });
  response.end(body);
};

async function hear(client: GatewayClient, signal?: AbortSignal): Promise<string> {
  let reply = "";
  for await (const piece of client.chat({ message: "hello", session: "s", ...(signal && { signal }) })) reply += piece;
  return reply;
}

describe("chat", () => {
  test("puts the reply together, wherever the stream is cut into pieces", async () => {
    const bytes = Buffer.from(ROLE + say("Olá, ") + say("Clóvis\n") + STOP + DONE);
    for (const size of [1, 2, 7, 50, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      const client = await gateway(streaming(pieces));
      expect(await hear(client)).toBe("Olá, Clóvis\n");
      server?.closeAllConnections();
      server?.close();
    }
  });

  test("sends message, session and token, and asks for a stream", async () => {
    const seen: unknown[] = [];
    const client = await gateway((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        seen.push(request.url, request.headers.authorization, JSON.parse(Buffer.concat(chunks).toString()));
        streaming([say("yes"), DONE])(request, response);
      });
    });
    await hear(client);
    expect(seen).toEqual([
      "/v1/chat/completions",
      `Bearer ${TOKEN}`,
      { model: "openclaw/default", stream: true, user: "s", messages: [{ role: "user", content: "hello" }] },
    ]);
  });

  test.each<[string, RequestListener, string]>([
    ["a run that fails after it began", streaming([say("par"), 'data: {"error":{"message":"provider refused"}}\n\n', DONE]), "GATEWAY_CHAT_FAILED"],
    ["a cut connection", streaming([say("par")], "cut"), "GATEWAY_CHAT_CUT"],
    ["a stream that just ends", streaming([say("par")]), "GATEWAY_CHAT_CUT"],
    ["a wrong token", json(401, { error: { message: "Unauthorized", type: "unauthorized" } }), "GATEWAY_UNAUTHORIZED"],
    ["a gateway that drains", json(503, { error: { message: "gateway-draining" } }), "GATEWAY_NOT_READY"],
    ["chat switched off", text(404, "text/plain", "Not Found"), "GATEWAY_CHAT_DISABLED"],
    ["the page for unknown paths", text(200, "text/html", "<html></html>"), "GATEWAY_CHAT_DISABLED"],
    ["a request that it refuses", json(400, { error: { message: "bad request" } }), "GATEWAY_REFUSED"],
  ])("tells %s", async (_case, answer, code) => {
    const error: unknown = await hear(await gateway(answer)).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain(TOKEN);
  });

  test("ends at once when it is interrupted", async () => {
    const abort = new AbortController();
    const client = await gateway((request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(say("par"));
      request.on("close", () => response.destroy());
      abort.abort(new Error("stopped"));
    });
    await expect(hear(client, abort.signal)).rejects.toThrow("stopped");
  });

  test("tells that nobody listens", async () => {
    const client = new GatewayClient({ address: `127.0.0.1:${await freePort()}`, agent: "clovis" });
    await expect(hear(client)).rejects.toMatchObject({ code: "GATEWAY_UNREACHABLE" });
  });
});

describe("probes", () => {
  test.each([
    ["live", 200, { ok: true, status: "live" }, { ok: true, state: "live", failing: [] }],
    ["draining", 503, { ok: false, status: "draining" }, { ok: false, state: "draining", failing: [] }],
  ])("%s", async (_case, status, body, expected) => {
    expect(await (await gateway(json(status, body))).startup()).toEqual(expected);
  });

  test("not ready, with what is failing", async () => {
    const client = await gateway(json(503, { ready: false, failing: ["gateway-draining"] }));
    expect(await client.ready()).toEqual({ ok: false, state: "not ready", failing: ["gateway-draining"] });
  });

  test("a page of HTML with status 200 is not a gateway", async () => {
    const client = await gateway(text(200, "text/html", "<html></html>"));
    await expect(client.health()).rejects.toMatchObject({ code: "GATEWAY_UNKNOWN_ANSWER" });
  });
});

describe("rpc", () => {
  test("returns the payload", async () => {
    const client = await gateway(json(200, { id: "1", ok: true, payload: { runtimeVersion: "2026.9.2" } }));
    expect(await client.rpc("status")).toEqual({ runtimeVersion: "2026.9.2" });
  });

  test.each<[string, RequestListener, string]>([
    ["a refusal, in the gateway's words", json(400, { ok: false, error: { code: "INVALID_REQUEST", message: "not supported: nope" } }), "GATEWAY_REFUSED"],
    ["the plug-in switched off", text(404, "text/plain", "Not Found"), "GATEWAY_RPC_DISABLED"],
  ])("tells %s", async (_case, answer, code) => {
    await expect((await gateway(answer)).rpc("nope")).rejects.toMatchObject({ code });
  });
});
