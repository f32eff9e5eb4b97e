import { CREATING, isQuiet, type Assessment } from "./assessment.ts";
import { isExecuted, liveDigest, liveImage, mainPod, suspensionOf } from "./evidence.ts";
import { isMendOpen } from "./mend.ts";
import { hasFailedOn, isSecretStale, isTooOld, processStart, SECRET_MARGIN } from "./need.ts";
import { secretObstacle, startObstacle, tooOldWords } from "./obstacle.ts";
import type { Instant } from "../policy.ts";
import { secretWords } from "./restart.ts";
import { NOT_ASKED } from "./stage.ts";
import type { Condition } from "../status.ts";
import type { AgentWorld, ImageTarget, PodFacts } from "../world.ts";
import { clockTime, enumerate, excerpt, isoTime, shortDigest } from "../words.ts";

/** A condition before it is compared with the one that stands. */
type Finding = readonly [status: Condition["status"], reason: string, message: string];

/** Keeps the time of the last transition where the status is the same. */
export function conditionsFrom(
  findings: readonly (readonly [Condition["type"], Finding])[],
  { previous, generation, now }: { readonly previous: readonly Condition[] | undefined; readonly generation: number; readonly now: Instant },
): Condition[] {
  return findings.map(([type, [status, reason, message]]) => {
    const old = previous?.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : isoTime(now);
    return { type, status, reason, message, observedGeneration: generation, lastTransitionTime };
  });
}

/** The six conditions of an agent, in a fixed order. All of them always: `Reconciling` and `Stalled` are False when all is well. */
export function agentConditions(assessment: Assessment): Condition[] {
  const { world, now } = assessment;
  const generation = world.declared?.generation ?? 0;
  const stalled = stalledFinding(assessment);
  return conditionsFrom(
    [
      ["Ready", readyFinding(assessment)],
      ["ImageCurrent", imageFinding(assessment)],
      ["ConfigCurrent", configurationFinding(assessment)],
      ["SecretsCurrent", secretsFinding(assessment)],
      ["Reconciling", reconcilingFinding(assessment, stalled[0] === "True")],
      ["Stalled", stalled],
    ],
    { previous: world.previous?.conditions, generation, now },
  );
}

function readyFinding(assessment: Assessment): Finding {
  const { stage, creation } = assessment;
  if (creation) return ["False", creation.reason, creation.message];
  if (isQuiet(assessment)) return ["False", "Creating", CREATING];
  if (stage.reason === NOT_ASKED) return ["True", stage.reason, stage.message];
  if (stage.isHealthy && stage.reason !== "Checking") return ["True", "Ready", "its gateway serves"];
  return ["False", stage.reason, stage.message];
}

const UNKNOWN: Finding = ["Unknown", "Creating", CREATING];

function imageFinding(assessment: Assessment): Finding {
  if (isQuiet(assessment)) return UNKNOWN;
  const { world } = assessment;
  const { target } = world;
  const live = liveDigest(world);
  if (!target) return ["Unknown", "ImageUnresolved", "the registry has not said yet which image its tag means"];
  if (live === undefined) return ["Unknown", "NotRunning", "nothing says which image it runs"];
  return live === target.digest ? ["True", "Current", `it runs ${shortDigest(live)}, as ${followedWords(world)} says`] : otherImageFinding(world, live, target);
}

function otherImageFinding(world: AgentWorld, live: string, target: ImageTarget): Finding {
  const { permit, deployment } = world;
  if (deployment?.failed && hasFailedOn(world, target, deployment.failed.attempt)) {
    return ["False", "FailedOnImage", `it went back to ${shortDigest(live)} after it failed on ${shortDigest(target.digest)}`];
  }
  if (isTooOld(world, target)) return ["False", "StateNewer", tooOldWords(world, target)];
  if (permit?.cause === "Image" && !isExecuted(world)) return ["False", "RestartPending", `it is about to change from ${shortDigest(live)} to ${shortDigest(permit.image.digest)}`];
  return ["False", "RolloutPending", `it runs ${shortDigest(live)}; ${followedWords(world)} means ${shortDigest(target.digest)}`];
}

function followedWords({ declared }: AgentWorld): string {
  return declared?.pinned ? "its pin" : `tag ${declared?.channel ?? ""}`;
}

function configurationFinding(assessment: Assessment): Finding {
  const { world, configuration } = assessment;
  const { declared, deployment } = world;
  if (declared?.invalid !== undefined) return ["False", "Invalid", declared.invalid];
  if (isQuiet(assessment)) return UNKNOWN;
  const pending = deployment?.pending;
  if (pending) return ["False", "RestartPending", `it waits for a restart: ${pending.need.toLowerCase()} ${enumerate(pending.paths)}`];
  if (configuration.waitsForGateway && !world.failure) return ["False", "GatewayUnreachable", "keys that its gateway takes over wait until it can be reached"];
  return appliedFinding(world, configuration.action !== undefined);
}

