import type { IncomingMessage } from "node:http";
import { FrotaError } from "../spec/error.ts";
import { objectOf, open, readJson, refused, type GatewayEndpoint, type GatewayObject } from "./exchange.ts";

/** One turn of a conversation. */
export interface ChatTurn {
  readonly message: string;
  /** Conversation that the turn belongs to; the agent remembers the earlier turns of the same one. */
  readonly session: string;
  readonly signal?: AbortSignal;
}

/**
 * Says something to the agent and yields its reply piece by piece, as it arrives. There is no time limit: abort `signal`.
 * Throws GATEWAY_UNAUTHORIZED, GATEWAY_NOT_READY, GATEWAY_CHAT_DISABLED, GATEWAY_REFUSED; GATEWAY_CHAT_FAILED when the agent's
 * run fails, and GATEWAY_CHAT_CUT when the connection ends before the reply does.
 */
export async function* chat(endpoint: GatewayEndpoint, turn: ChatTurn): AsyncGenerator<string, void, undefined> {
  const response = await open(endpoint, {
    method: "POST",
    path: "/v1/chat/completions",
    body: {
      model: "openclaw/default",
      stream: true,
      user: turn.session,
      messages: [{ role: "user", content: turn.message }],
    },
    ...(turn.signal && { signal: turn.signal }),
  });
  if (response.statusCode !== 200 || !isEventStream(response)) throw await refusal(endpoint, response);
  try {
    for await (const data of eventData(response)) {
      if (data === "[DONE]") return;
      const piece = pieceOf(endpoint, data);
      if (piece !== "") yield piece;
    }
  } catch (cause) {
    if (cause instanceof FrotaError) throw cause;
    turn.signal?.throwIfAborted();
    throw cut(endpoint, cause);
  }
  throw cut(endpoint, undefined);
}

function isEventStream(response: IncomingMessage): boolean {
  return (response.headers["content-type"] ?? "").startsWith("text/event-stream");
}

async function refusal(endpoint: GatewayEndpoint, response: IncomingMessage): Promise<FrotaError> {
  const status = response.statusCode ?? 0;
  const body = await readJson(response);
  if (body !== undefined || (status !== 200 && status !== 404 && status !== 405)) return refused(endpoint, status, body);
  return new FrotaError({
    code: "GATEWAY_CHAT_DISABLED",
    message: `the gateway of ${endpoint.agent} does not serve chat over HTTP.`,
    where: { kind: "Gateway", name: endpoint.agent },
    next: "declare gateway.http.endpoints.chatCompletions.enabled: true in its OpenClaw configuration, then apply",
  });
}

/** The `data` of each server-sent event. */
async function* eventData(response: IncomingMessage): AsyncGenerator<string, void, undefined> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) yield line.slice("data:".length).trim();
    }
  }
}

function pieceOf(endpoint: GatewayEndpoint, data: string): string {
  const event = parse(data);
  if (event["error"] !== undefined) throw runFailed(endpoint, objectOf(event["error"]));
  const choices: readonly unknown[] = Array.isArray(event["choices"]) ? event["choices"] : [];
  const { content } = objectOf(objectOf(choices[0])["delta"]);
  return typeof content === "string" ? content : "";
}

function parse(data: string): GatewayObject {
  try {
    return objectOf(JSON.parse(data));
  } catch {
    return {};
  }
}

function runFailed(endpoint: GatewayEndpoint, error: GatewayObject): FrotaError {
  const reason = typeof error["message"] === "string" ? error["message"] : "no reason given";
  return new FrotaError({
    code: "GATEWAY_CHAT_FAILED",
    message: `${endpoint.agent} could not answer: ${reason}`,
    where: { kind: "Gateway", name: endpoint.agent },
    next: `look at \`frota logs ${endpoint.agent}\`: often the model's provider or its key`,
  });
}

function cut(endpoint: GatewayEndpoint, cause: unknown): FrotaError {
  return new FrotaError(
    {
      code: "GATEWAY_CHAT_CUT",
      message: `the connection to ${endpoint.agent} ended before its reply did.`,
      where: { kind: "Gateway", name: endpoint.agent },
      next: "ask again in the same session; the agent may have finished meanwhile",
    },
    { cause },
  );
}
