import { planConfiguration, type ConfigurationPlan } from "./configure.ts";
import { hasRun } from "./evidence.ts";
import { historyOf, type History } from "./history.ts";
import { needsOf, type Needs } from "./need.ts";
import { startObstacle, type Obstacle } from "./obstacle.ts";
import type { Instant } from "../policy.ts";
import { planRestart, type RestartPlan } from "./restart.ts";
import { stageOf, type Stage } from "./stage.ts";
import type { AgentStatus } from "../status.ts";
import type { AgentWorld } from "../world.ts";
import { instantOf } from "../words.ts";

/** Everything that was derived about one agent before anything is said or done. */
export interface Assessment {
  readonly world: AgentWorld;
  readonly now: Instant;
  readonly stage: Stage;
  readonly needs: Needs;
  readonly plan: RestartPlan;
  readonly configuration: ConfigurationPlan;
  readonly history: History;
  /** The first start is under way or held: it is reported when it is over, not at each step. */
  readonly isNew: boolean;
  /** What holds the making of the Deployment. */
  readonly creation?: Obstacle | CreationWait;
  /** An action failed in a way that only a change mends. */
  readonly isStuck: boolean;
}

/** A first start that only waits. */
interface CreationWait {
  readonly reason: "Creating" | "ImageUnresolved";
  readonly message: string;
  /** It is reported as a problem from then on. */
  readonly until?: Instant;
}

/** External Secrets makes a Secret within seconds, once it sees the ExternalSecret; the registry answers in less. */
const CREATION_PATIENCE = 30_000;
/** A write that the API server refused is tried again after so long, whatever changes. */
const STUCK_PAUSE = 300_000;

/** Derives everything once. */
export function assess(world: AgentWorld, now: Instant): Assessment {
  const stage = stageOf(world, now);
  const history = historyOf(world, now);
  const plan = planRestart(world, stage, now);
  const creation = world.deployment ? undefined : creationObstacle(world, now);
  return {
    world,
    now,
    stage,
    needs: needsOf(world, now),
    plan,
    configuration: planConfiguration({ world, stage, plan }),
    history,
    isNew: isFirstStart(world),
    isStuck: isStuck(world, now),
    ...(creation ? { creation } : {}),
  };
}

/** When an agent that is stuck is tried again. */
export function retryAt({ failure }: AgentWorld): Instant | undefined {
  return failure?.kind === "terminal" ? failure.at + STUCK_PAUSE : undefined;
}

function isStuck(world: AgentWorld, now: Instant): boolean {
  const until = retryAt(world);
  if (until === undefined || now >= until || until > now + STUCK_PAUSE) return false;
  return world.previous === undefined || world.previous.observedGeneration === world.declared?.generation;
}

function isFirstStart(world: AgentWorld): boolean {
  return world.previous?.seen === undefined && (world.previous?.restarts.length ?? 0) === 0 && !(world.deployment ? hasRun(world) : world.state.openclawVersion !== undefined);
}

/** The first start is on its way: nothing is said of its steps. */
export function isQuiet(assessment: Assessment): boolean {
  const { name } = assessment.stage;
  return assessment.isNew && (name === "absent" || name === "draining" || name === "starting" || name === "checking");
}

function creationObstacle(world: AgentWorld, now: Instant): Obstacle | CreationWait | undefined {
  const { target, secret, previous } = world;
  const obstacle = startObstacle(world, target);
  const isUnheard = obstacle?.reason === "SecretNotSynced" && (secret.sync === undefined || secret.sync.isSynced);
  if (isUnheard) return patiently(obstacle, previous, now);
  if (obstacle) return obstacle;
  return target ? undefined : patiently({ reason: "ImageUnresolved", message: "the registry has not said yet which image its tag means" }, previous, now);
}

/** What passes by itself within moments of a creation is no news; it is told when it lasts. */
function patiently<T extends Obstacle | CreationWait>(obstacle: T, previous: AgentStatus | undefined, now: Instant): T | CreationWait {
  const ready = previous?.conditions.find(({ type }) => type === "Ready");
  if (ready && ready.reason !== "Creating") return obstacle;
  const until = (ready ? Math.min(instantOf(ready.lastTransitionTime) ?? now, now) : now) + CREATION_PATIENCE;
  return now >= until ? obstacle : { reason: "Creating", message: CREATING, until };
}

/** Said of a first start in all of its steps. */
export const CREATING = "it is being created";
