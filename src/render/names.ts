import type { Agent } from "../spec/agent.ts";

/** Names of the objects that an agent becomes. */
export interface AgentNames {
  /** Deployment, Service, ServiceAccount, NetworkPolicy, host name of the pod. */
  readonly agent: string;
  readonly volumeClaim: string;
  /** ExternalSecret and the Secret that it makes. */
  readonly secret: string;
  readonly configuration: string;
  readonly workspace: string;
  readonly startGuard: string;
}

/** The names of an agent's objects, all derived from its own. */
export function agentNames(agent: Pick<Agent, "metadata">): AgentNames {
  const { name } = agent.metadata;
  return {
    agent: name,
    volumeClaim: `${name}-state`,
    secret: `${name}-env`,
    configuration: `${name}-config`,
    workspace: `${name}-workspace`,
    startGuard: `${name}-start-guard`,
  };
}

/** Container of an agent's pod that runs the gateway. */
export const CONTAINER_NAME = "openclaw";

/** The gateway's port, and its name in the container and the Service. */
export const GATEWAY_PORT = { number: 18789, name: "gateway" } as const;

/** SecretStore and ServiceAccount through which the External Secrets Operator reads Vault. */
export const SECRET_STORE = { name: "vault", serviceAccount: "vault-auth", audience: "vault" } as const;

/** ValidatingAdmissionPolicy, and its binding, that keep agents' volumes. */
export const VOLUME_PROTECTION = "frota-protect-agent-volumes";

/** Must name the object before a protected object may be deleted. */
export const CONFIRM_DELETE_ANNOTATION = "frota.dev/confirm-delete";

/** On the pod template: see `restartHash`. */
export const RESTART_CONFIG_ANNOTATION = "frota.dev/restart-config";

/** On the pod template, operated: keyed digest of the Secret that the pod started with. */
export const SECRET_ANNOTATION = "frota.dev/secret";

/** On the pod template, operated: id of the restart that it was written for. */
export const RESTART_ID_ANNOTATION = "frota.dev/restart-id";

/** Namespace that controllers run in, whichever fleet they serve. */
export const CONTROLLER_NAMESPACE = "frota-system";

/** Port of a controller's probes and metrics, and its name. */
export const CONTROLLER_PORT = { number: 8080, name: "http" } as const;

/** Secret of the fleet's namespace with the key of its HMACs; the only one that a controller makes. */
export const SECRET_KEY = "frota-secret-key";

/**
 * Deployment, Lease, ServiceAccount, roles and bindings of the controller of one fleet. The Lease has this name also when the
 * controller runs outside of the cluster.
 */
export function controllerName(fleetNamespace: string): string {
  return `frota-controller-${fleetNamespace}`;
}
