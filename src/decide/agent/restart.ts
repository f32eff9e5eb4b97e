import type { RestartAction } from "../action.ts";
import { answerOf, hasStarted, isBeingTried, isExecuted, liveImage } from "./evidence.ts";
import { isTooOld, newestRun, openRequest, standingRequest } from "./need.ts";
import { permitObstacle, secretObstacle, type Obstacle } from "./obstacle.ts";
import type { Instant } from "../policy.ts";
import type { Stage } from "./stage.ts";
import type { AgentWorld, GatewayFacts, ImageTarget, Permit, RestartNeed } from "../world.ts";
import { enumerate, isoTime, shortDigest } from "../words.ts";
import { compareVersions } from "../../render/start-guard/version.mjs";

/** What becomes of the agent's permit in this turn. */
export interface RestartPlan {
  readonly action?: RestartAction;
  /** The gateway's activity must be known first. */
  readonly wantsActivity?: true;
  /** It is busy, and is waited for until then. */
  readonly busyUntil?: Instant;
  readonly wakeAt?: Instant;
  /** Why a permit is not acted on. */
  readonly obstacle?: Obstacle;
  /** Why a failed image cannot be taken back. */
  readonly held?: { readonly reason: "NoPreviousImage" | Obstacle["reason"]; readonly message: string };
}

/** An answer about an agent's activity counts for so long. */
const ACTIVITY_VALID = 10_000;

const NOTHING: RestartPlan = {};

/** The restart that the permit allows, once its moment has come; or the way back from an image that the agent failed on. */
export function planRestart(world: AgentWorld, stage: Stage, now: Instant): RestartPlan {
  const { permit, deployment } = world;
  if (!permit || !deployment) return NOTHING;
  if (isExecuted(world)) return stage.name === "failed" && isBeingTried(world) ? planRollback(world, permit, stage) : NOTHING;
  const obstacle = permitObstacle(world, permit, now);
  if (obstacle) return { obstacle };
  const wait = !stage.isHealthy ? undefined : awaitQuiet(world, permit, { stage, now });
  return wait ?? { action: restartAction(world, permit, stage) };
}

function awaitQuiet(world: AgentWorld, permit: Permit, { stage, now }: { readonly stage: Stage; readonly now: Instant }): RestartPlan | undefined {
  const { quietWait } = world.policy;
  const deadline = permit.grantedAt + quietWait;
  // A permit from the future: the clock was set back.
  if (now >= deadline || permit.grantedAt > now + quietWait) return undefined;
  const answer = answerOf(world, stage.pod);
  if (!answer) return { wantsActivity: true, wakeAt: Math.min(now + ACTIVITY_VALID, deadline) };
  const busy = answer.activity === "busy" ? { busyUntil: deadline } : undefined;
  if (!isFresh(answer, now)) return { wantsActivity: true, wakeAt: Math.min(now + ACTIVITY_VALID, deadline), ...busy };
  return busy && { ...busy, wakeAt: Math.min(answer.checkedAt + ACTIVITY_VALID + 1, deadline) };
}

function isFresh({ checkedAt }: GatewayFacts, now: Instant): boolean {
  return Math.abs(now - checkedAt) <= ACTIVITY_VALID;
}

function restartAction(world: AgentWorld, permit: Permit, stage: Stage): RestartAction {
  const live = liveImage(world);
  // An image that the agent never got to run well is nothing to go back to: the one before it stays on record.
  const isUnproven = (stage.name === "failed" || permit.isRemedy) && world.deployment?.restart?.cause === "Image";
  const changes = live !== undefined && live.digest !== permit.image.digest && !isUnproven;
  return {
    type: "restart",
    resourceVersion: world.deployment?.resourceVersion ?? "",
    id: permit.id,
    cause: permit.cause,
    detail: detailOf(world, permit, live),
    image: permit.image,
    ...(changes ? { previous: live } : {}),
    ...standingRequest(world),
  };
}

function detailOf(world: AgentWorld, permit: Permit, live: ImageTarget | undefined): string {
  return [permit.cause, ...permit.also].map((need) => needWords(need, world, { permit, live })).join("; ");
}

function needWords(need: RestartNeed, world: AgentWorld, { permit, live }: { readonly permit: Permit; readonly live: ImageTarget | undefined }): string {
  switch (need) {
    case "Image":
      return live ? `image ${imageWords(live)} to ${imageWords(permit.image)}` : `image ${imageWords(permit.image)}`;
    case "Secret":
      return secretWords(world);
    case "Requested":
      return `asked for by ${openRequest(world)?.by ?? "somebody"}`;
    default:
      return pendingWords(need, world, permit);
  }
}

/** Which fields; of the cause itself without its name, which stands beside it already. */
function pendingWords(need: RestartNeed, { deployment }: AgentWorld, { cause }: Permit): string {
  const paths = enumerate(deployment?.pending?.paths ?? []);
  return need === cause ? paths : `${need.toLowerCase()}: ${paths}`;
}

/** In words, when the agent's secret changed. */
export function secretWords({ secret: { changedAt } }: AgentWorld): string {
  return changedAt === undefined ? "secret changed" : `secret changed at ${isoTime(changedAt)}`;
}

/** `sha256:ab12… (OpenClaw 2026.9.6)` */
export function imageWords({ digest, openclawVersion }: ImageTarget): string {
  return openclawVersion === undefined ? shortDigest(digest) : `${shortDigest(digest)} (OpenClaw ${openclawVersion})`;
}

function planRollback(world: AgentWorld, permit: Permit, stage: Stage): RestartPlan {
  const { deployment } = world;
  const previous = deployment?.previous;
  if (!deployment || !previous) return { held: { reason: "NoPreviousImage", message: `${stage.message}; no image is known to go back to` } };
  const lack = secretObstacle(world);
  if (lack) return { held: { reason: lack.reason, message: `${stage.message}; it cannot go back yet: ${lack.message}` } };
  if (isTooOld(world, previous) || mayHaveMigrated(world, { failed: permit.image, previous, stage })) {
    const message = `${stage.message}; it cannot go back to ${imageWords(previous)}: ${imageWords(permit.image)} may have migrated its state one way. A newer image mends it, or its state from before the upgrade`;
    return { held: { reason: "StateNewer", message } };
  }
  const action: RestartAction = {
    type: "restart",
    resourceVersion: deployment.resourceVersion,
    id: permit.id,
    cause: "Rollback",
    detail: `failed on ${imageWords(permit.image)}: ${stage.message}; back to ${imageWords(previous)}`,
    image: previous,
    failed: { digest: permit.image.digest, attempt: permit.attempt },
    ...standingRequest(world),
  };
  return { action };
}

function mayHaveMigrated(world: AgentWorld, { failed, previous, stage: { pod } }: { readonly failed: ImageTarget; readonly previous: ImageTarget; readonly stage: Stage }): boolean {
  const hasRun = (pod !== undefined && hasStarted(pod)) || hasRunBefore(world, failed);
  return hasRun && mayBeNewer(failed.openclawVersion, previous.openclawVersion);
}

/** A pod of it that is gone by now may have run: the state has seen its OpenClaw. */
function hasRunBefore(world: AgentWorld, { openclawVersion }: ImageTarget): boolean {
  const newest = newestRun(world);
  return openclawVersion !== undefined && newest !== undefined && compareVersions(newest, openclawVersion) >= 0;
}

/** Where images say nothing at all, only the start guard can tell, and it does. */
function mayBeNewer(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined) return version !== than;
  return compareVersions(version, than) > 0;
}
