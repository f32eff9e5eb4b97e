import type { ChainLink } from "./secret-links.ts";
import type { SecretObservations } from "./secret-observations.ts";

/** When a secret's present value got as far as each step of its way. */
export interface SecretStep {
  readonly step: "vault" | "synced" | "process";
  readonly at: Date;
}

/** Kubernetes tells whole seconds, and Vault has a clock of its own. */
const TOLERANCE_MS = 2_000;

/**
 * Whether the pods were made for what the Secret holds, by its HMAC; with the times of the whole way. Undefined in the plain way, where no pod says
 * what it was made for.
 */
export function proofLink(observations: SecretObservations): ChainLink | undefined {
  const { agent, secret, processes } = observations;
  const link = "proof";
  const marked = processes.filter(({ secretDigest }) => secretDigest !== undefined);
  if (marked.length === 0 || secret.state !== "found") return undefined;
  const { digest } = secret.value;
  if (digest === undefined) {
    return { link, state: "unknown", code: "PROOF_UNKNOWN", message: "the key of the controller's HMACs cannot be read", next: "frota doctor" };
  }
  const other = processes.find(({ secretDigest }) => secretDigest !== digest);
  if (other === undefined) return { link, state: "ok", ...proven(digest, waySteps(observations)) };
  const message = `${other.pod} was made for another state of the Secret; a restart settles it`;
  return { link, state: "waiting", code: "PROOF_OPEN", message, next: `frota status ${agent}` };
}

function proven(digest: string, steps: readonly SecretStep[]): Pick<ChainLink, "message" | "steps"> {
  const made = `the pod was made for the Secret's HMAC ${digest.slice(0, 8)}`;
  if (isInOrder(steps)) return { message: made, steps };
  // The same value was written again later: to the process it makes no difference.
  return { message: `${made}: it had these values before they were written again` };
}

function isInOrder(steps: readonly SecretStep[]): boolean {
  return steps.every(({ at }, index) => at.getTime() >= (steps[index - 1]?.at.getTime() ?? 0) - TOLERANCE_MS);
}

/** The sync that brought a value is the one that wrote the Secret, also where a later one is on record; what is not known is left out. */
function waySteps({ vault, secret, processes, broughtAt }: SecretObservations): SecretStep[] {
  const changedAt = secret.state === "found" ? secret.value.changedAt : undefined;
  const started = processes.flatMap(({ startedAt }) => startedAt ?? []);
  const startedAt = started.length > 0 ? new Date(Math.max(...started.map(Number))) : undefined;
  const isLater = broughtAt !== undefined && startedAt !== undefined && broughtAt > startedAt;
  const steps = [
    { step: "vault", at: vault.state === "found" ? vault.value.createdAt : undefined },
    { step: "synced", at: isLater ? changedAt : (broughtAt ?? changedAt) },
    { step: "process", at: startedAt },
  ] as const;
  return steps.flatMap(({ step, at }) => (at === undefined ? [] : [{ step, at }]));
}
