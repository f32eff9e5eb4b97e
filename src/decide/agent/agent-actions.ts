import type { AgentAction, Announcement, CreateAction } from "../action.ts";
import { isQuiet, retryAt, type Assessment } from "./assessment.ts";
import { answerOf, suspensionOf } from "./evidence.ts";
import { newRestarts } from "./history.ts";
import { standingRequest } from "./need.ts";
import { secretObstacle } from "./obstacle.ts";
import type { Instant } from "../policy.ts";
import type { AgentStatus, Condition } from "../status.ts";
import type { Stage } from "./stage.ts";
import type { AgentWorld, GatewayFacts } from "../world.ts";
import { enumerate } from "../words.ts";

/** A gateway that was just asked whether it is busy is not asked again at once. */
const LIGHT_PAUSE = 5_000;
/** One that could not be asked is not asked again at once. */
const UNREACHED_PAUSE = 30_000;

/** What is done for the agent in this turn, and when to look again though nothing changes. */
export function agentActions(assessment: Assessment): { readonly actions: readonly AgentAction[]; readonly wakeAt?: Instant } {
  const { world, now, stage, plan, needs, creation } = assessment;
  const wakes = new Set<Instant | undefined>([stage.until, plan.wakeAt, needs.secretAt, assessment.isStuck ? retryAt(world) : undefined]);
  if (creation && "until" in creation) wakes.add(creation.until);
  const check = checkAction(assessment, wakes);
  const writes = mayWrite(world) ? writeActions(assessment) : [];
  const later = [...wakes].filter((at) => at !== undefined).filter((at) => at > now);
  return { actions: check ? [...writes, check] : writes, ...(later.length === 0 ? {} : { wakeAt: Math.min(...later) }) };
}

function mayWrite(world: AgentWorld): boolean {
  return suspensionOf(world) === undefined && world.declared?.invalid === undefined;
}

function writeActions(assessment: Assessment): AgentAction[] {
  // What is refused again and again is left alone for a while; but the restart may be what mends it, and the way back must not wait.
  if (assessment.isStuck) return assessment.plan.action ? [...configurationActions(assessment), ...restartActions(assessment)] : [];
  return [...applyActions(assessment), ...startActions(assessment), ...restartActions(assessment), ...recordActions(assessment)];
}

function configurationActions({ configuration: { action } }: Assessment): AgentAction[] {
  return action ? [action] : [];
}

function applyActions(assessment: Assessment): AgentAction[] {
  const { unsettled } = assessment.world;
  const actions: AgentAction[] = [];
  if (unsettled.length > 0) actions.push({ type: "apply", keys: unsettled.map(({ key }) => key) });
  actions.push(...configurationActions(assessment));
  const putBack = unsettled.filter(({ why, wasApplied }) => why === "drift" || (why === "missing" && wasApplied));
  if (putBack.length > 0) {
    const words = putBack.map(({ key, why }) => `${key} (${why === "drift" ? "changed by somebody" : "deleted by somebody"})`);
    actions.push({ type: "announce", severity: "Warning", reason: "PutBack", message: `put back as declared: ${enumerate(words)}` });
  }
  return actions;
}

function startActions({ world, creation, isNew }: Assessment): AgentAction[] {
  const { deployment, target } = world;
  if (!deployment) return creation || !target ? [] : [{ type: "create", image: target, ...servedBy(world, isNew) }];
  const isStopped = deployment.replicas === 0 && !secretObstacle(world);
  if (!isStopped) return [];
  return [
    { type: "scale-up", resourceVersion: deployment.resourceVersion },
    { type: "announce", severity: "Warning", reason: "PutBack", message: "put back as declared: one replica (somebody scaled it to zero)" },
  ];
}

/** A process that begins now serves the permit that is held and the request that stands, which would restart it once more otherwise. */
function servedBy(world: AgentWorld, isNew: boolean): Pick<CreateAction, "serves"> {
  const standing = standingRequest(world);
  const id = world.permit?.id ?? standing.request;
  if (id === undefined) return {};
  return { serves: { id, detail: isNew ? "first start" : "made anew: its Deployment was deleted", ...standing } };
}

function restartActions({ plan: { action } }: Assessment): AgentAction[] {
  if (!action) return [];
  const severity = action.cause === "Rollback" || action.cause === "Drift" ? "Warning" : "Normal";
  const reason = action.cause === "Rollback" ? "RolledBack" : "Restarting";
  return [action, { type: "announce", severity, reason, message: `${action.cause}: ${action.detail}` }];
}

function recordActions(assessment: Assessment): AgentAction[] {
  const { state } = assessment.world;
  const isDue = state.needsRecord && state.claim === "bound" && assessment.stage.isHealthy && !isQuiet(assessment);
  return isDue ? [{ type: "record-state" }] : [];
}

function checkAction(assessment: Assessment, wakes: Set<Instant | undefined>): AgentAction | undefined {
  const wanted = wantedCheck(assessment);
  if (!wanted) return undefined;
  const { world, stage, plan, now } = assessment;
  const { depth, pause } = wanted;
  const last = lastAnswer(world, stage, depth);
  const isRecent = last !== undefined && Math.abs(now - last.checkedAt) < pause;
  wakes.add(isRecent ? last.checkedAt + pause : now + pause);
  return isRecent ? undefined : { type: "check-gateway", depth, ...(plan.wantsActivity ? { activity: true } : {}) };
}

/** What must be known of the gateway, and the milliseconds after which it is asked again. */
function wantedCheck({ stage, plan, configuration }: Assessment): { readonly depth: GatewayFacts["depth"]; readonly pause: number } | undefined {
  if (stage.checkAfter !== undefined) return { depth: "full", pause: stage.checkAfter };
  if (plan.wantsActivity) return { depth: "light", pause: LIGHT_PAUSE };
  return configuration.waitsForGateway && stage.pod?.isReady ? { depth: "light", pause: UNREACHED_PAUSE } : undefined;
}

function lastAnswer(world: AgentWorld, { pod }: Stage, depth: GatewayFacts["depth"]): GatewayFacts | undefined {
  const answer = answerOf(world, pod);
  return depth === "light" || answer?.depth === "full" ? answer : undefined;
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
