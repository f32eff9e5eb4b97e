import { checksOf, type Check } from "./checks.ts";
import { containerTrouble } from "./container-findings.ts";
import { valueOf, type Finding, type Recognizer } from "./finding.ts";
import { gatewayTrouble, keyRefused } from "./gateway-findings.ts";
import { imageTrouble } from "./image-findings.ts";
import type { AgentObservation } from "./observation.ts";
import { scheduling } from "./scheduling-findings.ts";
import { secretTrouble } from "./secret-findings.ts";
import { claimTrouble, mountTrouble, space } from "./volume-findings.ts";
import { leaving, nodeTrouble, noPod, onPurpose } from "./workload-findings.ts";

/** One agent, diagnosed. */
export interface Diagnosis {
  readonly agent: string;
  readonly namespace: string;
  /** `impaired`: it serves, and not all works; `stopped`: on purpose; `unknown`: it could not be looked at. */
  readonly state: "down" | "impaired" | "starting" | "stopped" | "healthy" | "unknown";
  /** One sentence. */
  readonly headline: string;
  /** What lets it be looked at; only where the state is unknown. */
  readonly next?: string;
  /** The cause first: what keeps it down, what impairs it, what only explains. */
  readonly findings: readonly Finding[];
  /** Everything that was looked at, and how it is. */
  readonly checks: readonly Check[];
}

/** In the order in which one thing is the cause of another. */
const RECOGNIZERS: readonly Recognizer[] = [
  onPurpose,
  noPod,
  leaving,
  claimTrouble,
  scheduling,
  nodeTrouble,
  secretTrouble,
  imageTrouble,
  mountTrouble,
  space,
  containerTrouble,
  gatewayTrouble,
  keyRefused,
  ({ hold }) => stalled(valueOf(hold)?.stalled),
];

const EFFECTS: readonly Finding["effect"][] = ["down", "impaired", "notice"];

/** Diagnoses one agent by what was seen of it. Pure; `now` is the present time. */
export function diagnose(observation: AgentObservation, now: Date): Diagnosis {
  const found = RECOGNIZERS.flatMap((recognizer) => recognizer(observation, now));
  const findings = withoutConsequences(found).toSorted((one, other) => EFFECTS.indexOf(one.effect) - EFFECTS.indexOf(other.effect));
  const { agent, namespace } = observation;
  const state = stateOf(observation, findings);
  const headline = headlineOf(observation, state, findings);
  return { agent, namespace, state, headline, ...(state === "unknown" ? { next: nextLook(observation) } : {}), findings, checks: checksOf(observation) };
}

function nextLook({ deployment }: AgentObservation): string {
  const next = deployment.state === "unknown" ? deployment.next : undefined;
  return next ?? "check that the cluster is up and reachable from here, or name another with --context";
}

/** What is only a consequence of something else that was found, or the same again. */
const CONSEQUENCES: Readonly<Record<string, RegExp>> = {
  // The start guard, and the kubelet, miss what did not arrive.
  SECRET_MISSING: /^(?:SYNC_|VAULT_|SECRET_|EXTERNAL_SECRET_)/,
  CONTAINER_CONFIG: /^(?:SYNC_|VAULT_|SECRET_|EXTERNAL_SECRET_)/,
  VOLUME_NOT_BOUND: /^(?:CLAIM_|STORAGE_CLASS_|VOLUME_NOT_PROVISIONED|VOLUME_PENDING)/,
  // The claim waits for a node, and the scheduler says why there is none.
  VOLUME_PENDING: /^(?:NODE_POOL_|UNSCHEDULABLE)/,
  GATEWAY_STARTING: /^(?:GATEWAY_UNREADY|GATEWAY_DRAINING|NODE_)/,
  POD_STUCK_TERMINATING: /^VOLUME_ATTACHED_ELSEWHERE$/,
  PROCESS_STALE: /^GATEWAY_TOKEN_MISMATCH$/,
  // `frota apply` makes both.
  EXTERNAL_SECRET_MISSING: /^DEPLOYMENT_MISSING$/,
  AGENT_STALLED: /./,
};

function withoutConsequences(found: readonly Finding[]): Finding[] {
  return found.filter((finding, index) => {
    const isRepeated = found.findIndex(({ code, message }) => code === finding.code && message === finding.message) < index;
    const causes = CONSEQUENCES[finding.code];
    return !isRepeated && !found.some((other) => other !== finding && other.effect !== "notice" && causes?.test(other.code) === true);
  });
}

function stalled(reason: string | undefined): Finding[] {
  if (reason === undefined) return [];
  return [{ code: "AGENT_STALLED", message: `the controller gave it up: ${reason}`, effect: "down", evidence: [], next: ["frota rollout status", "mend what is named above; then: frota apply"] }];
}

function stateOf(observation: AgentObservation, findings: readonly Finding[]): Diagnosis["state"] {
  const { deployment, pod } = observation;
  if (deployment.state === "unknown" && pod.state === "unknown") return "unknown";
  const worst = findings[0]?.effect ?? "notice";
  if (valueOf(pod)?.isReady === true) return worst === "notice" ? "healthy" : "impaired";
  if (isStopped(observation)) return "stopped";
  return worst === "down" ? "down" : "starting";
}

function isStopped({ deployment, hold }: AgentObservation): boolean {
  return valueOf(deployment)?.replicas === 0 && valueOf(hold)?.suspended !== undefined;
}

const HEADLINES: Readonly<Record<Diagnosis["state"], (reason: string) => string>> = {
  down: (reason) => `is down: ${reason || "nobody says why"}`,
  impaired: (reason) => `serves, but ${reason}`,
  starting: (reason) => `is on its way: ${reason || "its pod is being made"}`,
  stopped: (reason) => `is stopped on purpose: ${reason}`,
  healthy: (reason) => `is well: it serves, and nothing speaks against it${reason && `; ${reason}`}`,
  unknown: (reason) => `cannot be looked at: ${reason}`,
};

function headlineOf({ agent, deployment }: AgentObservation, state: Diagnosis["state"], findings: readonly Finding[]): string {
  const reason = findings[0]?.message ?? (deployment.state === "unknown" ? deployment.reason : "");
  return `${agent} ${HEADLINES[state](state === "unknown" && deployment.state === "unknown" ? deployment.reason : reason)}`;
}
