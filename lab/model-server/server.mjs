// The lab's stand-in for a model provider: answers Gemini's and OpenAI's chat APIs without a network, so that agents
// talk. Its answers tell how much of the conversation they were sent, which shows that an agent remembers.
// usage: node server.mjs ADDRESS PORT
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const [address = "127.0.0.1", port = "18900"] = process.argv.slice(2);
const INTERNAL = /OPENCLAW_INTERNAL_CONTEXT/;
const MAX_BODY = 32 * 2 ** 20;

/** @param {string[]} said the user's messages, oldest first */
function answer(said) {
  const last = (said.at(-1) ?? "").replaceAll(/\s+/g, " ").trim().slice(-200);
  const earlier = said.length - 1;
  const memory = earlier > 0 ? ` I remember ${earlier} earlier message${earlier === 1 ? "" : "s"} of yours` : "";
  const first = earlier > 0 ? `, the first: "${(said[0] ?? "").replaceAll(/\s+/g, " ").trim().slice(-80)}".` : "";
  return `You said: "${last}".${memory}${first} (the lab's stand-in model)`;
}

const text = (content) =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? part.input_text ?? "").join("");

let waking = new AbortController();

/** Ends all waiting of `think`. */
function wake() {
  waking.abort();
  waking = new AbortController();
}

/** Waits as long as the message asks for with DELAY=milliseconds, or until /wake, so that tests can make a call long. */
async function think(said) {
  const wanted = Number(/DELAY=(\d+)/.exec(said.at(-1) ?? "")?.[1] ?? 0);
  if (wanted <= 0) return;
  process.stdout.write(`thinking for ${wanted} ms\n`);
  await delay(Math.min(wanted, 600_000), undefined, { signal: waking.signal }).catch(() => undefined);
}

function json(response, body, status = 200) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function events(response, bodies, end = "") {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for (const body of bodies) response.write(`data: ${JSON.stringify(body)}\n\n`);
  response.end(end);
}

async function gemini(request, response, url) {
  const said = (request.contents ?? [])
    .filter((entry) => (entry.role ?? "user") === "user")
    .map((entry) => text(entry.parts))
    .filter((message) => message !== "" && !INTERNAL.test(message));
  await think(said);
  const size = Math.ceil(JSON.stringify(request).length / 4);
  const body = {
    candidates: [{ content: { role: "model", parts: [{ text: answer(said) }] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: size, candidatesTokenCount: 20, totalTokenCount: size + 20 },
    modelVersion: "stand-in",
  };
  if (url.includes("streamGenerateContent")) events(response, [body]);
  else json(response, body);
}

async function openai(request, response) {
  const said = (request.messages ?? [])
    .filter((message) => message.role === "user")
    .map((message) => text(message.content))
    .filter((message) => !INTERNAL.test(message));
  await think(said);
  const size = Math.ceil(JSON.stringify(request).length / 4);
  const usage = { prompt_tokens: size, completion_tokens: 20, total_tokens: size + 20 };
  const base = { id: "stand-in", created: Math.floor(Date.now() / 1000), model: request.model };
  const content = answer(said);
  if (!request.stream) {
    json(response, { ...base, object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }], usage });
    return;
  }
  const chunk = (delta, finish) => ({ ...base, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] });
  const bodies = [chunk({ role: "assistant", content }, null), chunk({}, "stop"), { ...base, object: "chat.completion.chunk", choices: [], usage }];
  events(response, bodies, "data: [DONE]\n\n");
}

/** The first route whose pattern is in the path answers. */
const ROUTES = [
  { path: /:(stream)?generateContent/i, answer: gemini },
  { path: /\/chat\/completions/, answer: openai },
  { path: /:countTokens/, answer: (_body, response) => json(response, { totalTokens: 10 }) },
  { path: /embed/i, answer: (_body, response) => json(response, { data: [{ embedding: [0.1, 0.2] }], embedding: { values: [0.1, 0.2] } }) },
  { path: /\/models/, answer: (_body, response) => json(response, { object: "list", data: [{ id: "stand-in", object: "model" }], models: [] }) },
  { path: /^\/wake$/, answer: (_body, response) => (wake(), json(response, { ok: true })) },
  { path: /^\/healthz$/, answer: (_body, response) => json(response, { ok: true }) },
];

/** The request's body; undefined when it is larger than any agent's turn. */
async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function handle(request, response) {
  const url = request.url ?? "/";
  const body = await readBody(request);
  if (body === undefined) return json(response, { error: { message: "request too large" } }, 413);
  const route = ROUTES.find(({ path }) => path.test(url));
  if (!route) return json(response, { error: { message: "the stand-in model has no such route" } }, 404);
  try {
    return await route.answer(JSON.parse(body || "{}"), response, url);
  } catch (error) {
    if (!(error instanceof SyntaxError) || response.headersSent) throw error;
    return json(response, { error: { message: "not JSON" } }, 400);
  }
}

createServer((request, response) => {
  handle(request, response).catch((error) => response.destroy(error));
}).listen(Number(port), address);
