import type { CatalogSection } from "./explanation.ts";

export const diagnoses: CatalogSection = {
  title: "Diagnoses of one agent: image, gateway, secrets",
  about: "Findings of `frota doctor --agent clovis`, each with what was seen and the commands for this very agent. It uses codes of the start guard and of the secrets' links too.",
  codes: {
    AGENT_SUSPENDED: {
      cause: "A person (`frota suspend`) or Git (`spec.suspend`) told the controller to leave the agent, or the whole fleet, as it is. That is no failure.",
      remedy: "`frota resume clovis`, or `frota resume --all` for the fleet. What Git says ends in Git.",
    },
    CHANNEL_NOT_CONNECTED: {
      cause: "The gateway has a channel that is switched on and not connected: its provider is away, or the NetworkPolicy does not let the agent out to it.",
      remedy: "`frota logs clovis` has the channel's own words. Ports other than 443, and private addresses, must be declared in `spec.network.egress`.",
    },
    CHANNEL_REFUSED: {
      cause: "A channel's provider does not accept the agent's token, or the token is missing: revoked, replaced, or of another bot.",
      remedy: "Get a valid token from the provider, then `frota secrets set clovis TELEGRAM_BOT_TOKEN --restart` (with the variable that the configuration names).",
    },
    CONFIGURATION_CLOBBERED: {
      cause: "The gateway does not take `openclaw.json` on the volume for a whole configuration: it has no `gateway.mode`, or cannot be parsed.",
      remedy: "`frota apply clovis`, then `frota restart clovis`: the start guard keeps the broken file aside, takes OpenClaw's last good copy and merges the declaration into it.",
    },
    CONFIGURATION_INVALID: {
      cause: "A key of the merged configuration is unknown to this OpenClaw, or has a value of the wrong kind; the gateway exits with 78. Often after an upgrade, or after the agent edited it.",
      remedy: "The lines that are quoted name the keys. `frota check` finds them in the declaration, `frota drift clovis` among the agent's own; mend agent.yaml and `frota apply clovis`.",
    },
    CONTAINER_CANNOT_RUN: {
      cause: "The node has the image, and its container runtime cannot start what the pod wants from it: tini, sh or the start script is not there.",
      remedy: "Build the image from base/Dockerfile (`frota image build`), or go back to the one before.",
    },
    CONTAINER_CONFIG: {
      cause: "The kubelet cannot put the container's environment together: the Secret `clovis-env` does not exist.",
      remedy: "`frota secrets status clovis` shows the broken link; with the Secret there, the kubelet goes on by itself.",
    },
    FLEET_FROZEN: {
      cause: "A freeze window, or `frota freeze`, forbids the controller to restart agents that serve. That is no failure.",
      remedy: "Wait for its end. `frota freeze --end` ends one that a person asked for.",
    },
    GATEWAY_CRASHES: {
      cause: "The gateway ends by itself again and again, and its last words are none that Frota knows.",
      remedy: "Read them: `frota logs clovis --previous`. See what changed last (`frota diff`, the image), and take it back.",
    },
    GATEWAY_DRAINING: {
      cause: "The gateway was told to stop: it finishes running turns, up to 330 s, and takes no new ones.",
      remedy: "Nothing: the next one starts after it.",
    },
    GATEWAY_RPC_OFF: {
      cause: "The bundled plug-in `admin-http-rpc` is switched off in the agent's configuration, so nobody can ask the gateway about models and channels.",
      remedy: "Declare `plugins.entries.admin-http-rpc.enabled: true` in `spec.openclaw`, then `frota apply clovis`; it applies without a restart.",
    },
    GATEWAY_STARTING: {
      cause: "The container runs and its gateway is not ready yet: 11 to 60 s, more with migrations or little CPU.",
      remedy: "Wait. When the time that the startup probe allows is over, the kubelet starts it anew, and the finding is another.",
    },
    GATEWAY_TOKEN_MISMATCH: {
      cause: "The gateway answers 401 to the token in the Secret: it started with an older value, and an environment is read only at a start.",
      remedy: "`frota restart clovis`. If it comes back, `env` in agent.yaml overrides OPENCLAW_GATEWAY_TOKEN.",
    },
    GATEWAY_TOKEN_UNSET: {
      cause: "The gateway binds to the network only with authentication, and its environment has no OPENCLAW_GATEWAY_TOKEN.",
      remedy: "`frota secrets set clovis OPENCLAW_GATEWAY_TOKEN --restart`, and list the key in `spec.secrets.required`, so that the start guard says it at once the next time.",
    },
    GATEWAY_UNREADY: {
      cause: "The gateway has started and says at `/readyz` that a part of it is not ready; the message names the part.",
      remedy: "`frota logs clovis` has that part's words.",
    },
    GATEWAY_UNWELL: {
      cause: "The gateway serves and says that a part of it failed: a plug-in that did not load, or the watcher of its configuration.",
      remedy: "`frota logs clovis` names the reason. Plug-ins are loaded only at a start: mend it, then `frota restart clovis`.",
    },
    IMAGE_INCOMPLETE: {
      cause: "The container started and could not find tini, sh, node or openclaw, or the image is made for another processor.",
      remedy: "`frota image check`, then build it from base/Dockerfile.",
    },
    IMAGE_NAME_INVALID: {
      cause: "What `spec.image` makes is not an image's name: an upper-case letter, a blank, or a tag twice.",
      remedy: "Correct it in fleet.yaml or agent.yaml, then `frota apply`.",
    },
    IMAGE_PLATFORM: {
      cause: "The image is for another processor architecture than the node's.",
      remedy: "Build it for the pool's architecture, or use nodes of the image's.",
    },
    IMAGE_PULL_DENIED: {
      cause: "The registry refuses the node: the pull secret is missing in the fleet's namespace, is for another registry, or its token has expired.",
      remedy: "`docker login` to the registry and make the pull secret anew from `~/.docker/config.json`; the finding has the whole command. The kubelet tries again within five minutes.",
    },
    IMAGE_PULL_FAILED: {
      cause: "The node cannot pull the image, and the reason is none that Frota knows.",
      remedy: "Read the event that is quoted; `frota image check` tells whether the registry has the image.",
    },
    IMAGE_REGISTRY_AWAY: {
      cause: "The node gets no usable answer from the registry: an outage, DNS, a firewall, or a certificate.",
      remedy: "`frota doctor` tells whether it answers here. The kubelet tries again by itself; agents that run are not affected.",
    },
    IMAGE_UNKNOWN: {
      cause: "The registry has no image of that name, tag or digest: mistyped, never pushed, or removed by a cleanup.",
      remedy: "`frota image check` shows it from here. Build and push (`frota image build`), or correct `spec.image` and apply.",
    },
    LIVENESS_PROBE_FAILED: {
      cause: "A gateway that had started stops answering for a minute, and the kubelet starts it anew: too little CPU, a node under pressure, or a hang.",
      remedy: "`frota logs clovis --previous`. Give it at least 1 core as a limit, or none; look at the node with `kubectl describe node`.",
    },
    MODEL_CREDENTIAL: {
      cause: "The provider of the agent's model has no credential in the gateway, or one that has expired. The gateway says that it is ready all the same.",
      remedy: "`frota secrets set clovis GEMINI_API_KEY --restart` (with the provider's variable); `frota chat clovis hello` proves it.",
    },
    MODEL_KEY_REFUSED: {
      cause: "At the last call the model's provider refused the key: revoked, of another project, or without funds. Only the log tells it.",
      remedy: "Put a valid key into Vault: `frota secrets set clovis GEMINI_API_KEY --restart`; `frota chat clovis hello` proves it.",
    },
    NODE_VERSION_UNSUPPORTED: {
      cause: "The OpenClaw in the image wants another Node than the image has. npm only warns about that when the image is built.",
      remedy: "Pin an OpenClaw for that Node (`OPENCLAW_VERSION`), or take a base image with a newer one; docs/guide/image.md says which go together.",
    },
    OUT_OF_MEMORY: {
      cause: "The gateway, with what its tools started, needed more memory than the container's limit, and the kernel killed it.",
      remedy: "Raise `spec.resources.limits.memory` (1.2 to 1.5 GB is OpenClaw's peak without tools), then `frota apply clovis`.",
    },
    SECRETS_BROKEN: {
      cause: "A link of the way from Vault into the process is broken, in words that are quoted.",
      remedy: "`frota secrets status clovis` shows all links.",
    },
    STARTUP_PROBE_FAILED: {
      cause: "The gateway did not start within what the startup probe allows (540 s), and the kubelet started it anew: little CPU, long migrations, or a start that hangs.",
      remedy: "`frota logs clovis --previous` shows how far it got. No CPU limit below 1 core.",
    },
    STATE_LEASE_HELD: {
      cause: "OpenClaw's own lease on the state belongs to a gateway that died hard: it runs out after 5 minutes. Agents of Frota keep their host name, so that they take it over at once; another pod on the volume has another.",
      remedy: "Wait 5 minutes. If it stays, another pod uses the volume: `kubectl get pods -n bots`.",
    },
    SYNC_PATH_MISSING: {
      cause: "The External Secrets Operator finds nothing at `kv/agents/clovis`: never written, deleted, or another path in `spec.vault`.",
      remedy: "`frota secrets set clovis GITHUB_TOKEN` for each key; the operator brings them within a minute.",
    },
    SYNC_VAULT_CERTIFICATE: {
      cause: "The cluster does not trust the certificate of Vault: another authority, an expired one, or another host name.",
      remedy: "Put the right authority into the ConfigMap that `spec.vault.certificateAuthority` names; `frota doctor` checks it.",
    },
    SYNC_VAULT_DENIED: {
      cause: "Vault does not let the External Secrets Operator in, or not read the agent's path: role, bound ServiceAccount, audience or policy.",
      remedy: "Compare `vault read auth/kubernetes/role/agents` with docs/guide/existing-cluster.md. Agents that run are not affected.",
    },
    SYNC_VAULT_SEALED: {
      cause: "Vault is sealed, mostly after it restarted. Agents that run are not affected; new keys do not arrive.",
      remedy: "`vault operator unseal`, as often as it wants a key. The operator goes on by itself, after a long time within minutes; docs/guide/incidents.md says how to have it at once.",
    },
    SYNC_VAULT_UNREACHABLE: {
      cause: "The External Secrets Operator gets no connection to Vault: it is down, or address, DNS or firewall are in the way.",
      remedy: "Compare `spec.vault.address` with where Vault is, as seen from inside of the cluster.",
    },
  },
};