/** Objects that are about to be applied count as applied, unless that is kept from happening: status is not written for moments. */
function appliedFinding(world: AgentWorld, isUnderWay: boolean): Finding {
  const { unsettled, configuration, failure } = world;
  const isBehind = unsettled.length > 0 || configuration !== undefined || isUnderWay;
  if (isBehind && suspensionOf(world) !== undefined) {
    const behind = [...unsettled.map(({ key }) => key), ...(configuration ? ["its configuration"] : [])];
    return ["False", "Suspended", `not applied while it is suspended: ${enumerate(behind)}`];
  }
  if (isBehind && failure) return ["False", failure.code, excerpt(failure.message)];
  return ["True", "Current", "what is declared is applied"];
}

function secretsFinding(assessment: Assessment): Finding {
  const { world, creation } = assessment;
  const lack = secretObstacle(world);
  if (creation?.reason === "Creating" || (isQuiet(assessment) && !lack)) return UNKNOWN;
  return lack ? ["False", lack.reason, lack.message] : (syncFinding(world) ?? processFinding(world));
}

function syncFinding({ secret: { sync } }: AgentWorld): Finding | undefined {
  return sync && !sync.isSynced ? ["False", "SyncFailed", `External Secrets cannot refresh it: ${excerpt(sync.message ?? sync.reason)}`] : undefined;
}

function processFinding(world: AgentWorld): Finding {
  if (isSecretStale(world)) return staleFinding(world);
  const isKnown = !world.deployment || world.deployment.secretDigest !== undefined || isProven(world, mainPod(world.pods));
  if (!isKnown) return ["Unknown", "NotRecorded", "its secret changed after its pod was made in the plain way, which does not say what it has; if in doubt, restart it"];
  return ["True", "Current", "its process has what the Secret holds"];
}

function staleFinding(world: AgentWorld): Finding {
  if (world.declared?.onSecretChange !== "notify") return ["False", "RestartPending", "its secret changed; it waits for a restart"];
  return ["False", "RestartDue", `its ${secretWords(world)}; that restarts nothing here, so restart it when it suits`];
}

function stalledFinding(assessment: Assessment): Finding {
  const { world, stage, isStuck, creation } = assessment;
  const { declared, failure } = world;
  if (suspensionOf(world) !== undefined) return ["False", "Suspended", "nothing of it is written while it is suspended"];
  if (declared?.invalid !== undefined) return ["True", "Invalid", declared.invalid];
  if (isStuck && failure) return ["True", failure.code, excerpt(failure.message)];
  if (creation?.reason === "StateNewer") return ["True", creation.reason, creation.message];
  return stage.name === "failed" ? failedFinding(assessment) : ["False", "Progressing", "nothing keeps it from what is declared"];
}

function failedFinding(assessment: Assessment): Finding {
  const { stage, plan } = assessment;
  if (isTriedAgain(assessment)) return ["False", "RestartPending", "it failed, and waits for another restart"];
  if (isMendOpen(assessment)) return ["False", "Reconfigured", "it failed, and its configuration changed since"];
  const { reason, message } = plan.held ?? stage;
  return ["True", reason, message];
}

/** It failed on what it was, and wants a restart for what changed since. That may wait for others that did not survive the same. The way back from an image is no such thing. */
function isTriedAgain({ world, stage, needs, plan: { action } }: Assessment): boolean {
  if (stage.name !== "failed") return false;
  if (action) return action.cause !== "Rollback";
  return needs.now.length > 0 && !startObstacle(world, world.declared?.pinned ?? liveImage(world) ?? world.target);
}

function reconcilingFinding(assessment: Assessment, isStalled: boolean): Finding {
  const { world, stage, plan, creation } = assessment;
  const suspension = suspensionOf(world);
  if (suspension !== undefined) return ["False", "Suspended", suspension];
  if (isStalled && !plan.action) return ["False", "Stalled", "it waits for a change"];
  if (creation) return ["True", creation.reason, creation.message];
  if (isQuiet(assessment)) return ["True", "Creating", CREATING];
  if (plan.busyUntil !== undefined) return ["True", "WaitingForQuiet", `it waits for a quiet moment until ${clockTime(plan.busyUntil)}`];
  if (stage.name === "settled" || isTriedAgain(assessment)) return pendingFinding(assessment);
  return ["True", stage.reason, stage.message];
}

function pendingFinding({ world, needs, plan }: Assessment): Finding {
  const { obstacle } = plan;
  if (obstacle && obstacle.reason !== "NotWanted") return ["True", obstacle.reason, obstacle.message];
  const wanted = needs.now.length > 0 ? needs.now : needs.secretAt === undefined ? [] : ["Secret"];
  if (wanted.length > 0) return ["True", "RestartPending", `it waits for a restart: ${wanted.join(", ")}`];
  const isMoving = world.permit?.cause === "Image" && !isExecuted(world);
  return isMoving ? ["True", "RestartPending", "it is about to change its image"] : ["False", "Settled", "nothing is to be done"];
}

/** The process that runs has what the Secret holds now. */
export function isProven(world: AgentWorld, pod: PodFacts | undefined): boolean {
  const { secret } = world;
  const began = processStart(world);
  if (!pod || began === undefined || !secret.exists || secret.digest === undefined) return false;
  if (pod.secretDigest === secret.digest && pod.isCurrent) return true;
  return secret.changedAt !== undefined && began >= secret.changedAt + SECRET_MARGIN;
}
