import type { AgentAction, FleetAction } from "../decide/action.ts";
import type { OperatorEvent } from "../engine/operate/event.ts";

/** What an operator did as a line for people; undefined for what is not worth one. */
export function eventLine(event: OperatorEvent): string | undefined {
  switch (event.type) {
    case "acted":
      return prefixed(event.agent, agentWords(event.action));
    case "fleet-acted":
      return prefixed("fleet", fleetWords(event.action));
    case "failed":
      return `${event.agent ?? "fleet"}: ${event.message} (${event.code}); again in ${seconds(event.retryIn)}`;
    case "status":
      return event.before?.phase === event.status.phase ? undefined : `${event.agent}: ${event.status.phase}`;
    case "problem":
      return event.message;
    case "gone":
      return `${event.agent}: nothing is left of it`;
    case "seen":
    case "fleet-seen":
    case "fleet-status":
    case "turn":
      return undefined;
  }
}

function prefixed(subject: string, words: string | undefined): string | undefined {
  return words === undefined ? undefined : `${subject}: ${words}`;
}

function agentWords(action: AgentAction): string | undefined {
  switch (action.type) {
    case "apply":
      return `apply ${action.keys.join(", ")}`;
    case "configure":
      return action.throughGateway ? "configure the running gateway" : "write its configuration";
    case "create":
      return `create Deployment with ${shortDigest(action.image.digest)}`;
    case "restart":
      return `restart for ${action.cause}: ${action.detail}`;
    case "scale-up":
      return "scale to one replica";
    case "record-state":
      return "keep its volume";
    case "remove":
      return "remove what runs of it";
    case "announce":
      return action.severity === "Warning" ? action.message : undefined;
    case "check-gateway":
      return undefined;
  }
}

function fleetWords(action: FleetAction): string | undefined {
  switch (action.type) {
    case "record-revision":
      return `image ${action.revision.channel} is ${shortDigest(action.revision.digest)}`;
    case "mark-revision":
      return `image ${shortDigest(action.revision.digest)}: ${action.revision.rejected ?? "rolled out"}`;
    case "write-ledger":
      return action.permits.size === 0 ? "nobody is disrupted" : `may be disrupted: ${[...action.permits.keys()].join(", ")}`;
    case "pre-pull":
      return `bring ${shortDigest(action.image.digest)} to node ${action.node}`;
    case "announce":
      return action.message;
    case "forget-pre-pull":
    case "resolve-channels":
      return undefined;
  }
}

function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
}
