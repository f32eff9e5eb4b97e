import { processLink, secretLink, stalePods, syncLink, vaultLink, type ChainLink, type LinkState } from "./secret-links.ts";
import { proofLink } from "./secret-proof.ts";
import { keysInVault, missingKeys, type SecretObservations } from "./secret-observations.ts";

/** The way of one agent's secrets, link by link. */
export interface SecretChain {
  readonly agent: string;
  /** The worst of the links: broken, unknown, waiting, ok. */
  readonly state: LinkState;
  readonly links: readonly ChainLink[];
  readonly vaultVersion?: number;
  readonly missingKeys: readonly string[];
  /** Pods that run with an older value than the Secret's. */
  readonly stalePods: readonly string[];
}

/**
 * Judges Vault version and time -> operator's refresh -> Secret -> start of the process, and the proof by HMAC where a controller made the pod. Pure.
 * @param now the present time
 */
export function secretChain(observations: SecretObservations, now: Date): SecretChain {
  const links = [
    vaultLink(observations),
    syncLink(observations, now),
    secretLink(observations),
    processLink(observations),
    proofLink(observations),
  ].filter((link) => link !== undefined);
  const { vault, declared } = observations;
  return {
    agent: observations.agent,
    state: worst(links),
    links,
    ...(vault.state === "found" && { vaultVersion: vault.value.version }),
    missingKeys: vault.state === "unknown" ? [] : missingKeys(declared, keysInVault(vault)),
    stalePods: stalePods(observations),
  };
}

const ORDER: readonly LinkState[] = ["broken", "unknown", "waiting", "ok"];

function worst(links: readonly ChainLink[]): LinkState {
  return ORDER.find((state) => links.some((link) => link.state === state)) ?? "ok";
}
