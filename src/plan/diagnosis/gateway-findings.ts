import { oneLine, valueOf, type Finding, type Recognizer } from "./finding.ts";
import type { AgentObservation, ChannelObservation, GatewayObservation } from "./observation.ts";

/** Milliseconds that a channel may take to connect: OpenClaw's own monitor gives it that long. */
const CONNECT_GRACE = 120_000;

/** What the gateway says against itself. */
export const gatewayTrouble: Recognizer = (observation, now) => {
  const gateway = valueOf(observation.gateway);
  if (!gateway) return [];
  const rpc = valueOf(gateway.rpc);
  return [
    ...readinessFindings(observation, gateway),
    ...refusalFindings(observation, gateway),
    ...(rpc?.modelProblems ?? []).map((problem) => modelFinding(observation, problem)),
    ...(rpc?.problems ?? []).map((problem) => unwellFinding(observation, problem)),
    ...(rpc?.channels ?? []).flatMap((channel) => channelFindings(observation, channel, now)),
  ];
};

function readinessFindings({ agent, pod }: AgentObservation, { startup, failing }: GatewayObservation): Finding[] {
  if (startup === "draining") {
    const message = "its gateway drains: it finishes running turns and takes no new ones";
    return [{ code: "GATEWAY_DRAINING", message, effect: "notice", evidence: [], next: [] }];
  }
  if (startup !== "started" || failing.length === 0) return [];
  return [
    {
      code: "GATEWAY_UNREADY",
      message: `its gateway says that it is not ready: ${failing.join(", ")}`,
      effect: valueOf(pod)?.isReady === true ? "impaired" : "down",
      evidence: [{ from: "gateway /readyz", text: failing.join(", ") }],
      next: [`frota logs ${agent}   (what does it say of ${failing[0]}?)`],
    },
  ];
}

function refusalFindings({ agent }: AgentObservation, { refusal }: GatewayObservation): Finding[] {
  if (refusal === "GATEWAY_UNAUTHORIZED") {
    return [
      {
        code: "GATEWAY_TOKEN_MISMATCH",
        message: "its gateway runs with another token than its Secret has: nobody who reads the Secret gets in",
        effect: "impaired",
        evidence: [{ from: "gateway RPC", text: "answers 401 to the Secret's OPENCLAW_GATEWAY_TOKEN" }],
        next: [`frota secrets status ${agent}   (does the process have older values?)`, `frota restart ${agent}`],
      },
    ];
  }
  if (refusal === undefined) return [];
  return [
    {
      code: "GATEWAY_RPC_OFF",
      message: "its gateway does not serve the admin RPC: models and channels cannot be looked at",
      effect: "notice",
      evidence: [],
      next: ["declare plugins.entries.admin-http-rpc.enabled: true in spec.openclaw; then: frota apply " + agent],
    },
  ];
}

function modelFinding({ agent }: AgentObservation, problem: string): Finding {
  return {
    code: "MODEL_CREDENTIAL",
    message: `it cannot ask its model: ${problem}`,
    effect: "impaired",
    evidence: [{ from: "gateway RPC models", text: problem }],
    next: [`frota secrets list ${agent}   (is the provider's key there?)`, `frota secrets set ${agent} NAME_OF_THE_KEY --restart`, "or name another model in spec.openclaw.agents.defaults.model"],
  };
}

function unwellFinding({ agent }: AgentObservation, problem: string): Finding {
  return {
    code: "GATEWAY_UNWELL",
    message: `not all of its gateway works: ${problem}`,
    effect: "impaired",
    evidence: [{ from: "gateway RPC health", text: problem }],
    next: [`frota logs ${agent}`, `frota restart ${agent}   (a plug-in is loaded, and a dead configuration watcher revived, only at a start)`],
  };
}

const REFUSED = /unauthorized|\b40[13]\b|forbidden|invalid[_ ]?(?:auth|token|credentials)|not_authed|login failed|authentication failed|secret reference|token .*(?:missing|unavailable)/i;

function channelFindings({ agent }: AgentObservation, { id, isConnected, lastError, startedAt }: ChannelObservation, now: Date): Finding[] {
  if (isConnected) return [];
  const evidence = lastError === undefined ? [] : [{ from: `channel ${id}`, text: oneLine(lastError) }];
  if (lastError !== undefined && REFUSED.test(lastError)) {
    return [
      {
        code: "CHANNEL_REFUSED",
        message: `channel ${id} does not let it in: its credential is missing or not accepted`,
        effect: "impaired",
        evidence,
        next: [`frota secrets list ${agent}   (is the channel's token there?)`, `frota secrets set ${agent} NAME_OF_THE_TOKEN --restart`],
      },
    ];
  }
  const isNew = startedAt !== undefined && now.getTime() - startedAt.getTime() < CONNECT_GRACE;
  if (lastError === undefined && isNew) return [];
  return [
    {
      code: "CHANNEL_NOT_CONNECTED",
      message: `channel ${id} is not connected: nobody reaches it there`,
      effect: "impaired",
      evidence,
      next: [`frota logs ${agent}`, "let it out to that provider: spec.network.egress (only 443 of public addresses is open by itself)"],
    },
  ];
}

/** As OpenClaw words a provider's refusal of a key (2026.9.2), which no RPC tells. */
const KEY_REFUSED = /request failed \(authentication failed|reason=auth(?:_permanent)?\b|API key not valid|invalid x-api-key|Incorrect API key provided/;
const ANSWERED = /\[model-fetch\] response .*status=200/;

/** The provider refused the agent's key at the last call. */
export const keyRefused: Recognizer = ({ agent, log }) => {
  const lines = valueOf(log) ?? [];
  const at = lines.findLastIndex((line) => KEY_REFUSED.test(line));
  if (at < 0 || lines.slice(at).some((line) => ANSWERED.test(line))) return [];
  const line = lines[at] ?? "";
  const model = /(?:requested=|⚠️ )([\w.-]+\/[\w.:-]+)/.exec(line)?.[1];
  return [
    {
      code: "MODEL_KEY_REFUSED",
      message: `its model's provider refuses its key${model === undefined ? "" : ` (${model})`}`,
      effect: "impaired",
      evidence: [{ from: "log", text: oneLine(line) }],
      next: [`frota secrets set ${agent} NAME_OF_THE_KEY --restart   (with a key that the provider accepts)`, `frota chat ${agent} hello   (proves it)`],
    },
  ];
};
