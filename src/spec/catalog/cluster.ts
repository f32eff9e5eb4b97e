import type { CatalogSection } from "./explanation.ts";

export const cluster: CatalogSection = {
  title: "The cluster",
  about: "Of every command that talks to a Kubernetes API server, and of the controller.",
  codes: {
    CLUSTER_REFUSED: {
      cause: "The API server answered with an error that has no code of its own here: it is overloaded, an admission webhook or policy refused, or it has an internal error. Its words are in the message.",
      remedy: "Run the command again. If it persists, look at the API server's log, and at the webhook or policy that is named.",
    },
    CLUSTER_UNREACHABLE: {
      cause: "Nothing answers at the address of this context, or what answers has a certificate that the kubeconfig does not trust. On DigitalOcean, the API server is away for some minutes during an upgrade.",
      remedy: "The lab: `frota lab up`. A cluster: VPN, firewall, the provider's status page, `kubectl config view`. Agents go on without the API server.",
    },
    CONFLICT: {
      cause: "Somebody else changed the object between reading and writing.",
      remedy: "Run the command again; the controller does so by itself.",
    },
    CONTEXT_UNKNOWN: {
      cause: "The kubeconfig has no context of that name.",
      remedy: "Use one that the message lists, or add it: `kubectl config get-contexts`; for DigitalOcean `doctl kubernetes cluster kubeconfig save CLUSTER`.",
    },
    EXEC_CUT: {
      cause: "The connection to the container ended before the command in it did: the pod was replaced, its node or the network failed, or the API server's proxy ended it.",
      remedy: "`frota status` says whether the agent still runs. The command may have ended, or go on.",
    },
    EXEC_FAILED: {
      cause: "The container could not start the command: it has no such program.",
      remedy: "Check the command's name; the agents' image has `sh`, `curl`, `jq`, `git`, `gh` and `python3`.",
    },
    FIELD_CONFLICT: {
      cause: "Another tool or person set a field by server-side apply that Frota would set to something else; Kubernetes asks before one takes it from the other.",
      remedy: "Agree with that owner. Or take the fields over: `frota apply --force-conflicts`.",
    },
    FORBIDDEN: {
      cause: "The cluster does not let you, or the controller, do this: a Role lacks the permission, or an admission policy forbids it.",
      remedy: "`frota doctor` lists what is needed and what is missing. For the controller: `frota controller install` again.",
    },
    INVALID_OBJECT: {
      cause: "The API server finds the object invalid; the field is named. Mostly a combination that Kubernetes knows and `frota check` does not.",
      remedy: "Mend that field in agent.yaml or fleet.yaml, `frota render`, apply again.",
    },
    KIND_UNKNOWN: {
      cause: "The cluster does not serve that kind: the External Secrets Operator is not installed or too old, Frota's definitions are missing, or Kubernetes is older than 1.30.",
      remedy: "`frota doctor` says which is missing, and how it is installed.",
    },
    KUBECONFIG_INVALID: {
      cause: "The kubeconfig is missing, is not YAML, or names something that it does not have.",
      remedy: "`kubectl config view` shows it as kubectl reads it; name another with `KUBECONFIG`.",
    },
    NOT_FOUND: {
      cause: "The cluster has no object of that name in that namespace.",
      remedy: "`frota status` lists what is there. Check the name, the namespace (`-n`) and the cluster (`--context`).",
    },
    NOT_IN_CLUSTER: {
      cause: "`--in-cluster` was given to a process that does not run in a pod with a ServiceAccount.",
      remedy: "Leave `--in-cluster` away and name the cluster with `--context`.",
    },
    NO_CLUSTER: {
      cause: "Neither `--context` nor `FROTA_CONTEXT` names a cluster, and no lab runs. The current context of a kubeconfig is never used unnamed.",
      remedy: "`export FROTA_CONTEXT=do-nyc1-production`, a name from `kubectl config get-contexts`; or `frota start`, which brings the lab and the fleet up.",
    },
    NAMESPACE_UNKNOWN: {
      cause: "The namespace that `-n` names does not exist in this cluster: mistyped, or another cluster is meant.",
      remedy: "`kubectl get namespaces` lists them. In a fleet repository `-n` is not needed: fleet.yaml names it.",
    },
    NO_NAMESPACE: {
      cause: "No fleet repository is here that would name the fleet's namespace.",
      remedy: "Name it with `-n bots`, or the repository with `--repo DIR`.",
    },
    PORT_IN_USE: {
      cause: "The port of this machine that was to lead to the agent is taken by another process.",
      remedy: "Name another with `--port`.",
    },
    UNAUTHENTICATED: {
      cause: "The cluster does not accept the credentials of this context: they have expired or were revoked.",
      remedy: "Renew them with your provider's tool; for DigitalOcean `doctl kubernetes cluster kubeconfig save CLUSTER`. Agents are not affected.",
    },
  },
};
