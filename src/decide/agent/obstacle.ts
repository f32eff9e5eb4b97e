import { hasRun, isExecuted, suspensionOf } from "./evidence.ts";
import { isTooOld, needsImage, needsOf, newestRun } from "./need.ts";
import type { FleetPolicy, FreezeWindow, Instant } from "../policy.ts";
import type { Stage } from "./stage.ts";
import type { AgentWorld, ImageTarget, Permit, SecretFacts } from "../world.ts";
import { clockTime, enumerate, shortDigest } from "../words.ts";

/** Why a restart that is wanted must not be done now, in words. */
export interface Obstacle {
  /** CamelCase, stable. */
  readonly reason: "Suspended" | "Invalid" | "MissingKeys" | "SecretNotSynced" | "StateNewer" | "Frozen" | "NotWanted";
  readonly message: string;
}

/** What forbids any start of this agent's process on purpose, whoever wants it. */
export function startObstacle(world: AgentWorld, image: ImageTarget | undefined): Obstacle | undefined {
  const suspension = suspensionOf(world);
  if (suspension !== undefined) return { reason: "Suspended", message: suspension };
  if (world.declared?.invalid !== undefined) return { reason: "Invalid", message: world.declared.invalid };
  const secret = secretObstacle(world);
  if (secret) return secret;
  return image && isTooOld(world, image) ? { reason: "StateNewer", message: tooOldWords(world, image) } : undefined;
}

/** Why an image that {@link isTooOld} cannot be had, in words. */
export function tooOldWords(world: AgentWorld, image: ImageTarget): string {
  return `OpenClaw ${image.openclawVersion} of ${shortDigest(image.digest)} is older than ${newestRun(world)}, which last ran on its state and may have migrated it one way`;
}

/** What forbids to act on the agent's permit, which was not acted on yet. `target` is what it is to run, if that is known better than by its world. */
export function permitObstacle(world: AgentWorld, permit: Permit, now: Instant, target = world.target): Obstacle | undefined {
  if (permit.withdrawnAt !== undefined) return { reason: "NotWanted", message: "its permit was taken back" };
  if (!isWanted(world, permit, { now, target })) return { reason: "NotWanted", message: "nothing needs the restart any more" };
  const obstacle = startObstacle(world, permit.image);
  if (obstacle) return obstacle;
  if (!isUp(world)) return undefined;
  if (permit.isExtra) return { reason: "NotWanted", message: "it came back by itself" };
  const freeze = activeFreeze(world.policy, now);
  return freeze && { reason: "Frozen", message: freezeWords(freeze) };
}

/** Some pod of the agent serves: restarting it would disturb somebody. */
export function isUp({ pods }: AgentWorld): boolean {
  for (const pod of pods) if (pod.isReady && !pod.isTerminating) return true;
  return false;
}

/** The agent should serve and does not. One whose first start failed takes nothing from anybody; one that somebody keeps stopped need not serve. */
export function isDown(world: AgentWorld, stage: Stage): boolean {
  if (!world.declared || !world.deployment || isUp(world)) return false;
  if (stage.name === "stopped" && suspensionOf(world) !== undefined) return false;
  return stage.name !== "failed" || hasRun(world);
}

/** The freeze window that `now` is in. */
export function activeFreeze({ freezes }: FleetPolicy, now: Instant): FreezeWindow | undefined {
  for (const freeze of freezes) if (freeze.from <= now && now < freeze.to) return freeze;
  return undefined;
}

/** `frozen until 14:05 UTC: year end` */
export function freezeWords({ to, reason }: FreezeWindow): string {
  return `frozen until ${clockTime(to)}: ${reason}`;
}

function isWanted(world: AgentWorld, permit: Permit, { now, target }: { readonly now: Instant; readonly target: ImageTarget | undefined }): boolean {
  if (isExecuted(world)) return false;
  if (permit.cause === "Image") return permit.image.digest === target?.digest && needsImage(world, permit.image, permit.attempt);
  const needs = needsOf(world, now).now;
  return needs.includes(permit.cause) || permit.also.some((need) => needs.includes(need));
}

/** What the agent's Secret lacks. */
export function secretObstacle({ name, secret }: Pick<AgentWorld, "name"> & { readonly secret: Pick<SecretFacts, "exists" | "missingKeys" | "sync"> }): Obstacle | undefined {
  const sync = secret.sync && !secret.sync.isSynced ? `; External Secrets says: ${secret.sync.message ?? secret.sync.reason}` : "";
  if (!secret.exists) return { reason: "SecretNotSynced", message: `its Secret ${name}-env is not there${sync}` };
  if (secret.missingKeys.length === 0) return undefined;
  return { reason: "MissingKeys", message: `its Secret ${name}-env lacks ${enumerate(secret.missingKeys)}${sync}` };
}
