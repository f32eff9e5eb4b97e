import type { Assessment } from "./assessment.ts";
import { agentConditions, isProven } from "./conditions.ts";
import { liveDigest, liveImage, suspensionOf } from "./evidence.ts";
import { openRequest } from "./need.ts";
import type { AgentStatus } from "./status.ts";
import type { AgentWorld } from "./world.ts";
import { instantOf, isoTime } from "./words.ts";

/** The whole status of one agent. */
export function agentStatus(assessment: Assessment): AgentStatus {
  const { world, history, isNew, stage } = assessment;
  const isQuiet = isNew && stage.name !== "settled" && stage.name !== "failed";
  const acknowledgedOperation = acknowledged(world);
  return {
    observedGeneration: world.declared?.generation ?? 0,
    conditions: agentConditions(assessment),
    phase: phaseOf(assessment),
    image: imageStatus(world),
    secrets: isQuiet ? { isProven: false } : secretChain(assessment),
    restarts: history.restarts,
    ...(history.seen ? { seen: history.seen } : {}),
    ...(acknowledgedOperation === undefined ? {} : { acknowledgedOperation }),
  };
}

function phaseOf({ world, stage, plan, creation, isNew }: Assessment): AgentStatus["phase"] {
  if (suspensionOf(world) !== undefined) return "Suspended";
  if (creation) return creation.reason === "Creating" ? "Starting" : "Pending";
  switch (stage.name) {
    case "failed":
      return "Failed";
    case "baking":
      return "Baking";
    case "settled":
      return plan.busyUntil === undefined ? "Ready" : "WaitingForQuiet";
    case "draining":
      return isNew ? "Starting" : "Draining";
    case "checking":
      return isNew ? "Starting" : "Checking";
    default:
      return "Starting";
  }
}

function imageStatus(world: AgentWorld): AgentStatus["image"] {
  const { deployment, target } = world;
  const live = deployment ? liveImage(world) : target;
  const digest = liveDigest(world) ?? live?.digest;
  return {
    ...(digest === undefined ? {} : { digest }),
    ...(live?.openclawVersion === undefined ? {} : { openclawVersion: live.openclawVersion }),
    ...(deployment?.previous ? { previousDigest: deployment.previous.digest } : {}),
    ...(deployment?.failed ? { failedDigest: deployment.failed.digest } : {}),
  };
}

/** External Secrets refreshes every minute, though nothing changed: what is shown is the refresh that brought the newest value. */
function secretChain({ world, stage }: Assessment): AgentStatus["secrets"] {
  const { secret, previous } = world;
  const old = previous?.secrets;
  const vaultChangedAt = timeOf(secret.vaultChangedAt) ?? old?.vaultChangedAt;
  const secretChangedAt = timeOf(secret.changedAt);
  const processStartedAt = timeOf(stage.pod?.startedAt) ?? old?.processStartedAt;
  const isSettled = old?.refreshedAt !== undefined && old.secretChangedAt === secretChangedAt && isAfter(old.refreshedAt, vaultChangedAt);
  const refreshedAt = isSettled ? old.refreshedAt : (timeOf(secret.sync?.refreshedAt) ?? old?.refreshedAt);
  return {
    ...(vaultChangedAt === undefined ? {} : { vaultChangedAt }),
    ...(refreshedAt === undefined ? {} : { refreshedAt }),
    ...(secretChangedAt === undefined ? {} : { secretChangedAt }),
    ...(processStartedAt === undefined ? {} : { processStartedAt }),
    isProven: isProven(world, stage.pod),
  };
}

function timeOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : isoTime(at);
}

function isAfter(later: string, earlier: string | undefined): boolean {
  return earlier === undefined || (instantOf(later) ?? 0) >= (instantOf(earlier) ?? 0);
}

/** A request is acknowledged once its restart is written, or where there was nothing to restart. */
function acknowledged(world: AgentWorld): string | undefined {
  const request = world.declared?.restartRequest;
  return request && world.deployment && !openRequest(world) ? request.id : world.previous?.acknowledgedOperation;
}
