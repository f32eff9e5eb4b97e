import type { CatalogSection } from "./explanation.ts";

export const gateway: CatalogSection = {
  title: "An agent's gateway",
  about: "Whatever talks to a running agent: `frota chat`, `drift`, the controller's checks of health and its hot configuration.",
  codes: {
    CONTROL_UI_UNAVAILABLE: {
      cause: "The agent's OpenClaw gives no link to its Control UI: it is switched off in its configuration, or the gateway is not well.",
      remedy: "`frota status clovis`. `gateway.controlUi.enabled` under `spec.openclaw` must not be false.",
    },
    GATEWAY_CHAT_CUT: {
      cause: "The connection ended while the agent was answering: it restarted, or the network broke.",
      remedy: "Ask again in the same session (`--session`): the agent may have finished meanwhile, and remembers.",
    },
    GATEWAY_CHAT_DISABLED: {
      cause: "The agent's OpenClaw does not serve chat over HTTP, because its configuration switches that off.",
      remedy: "Declare `gateway.http.endpoints.chatCompletions.enabled: true` under `spec.openclaw`, then apply.",
    },
    GATEWAY_CHAT_FAILED: {
      cause: "The agent took the message and could not answer: mostly the model's provider refuses its key, has a limit reached, or cannot be reached through the network policy.",
      remedy: "`frota logs clovis` has the provider's words. A key: `frota secrets status clovis`. An address: `spec.network.egress`.",
    },
    GATEWAY_CONFIG_CHANGED: {
      cause: "The agent changed its configuration between reading and writing. Nothing was written.",
      remedy: "Run the command again; the controller does so by itself.",
    },
    GATEWAY_CONFIG_UNREADABLE: {
      cause: "openclaw.json on the volume cannot be parsed, mostly because the agent edited it by hand. The gateway goes on with the last good one until it restarts.",
      remedy: "`frota restart clovis`: the start guard keeps the broken file aside and takes the last good copy.",
    },
    GATEWAY_NOT_READY: {
      cause: "The gateway is starting, or draining before it stops.",
      remedy: "Wait until `frota status clovis` says Ready, then try again.",
    },
    GATEWAY_REFUSED: {
      cause: "The gateway understood the request and refused it; its words are in the message.",
      remedy: "`frota logs clovis`. A configuration that it refuses: mend `spec.openclaw`, `frota check`, apply again.",
    },
    GATEWAY_RPC_DISABLED: {
      cause: "The agent's configuration switches off the plugin by which Frota asks for health and hands over configuration.",
      remedy: "Remove `plugins.entries.admin-http-rpc.enabled: false` from `spec.openclaw`, then apply.",
    },
    GATEWAY_TOKEN_MISSING: {
      cause: "The agent's Secret has no `OPENCLAW_GATEWAY_TOKEN`.",
      remedy: "`frota secrets status clovis`; write one with `frota secrets set clovis OPENCLAW_GATEWAY_TOKEN --restart`.",
    },
    GATEWAY_UNAUTHORIZED: {
      cause: "The gateway token in the Secret is newer than the one with which the process started.",
      remedy: "`frota secrets status clovis` shows it as PROCESS_STALE; `frota restart clovis` ends it.",
    },
    GATEWAY_UNKNOWN_ANSWER: {
      cause: "Something answered that is not an OpenClaw gateway, or one of an unknown version.",
      remedy: "Check that the image is an agents' image: `frota image check`. With a port-forward of your own: it must lead to port 18789 of the pod.",
    },
    GATEWAY_UNREACHABLE: {
      cause: "Nothing answers on the agent's port: it is not running, its event loop is stuck, or (from the controller) a NetworkPolicy does not admit the question.",
      remedy: "`frota status clovis` and `frota logs clovis`. Is it Ready and only the controller cannot reach it: apply its NetworkPolicy again with `frota apply clovis`.",
    },
  },
};
