import type { SecretChain } from "../secret-chain.ts";
import type { ChainLink } from "../secret-links.ts";
import { oneLine, valueOf, type Evidence, type Finding, type Recognizer } from "./finding.ts";
import type { AgentObservation } from "./observation.ts";

/**
 * The way of the secrets from Vault into the process: the first link that is broken is the cause, what comes after it the
 * consequence. It keeps the agent down only where the Secret lacks something.
 */
export const secretTrouble: Recognizer = (observation) => {
  const chain = valueOf(observation.secrets);
  if (!chain) return [];
  const broken = chain.links.filter(({ state }) => state === "broken");
  const cause = broken.find(({ link }) => link !== "process");
  const stale = broken.find(({ link }) => link === "process");
  return [...(cause ? [causeOf(cause, broken, observation)] : []), ...(stale ? [staleProcess(stale, observation)] : [])];
};

function causeOf(cause: ChainLink, broken: readonly ChainLink[], observation: AgentObservation): Finding {
  const { agent, pod } = observation;
  const lacks = broken.some(({ link }) => link === "secret");
  const effect = lacks && valueOf(pod)?.isReady !== true ? "down" : "impaired";
  const evidence = broken
    .filter(({ link }) => link !== "process")
    .map(linkEvidence);
  const reason = cause.link === "sync" ? SYNC_REASONS.find(({ words }) => words.test(cause.message)) : undefined;
  if (reason) return { ...reason.finding(observation), effect, evidence };
  const next = [...(cause.next === undefined ? [] : [cause.next]), `frota secrets status ${agent}`];
  const message = `its secrets do not arrive: ${oneLine(cause.message)}`;
  return { code: cause.code ?? "SECRETS_BROKEN", message, effect, evidence, next };
}

function linkEvidence({ link, message, at }: ChainLink): Evidence {
  return { from: `secrets: ${link}`, text: oneLine(message), ...(at === undefined ? {} : { at }) };
}

interface SyncReason {
  readonly words: RegExp;
  readonly finding: (observation: AgentObservation) => Pick<Finding, "code" | "message" | "next">;
}

/** As Vault and the External Secrets Operator word it; the first that fits counts. */
const SYNC_REASONS: readonly SyncReason[] = [
  {
    words: /Vault is sealed|Code: 503/,
    finding: () => ({
      code: "SYNC_VAULT_SEALED",
      message: "its secrets do not arrive: Vault is sealed",
      next: ["vault operator unseal   (as often as it wants a key; `vault status` tells)", "the External Secrets Operator goes on by itself within minutes after it; at once: frota explain SYNC_VAULT_SEALED"],
    }),
  },
  {
    words: /permission denied|Code: 403|invalid token|bad token/,
    finding: ({ agent }) => ({
      code: "SYNC_VAULT_DENIED",
      message: "its secrets do not arrive: Vault does not let the External Secrets Operator read them",
      next: [
        "kubectl describe secretstore vault",
        `the role of auth/kubernetes must be bound to ServiceAccount vault-auth of the namespace, with a policy: path "kv/data/agents/*" { capabilities = ["read"] }`,
        `then: frota secrets status ${agent}`,
      ],
    }),
  },
  {
    words: /Secret does not exist|Code: 404|no secret found|secret not found/i,
    finding: ({ agent, secrets }) => ({
      code: "SYNC_PATH_MISSING",
      message: "its secrets do not arrive: Vault has nothing at the agent's path",
      next: [`frota secrets set ${agent} ${firstMissing(valueOf(secrets))}`, "kubectl get externalsecret -o wide   (which path does it read?)"],
    }),
  },
  {
    words: /x509|certificate/i,
    finding: () => ({
      code: "SYNC_VAULT_CERTIFICATE",
      message: "its secrets do not arrive: the cluster does not trust Vault's certificate",
      next: ["frota doctor   (Vault's certificate authority)", "put the right authority into the ConfigMap that spec.vault.certificateAuthority of fleet.yaml names"],
    }),
  },
  {
    words: /connection refused|no such host|i\/o timeout|deadline exceeded|no route to host/i,
    finding: () => ({
      code: "SYNC_VAULT_UNREACHABLE",
      message: "its secrets do not arrive: the cluster does not reach Vault",
      next: ["frota doctor", "compare spec.vault.address of fleet.yaml with where Vault is; then look at the network between the cluster and it"],
    }),
  },
];

function firstMissing(chain: SecretChain | undefined): string {
  return chain?.missingKeys[0] ?? "KEY";
}

function staleProcess(link: ChainLink, { agent, pod }: AgentObservation): Finding {
  const effect = valueOf(pod)?.isReady === true ? "impaired" : "notice";
  const message = "it runs with older values of its secrets: an environment is read only at a start";
  return { code: "PROCESS_STALE", message, effect, evidence: [linkEvidence(link)], next: [link.next ?? `frota restart ${agent}`] };
}
