import type { AgentAction } from "../action.ts";
import type { Assessment } from "./assessment.ts";
import { answerOf, suspensionOf } from "./evidence.ts";
import type { Stage } from "./stage.ts";
import { processOf, type AgentWorld, type HotKeysFacts, type PodFacts } from "../world.ts";

/** How declared configuration reaches the agent now. */
export interface ConfigurationPlan {
  readonly action?: AgentAction;
  /** Hot keys wait for the running gateway to answer: it has read its ConfigMap already. */
  readonly waitsForGateway?: true;
}

const NOTHING: ConfigurationPlan = {};
const WAIT: ConfigurationPlan = { waitsForGateway: true };
const DIRECTLY: ConfigurationPlan = { action: { type: "configure", throughGateway: false } };
const THROUGH_GATEWAY: ConfigurationPlan = { action: { type: "configure", throughGateway: true } };

/** A kubelet brings a changed ConfigMap to a running pod within 90 s, and a moment later where it is slow: a container started before may read the old one. */
const MOUNT_LAG = 120_000;

/**
 * Through the gateway where some pod would not learn of hot keys otherwise; into the ConfigMap alone where the next pod reads them anyway.
 * A process that began about then may have read what was there before: its gateway gets them as well, once it serves.
 */
export function planConfiguration({ world, stage, plan }: Pick<Assessment, "world" | "stage" | "plan">): ConfigurationPlan {
  const { configuration } = world;
  if (suspensionOf(world) !== undefined) return NOTHING;
  if (!configuration) return isUnproven(world, stage) && !plan.action ? planTakeOver(world, stage) : NOTHING;
  if (!configuration.hasHotKeys || plan.action || !keepsRunning(stage)) return DIRECTLY;
  return isReachable(stage, world) ? THROUGH_GATEWAY : WAIT;
}

function isUnproven({ hotKeys }: AgentWorld, { pod }: Stage): boolean {
  return hotKeys !== undefined && pod !== undefined && !pod.isTerminating && mayHaveMissed(hotKeys, pod);
}

/** Nothing proves that the process which runs in the pod has the hot keys of its ConfigMap. */
export function mayHaveMissed({ writtenAt, takenBy }: HotKeysFacts, pod: Pick<PodFacts, "uid" | "restarts" | "startedAt">): boolean {
  if (pod.startedAt === undefined || takenBy === processOf(pod)) return false;
  return writtenAt === undefined || pod.startedAt < writtenAt + MOUNT_LAG;
}

function planTakeOver(world: AgentWorld, stage: Stage): ConfigurationPlan {
  if (isReachable(stage, world)) return THROUGH_GATEWAY;
  // Whoever does not serve yet is asked when it does.
  return stage.isHealthy && stage.name !== "checking" ? WAIT : NOTHING;
}

function isReachable({ pod }: Stage, world: AgentWorld): boolean {
  const answer = answerOf(world, pod);
  return pod !== undefined && pod.isReady && answer !== undefined && answer.state !== "unknown";
}

/** A pod reads its ConfigMap when it is made, and again some time later that nobody knows. One that was given up reads it again unless its process still runs. */
function keepsRunning({ name, pod }: Stage): boolean {
  return pod !== undefined && !pod.isTerminating && (name !== "failed" || pod.startedAt !== undefined);
}
