import type { AgentAction } from "./action.ts";
import type { Assessment } from "./assessment.ts";
import { suspensionOf } from "./evidence.ts";
import type { Stage } from "./stage.ts";
import type { AgentWorld } from "./world.ts";

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

/**
 * Through the gateway where some pod would not learn of hot keys otherwise; into the ConfigMap alone where the next pod reads them anyway.
 */
export function planConfiguration({ world, stage, plan }: Pick<Assessment, "world" | "stage" | "plan">): ConfigurationPlan {
  const { configuration } = world;
  if (!configuration || suspensionOf(world) !== undefined) return NOTHING;
  if (!configuration.hasHotKeys || plan.action || !keepsRunning(stage)) return DIRECTLY;
  return isReachable(stage, world) ? THROUGH_GATEWAY : WAIT;
}

function isReachable({ pod }: Stage, { gateway }: AgentWorld): boolean {
  return pod !== undefined && pod.isReady && gateway?.podUid === pod.uid && gateway.state !== "unknown";
}

/** A pod reads its ConfigMap when it is made, and again some time later that nobody knows. One that was given up reads it again unless its process still runs. */
function keepsRunning({ name, pod }: Stage): boolean {
  return pod !== undefined && !pod.isTerminating && (name !== "failed" || pod.startedAt !== undefined);
}
