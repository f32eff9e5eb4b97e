import type { AgentAction, FleetAction } from "../../decide/action.ts";
import type { OperatorEvent } from "../../engine/operate/event.ts";

/** Words for each kind of something; undefined for what is not worth a line. */
type Words<Told extends { readonly type: string }> = {
  readonly [Type in Told["type"]]?: (told: Extract<Told, { type: Type }>) => string | undefined;
};

const EVENTS: Words<OperatorEvent> = {
  acted: ({ agent, action }) => prefixed(agent, wordsFor(AGENT_ACTIONS, action)),
  "fleet-acted": ({ action }) => prefixed("fleet", wordsFor(FLEET_ACTIONS, action)),
  failed: ({ agent, code, message, retryIn }) => `${agent ?? "fleet"}: ${message} (${code}); again in ${seconds(retryIn)}`,
  status: ({ agent, before, status }) => (before?.phase === status.phase ? undefined : `${agent}: ${status.phase}`),
  gone: ({ agent }) => `${agent}: nothing is left of it`,
  problem: ({ message }) => message,
};

const AGENT_ACTIONS: Words<AgentAction> = {
  apply: ({ keys }) => `apply ${keys.join(", ")}`,
  configure: ({ throughGateway }) => (throughGateway ? "configure the running gateway" : "write its configuration"),
  create: ({ image }) => `create Deployment with ${shortDigest(image.digest)}`,
  restart: ({ cause, detail }) => `restart for ${cause}: ${detail}`,
  "scale-up": () => "scale to one replica",
  "record-state": () => "keep its volume",
  remove: () => "remove what runs of it",
  announce: ({ severity, message }) => (severity === "Warning" ? message : undefined),
};

const FLEET_ACTIONS: Words<FleetAction> = {
  "record-revision": ({ revision }) => `image ${revision.channel} is ${shortDigest(revision.digest)}`,
  "mark-revision": ({ revision }) => `image ${shortDigest(revision.digest)}: ${revision.rejected ?? "rolled out"}`,
  "forget-revision": ({ name }) => `forget ${name}`,
  "write-ledger": ({ permits }) => (permits.size === 0 ? "nobody is disrupted" : `may be disrupted: ${[...permits.keys()].join(", ")}`),
  "pre-pull": ({ image, node }) => `bring ${shortDigest(image.digest)} to node ${node}`,
  announce: ({ message }) => message,
};

/** What an operator did as a line for people; undefined for what is not worth one. */
export function eventLine(event: OperatorEvent): string | undefined {
  return wordsFor(EVENTS, event);
}

function wordsFor<Told extends { readonly type: string }>(words: Words<Told>, told: Told): string | undefined {
  const tellers: Readonly<Record<string, unknown>> = words;
  const tell = tellers[told.type];
  const said: unknown = typeof tell === "function" ? Reflect.apply(tell, undefined, [told]) : undefined;
  return typeof said === "string" ? said : undefined;
}

function prefixed(subject: string, words: string | undefined): string | undefined {
  return words === undefined ? undefined : `${subject}: ${words}`;
}

function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
}
