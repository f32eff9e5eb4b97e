import { compareVersions } from "../../render/start-guard/version.mjs";
import { hasStarted, liveDigest, mainPod } from "./evidence.ts";
import type { Instant } from "../policy.ts";
import { instantOf, present } from "../words.ts";
import { RESTART_NEEDS, type AgentWorld, type DeploymentFacts, type ImageTarget, type RestartNeed } from "../world.ts";

/** Restarts that an agent needs, apart from its channel's image, which {@link admit} decides. */
export interface Needs {
  /** Strongest first, without `Image`. */
  readonly now: readonly RestartNeed[];
  /** A secret's change waits for further ones until then. */
  readonly secretAt?: Instant;
}

/** Clocks of nodes and of the API server differ, and a kubelet learns of a Secret a moment after everybody else. */
export const SECRET_MARGIN = 2_000;
/** A stream of changes postpones a restart by at most so many windows. */
const WINDOWS = 6;

const NONE: Needs = { now: [] };

/** What the agent needs a restart for. */
export function needsOf(world: AgentWorld, now: Instant): Needs {
  const { declared, deployment } = world;
  if (!declared || !deployment) return NONE;
  const secretAt = declared.onSecretChange === "restart" && isSecretStale(world) ? secretDue(world, now) : undefined;
  if (secretAt !== undefined && now < secretAt) return { now: wanted(world, false), secretAt };
  const needs = wanted(world, secretAt !== undefined);
  return needs.length === 0 ? NONE : { now: needs };
}

function wanted(world: AgentWorld, isSecretDue: boolean): readonly RestartNeed[] {
  const pending = world.deployment?.pending?.need;
  const isRequested = openRequest(world) !== undefined;
  if (pending === undefined && !isSecretDue && !isRequested) return NONE.now;
  return RESTART_NEEDS.filter((need) => need === pending || (need === "Secret" && isSecretDue) || (need === "Requested" && isRequested));
}

/** The agent's newest process does not have what the Secret holds now. One that is about to start will. */
export function isSecretStale(world: AgentWorld): boolean {
  const { deployment, secret } = world;
  const had = deployment?.secretDigest ?? deployment?.adoptedSecretDigest;
  if (had === undefined || secret.digest === undefined || had === secret.digest) return false;
  const began = processStart(world);
  return began !== undefined && (secret.changedAt === undefined || began < secret.changedAt + SECRET_MARGIN);
}

/** When the newest process began; that of a crashing container is over, and the next may be 5 min away. */
export function processStart({ pods, previous }: AgentWorld): Instant | undefined {
  const pod = mainPod(pods);
  if (pod?.startedAt !== undefined) return pod.startedAt;
  const isCrashing = pod !== undefined && (pod.ended !== undefined || pod.waiting?.reason === "CrashLoopBackOff");
  return isCrashing ? instantOf(previous?.secrets.processStartedAt) : undefined;
}

/** When the restart for a changed secret may happen. The status remembers when the process first was behind. */
function secretDue({ secret, policy, previous }: AgentWorld, now: Instant): Instant {
  const quiet = Math.min(secret.changedAt ?? now, now) + policy.coalesceWindow;
  const behind = previous?.conditions.find(({ type }) => type === "SecretsCurrent");
  const since = behind?.reason === "RestartPending" ? instantOf(behind.lastTransitionTime) : undefined;
  return since === undefined ? quiet : Math.min(quiet, since + WINDOWS * policy.coalesceWindow);
}

/** The person's request that no restart has served yet. */
export function openRequest(world: AgentWorld): NonNullable<AgentWorld["declared"]>["restartRequest"] {
  const request = world.declared?.restartRequest;
  return request && world.deployment && !isServed(request, world.deployment.restart, world.previous) ? request : undefined;
}

/** The request that stands, served or not: whatever start is recorded now serves it. */
export function standingRequest({ declared }: AgentWorld): { readonly request?: string } {
  return present({ request: declared?.restartRequest?.id });
}

/** Whatever a restart was for, it serves the request that stood then, and says so: the status may be lost. */
function isServed({ id }: { readonly id: string }, restart: DeploymentFacts["restart"], previous: AgentWorld["previous"]): boolean {
  return previous?.acknowledgedOperation === id || restart?.request === id;
}

/** The agent runs another image than `target`, and has not failed on it in this attempt. */
export function needsImage(world: AgentWorld, target: ImageTarget, attempt: number): boolean {
  const live = liveDigest(world);
  if (live === undefined || live === target.digest) return false;
  return !hasFailedOn(world, target, attempt);
}

/** The agent went back from this image in this attempt of its rollout. */
export function hasFailedOn({ deployment }: AgentWorld, target: ImageTarget, attempt: number): boolean {
  const failed = deployment?.failed;
  return failed !== undefined && failed.digest === target.digest && failed.attempt === attempt;
}

/** The image has an older OpenClaw than one that ran on the agent's state: migrations are one-way. */
export function isTooOld(world: AgentWorld, image: ImageTarget): boolean {
  const newest = newestRun(world);
  return image.openclawVersion !== undefined && newest !== undefined && compareVersions(image.openclawVersion, newest) < 0;
}

/** The newest OpenClaw that is known to have run on the agent's state: on record, or in a pod whether it ever was Ready or not. */
export function newestRun({ state, pods }: AgentWorld): string | undefined {
  let newest = state.openclawVersion;
  for (const pod of pods) {
    const version = hasStarted(pod) ? pod.openclawVersion : undefined;
    if (version !== undefined && (newest === undefined || compareVersions(version, newest) > 0)) newest = version;
  }
  return newest;
}
