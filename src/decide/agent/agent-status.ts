import { isQuiet, type Assessment } from "./assessment.ts";
import { agentConditions, isProven } from "./conditions.ts";
import { liveImage, suspensionOf } from "./evidence.ts";
import { openRequest } from "./need.ts";
import type { Stage } from "./stage.ts";
import type { AgentStatus } from "../status.ts";
import type { AgentWorld, SecretFacts } from "../world.ts";
import { isoTime, present } from "../words.ts";

/** The whole status of one agent. */
export function agentStatus(assessment: Assessment): AgentStatus {
  const { world } = assessment;
  // A first start is recorded together with its outcome, to write the status once.
  const history = isQuiet(assessment) ? FIRST : assessment.history;
  const acknowledgedOperation = acknowledged(world);
  const request = world.declared?.restartRequest?.id;
  return {
    observedGeneration: world.declared?.generation ?? 0,
    ...present({ observedFleetGeneration: world.declared?.fleetGeneration }),
    conditions: agentConditions(assessment),
    phase: phaseOf(assessment),
    image: imageStatus(world),
    secrets: isQuiet(assessment) ? { isProven: false } : secretChain(assessment),
    restarts: history.restarts,
    ...(history.seen ? { seen: history.seen } : {}),
    ...present({ acknowledgedOperation, pendingOperation: request === acknowledgedOperation ? undefined : request }),
  };
}

const FIRST: Assessment["history"] = { restarts: [] };

const PHASES: Readonly<Record<Stage["name"], AgentStatus["phase"]>> = {
  absent: "Starting",
  stopped: "Starting",
  draining: "Draining",
  starting: "Starting",
  checking: "Checking",
  baking: "Baking",
  settled: "Ready",
  failed: "Failed",
};

function phaseOf({ world, stage, plan, creation, isNew }: Assessment): AgentStatus["phase"] {
  if (suspensionOf(world) !== undefined) return "Suspended";
  if (creation) return creation.reason === "Creating" ? "Starting" : "Pending";
  if (isNew && (stage.name === "draining" || stage.name === "checking")) return "Starting";
  return stage.name === "settled" && plan.busyUntil !== undefined ? "WaitingForQuiet" : PHASES[stage.name];
}

function imageStatus(world: AgentWorld): AgentStatus["image"] {
  const { deployment, target } = world;
  const live = deployment ? liveImage(world) : target;
  return present({
    digest: live?.digest,
    openclawVersion: live?.openclawVersion,
    previousDigest: deployment?.previous?.digest,
    failedDigest: deployment?.failed?.digest,
  });
}

function secretChain({ world, stage }: Assessment): AgentStatus["secrets"] {
  const { secret, previous } = world;
  const old = previous?.secrets;
  const vaultChangedAt = timeOf(secret.vaultChangedAt) ?? old?.vaultChangedAt;
  const secretChangedAt = timeOf(secret.changedAt);
  const processStartedAt = timeOf(stage.pod?.startedAt) ?? old?.processStartedAt;
  const refreshedAt = refreshOf(secret, old);
  return { ...present({ vaultChangedAt, refreshedAt, secretChangedAt, processStartedAt }), isProven: isProven(world, stage.pod) };
}

/**
 * External Secrets refreshes every minute, though nothing changed: what is shown is the refresh that brought the present value. That is the one
 * which wrote the Secret: where another is on record by now, or still, the Secret's own time says it.
 */
function refreshOf({ sync, changedAt }: SecretFacts, old: AgentStatus["secrets"] | undefined): string | undefined {
  const shown = old?.refreshedAt;
  if (shown !== undefined && old?.secretChangedAt === timeOf(changedAt)) return shown;
  const refreshedAt = sync?.refreshedAt;
  if (changedAt === undefined) return timeOf(refreshedAt) ?? shown;
  const isTheOne = refreshedAt !== undefined && Math.abs(refreshedAt - changedAt) <= REFRESH_TAKES;
  return timeOf(isTheOne ? refreshedAt : changedAt);
}

/** From writing a Secret until External Secrets notes the refresh. */
const REFRESH_TAKES = 5_000;

function timeOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : isoTime(at);
}

/** A request is acknowledged once its restart is written, or where there was nothing to restart. */
function acknowledged(world: AgentWorld): string | undefined {
  const request = world.declared?.restartRequest;
  return request && world.deployment && !openRequest(world) ? request.id : world.previous?.acknowledgedOperation;
}
