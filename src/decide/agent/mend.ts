import type { Assessment } from "./assessment.ts";
import { answerOf, isBeingTried } from "./evidence.ts";
import { GATEWAY_PATIENCE } from "./give-up.ts";
import { processStart } from "./need.ts";
import type { Stage } from "./stage.ts";
import type { Instant } from "../policy.ts";
import type { AgentWorld, PodFacts } from "../world.ts";

/**
 * The agent failed, and keys that need no restart changed since, or are about to: nobody knows yet whether that mends it. Its gateway takes them over
 * and is asked again; a container that ends again and again reads them at its next start.
 */
export function isMendOpen({ world, stage, configuration: { action } }: Pick<Assessment, "world" | "stage" | "configuration">): boolean {
  if (stage.name !== "failed" || isBeingTried(world)) return false;
  if (action && world.configuration?.hasHotKeys !== false) return !world.failure;
  const writtenAt = world.hotKeys?.writtenAt;
  return writtenAt !== undefined && isJudgedBefore(world, stage, writtenAt);
}

function isJudgedBefore(world: AgentWorld, { reason, pod }: Stage, writtenAt: Instant): boolean {
  if (reason === "GatewayUnhealthy") return (answerOf(world, pod)?.checkedAt ?? 0) < writtenAt + GATEWAY_PATIENCE;
  return reason === "CrashLoopBackOff" && hasCrashedBefore(world, pod, writtenAt);
}

/** The process that ended began before that, and either none began since or the first one still runs. */
function hasCrashedBefore(world: AgentWorld, pod: PodFacts | undefined, writtenAt: Instant): boolean {
  const began = processStart(world);
  if (began === undefined || began < writtenAt) return began !== undefined;
  const wasOpen = world.previous?.conditions.some(({ type, status }) => type === "Stalled" && status === "False") ?? false;
  return wasOpen && pod?.startedAt !== undefined;
}
