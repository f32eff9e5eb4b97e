import type { AgentAction, Announcement } from "./action.ts";
import { retryAt, type Assessment } from "./assessment.ts";
import { suspensionOf } from "./evidence.ts";
import { newRestarts } from "./history.ts";
import { secretObstacle } from "./obstacle.ts";
import type { Instant } from "./policy.ts";
import type { AgentStatus, Condition } from "./status.ts";
import type { Stage } from "./stage.ts";
import type { AgentWorld, GatewayFacts } from "./world.ts";
import { enumerate } from "./words.ts";

/** A gateway that was just asked whether it is busy is not asked again at once. */
const LIGHT_PAUSE = 5_000;

/** What is done for the agent in this turn, and when to look again though nothing changes. */
export function agentActions(assessment: Assessment): { readonly actions: readonly AgentAction[]; readonly wakeAt?: Instant } {
  const { world, now } = assessment;
  const mayWrite = suspensionOf(world) === undefined && world.declared?.invalid === undefined;
  const wakes = new Set<Instant | undefined>([assessment.stage.until, assessment.plan.wakeAt, assessment.needs.secretAt]);
  if (assessment.creation && "until" in assessment.creation) wakes.add(assessment.creation.until);
  const check = checkAction(assessment, wakes);
  const actions: AgentAction[] = [];
  if (mayWrite && assessment.isStuck) {
    wakes.add(retryAt(world));
  } else if (mayWrite) {
    actions.push(...applyActions(assessment), ...startActions(assessment), ...restartActions(assessment), ...recordActions(assessment));
  }
  if (check) actions.push(check);
  const later = [...wakes].filter((at) => at !== undefined).filter((at) => at > now);
  return later.length === 0 ? { actions } : { actions, wakeAt: Math.min(...later) };
}

function applyActions({ world, stage }: Assessment): AgentAction[] {
  const { unsettled, configuration, gateway } = world;
  const actions: AgentAction[] = [];
  if (unsettled.length > 0) actions.push({ type: "apply", keys: unsettled.map(({ key }) => key) });
  if (configuration) {
    const isReachable = stage.pod?.isReady === true && stage.isHealthy && gateway?.podUid === stage.pod.uid && gateway.state !== "unknown";
    actions.push({ type: "configure", throughGateway: configuration.hasHotKeys && isReachable });
  }
  const putBack = unsettled.filter(({ why, wasApplied }) => why === "drift" || (why === "missing" && wasApplied));
  if (putBack.length > 0) {
    const words = putBack.map(({ key, why }) => `${key} (${why === "drift" ? "changed by somebody" : "deleted by somebody"})`);
    actions.push({ type: "announce", severity: "Warning", reason: "PutBack", message: `put back as declared: ${enumerate(words)}` });
  }
  return actions;
}

function startActions({ world, creation }: Assessment): AgentAction[] {
  const { deployment, target } = world;
  if (!deployment) return creation || !target ? [] : [{ type: "create", image: target }];
  const isStopped = deployment.replicas === 0 && !secretObstacle(world);
  if (!isStopped) return [];
  return [
    { type: "scale-up", resourceVersion: deployment.resourceVersion },
    { type: "announce", severity: "Warning", reason: "PutBack", message: "put back as declared: one replica (somebody scaled it to zero)" },
  ];
}

function restartActions({ plan: { action } }: Assessment): AgentAction[] {
  if (!action) return [];
  const severity = action.cause === "Rollback" || action.cause === "Drift" ? "Warning" : "Normal";
  const reason = action.cause === "Rollback" ? "RolledBack" : "Restarting";
  return [action, { type: "announce", severity, reason, message: `${action.cause}: ${action.detail}` }];
}

function recordActions({ world, stage }: Assessment): AgentAction[] {
  const isDue = world.state.needsRecord && world.state.claim === "bound" && stage.isHealthy;
  return isDue ? [{ type: "record-state" }] : [];
}

function checkAction({ world, stage, plan, now }: Assessment, wakes: Set<Instant | undefined>): AgentAction | undefined {
  if (stage.checkAfter === undefined && !plan.wantsActivity) return undefined;
  const depth = stage.checkAfter === undefined ? "light" : "full";
  const pause = stage.checkAfter ?? LIGHT_PAUSE;
  const last = lastAnswer(world, stage, depth);
  const isRecent = last !== undefined && Math.abs(now - last.checkedAt) < pause;
  wakes.add(isRecent ? last.checkedAt + pause : now + pause);
  return isRecent ? undefined : { type: "check-gateway", depth, ...(plan.wantsActivity ? { activity: true } : {}) };
}

function lastAnswer({ gateway }: AgentWorld, { pod }: Stage, depth: GatewayFacts["depth"]): GatewayFacts | undefined {
  const isAbout = gateway !== undefined && gateway.podUid === pod?.uid && (depth === "light" || gateway.depth === "full");
  return isAbout ? gateway : undefined;
}

/** Events for what the new status says and the previous one did not. */
export function announcements({ world, history, plan }: Assessment, status: AgentStatus): Announcement[] {
  const { previous } = world;
  if (!previous) return [];
  const events: Announcement[] = [];
  for (const { cause, detail } of newRestarts(history, previous)) {
    if (cause === "ContainerExit") events.push({ type: "announce", severity: "Warning", reason: "ContainerExit", message: detail });
    if (cause === "Manual" || cause === "PodReplaced") events.push({ type: "announce", severity: "Normal", reason: cause, message: detail });
  }
  const stalled = turnedTo(status, previous, "Stalled", "True");
  if (stalled && !plan.action) events.push({ type: "announce", severity: "Warning", reason: stalled.reason, message: stalled.message });
  const secrets = turnedTo(status, previous, "SecretsCurrent", "False");
  if (secrets && secrets.reason !== "RestartPending") events.push({ type: "announce", severity: "Warning", reason: secrets.reason, message: secrets.message });
  return events.concat(recoveryOf(world, status));
}

function recoveryOf({ previous }: AgentWorld, status: AgentStatus): Announcement[] {
  const wasFailed = previous?.phase === "Failed";
  const ready = previous && turnedTo(status, previous, "Ready", "True");
  return wasFailed && ready ? [{ type: "announce", severity: "Normal", reason: "Recovered", message: ready.message }] : [];
}

function turnedTo(status: AgentStatus, previous: AgentStatus, type: Condition["type"], to: Condition["status"]): Condition | undefined {
  const condition = status.conditions.find((one) => one.type === type);
  const old = previous.conditions.find((one) => one.type === type);
  return condition?.status === to && old?.status !== to ? condition : undefined;
}
