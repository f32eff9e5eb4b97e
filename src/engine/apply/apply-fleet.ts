import { referenceOf, type Cluster } from "../../cluster/cluster.ts";
import { objectId, type ChangeSet, type PlannedObject, type Refusal } from "../../plan/change-set.ts";
import { plan } from "../../plan/plan.ts";
import { withResources, type ResourceSides } from "../../plan/resource-changes.ts";
import { FrotaError } from "../../spec/error.ts";
import { numberAt } from "../../spec/plain-field.ts";
import { disconnectedWarning, type AgentOutcome, type OnApplyEvent } from "./apply-event.ts";
import { declareFleet } from "./declare-fleet.ts";
import type { DeclaredAgent, DeclaredFleet } from "./declared-fleet.ts";
import { agentObjects, readNamespace, watchFleet, type FleetWatch, type NamespaceObjects } from "../observe/fleet-watch.ts";
import { keepState } from "./keep-state.ts";
import { observeFleet, type ObserveOptions } from "./observe-fleet.ts";
import { preflight, type Preflight, type PreflightReaders } from "./preflight.ts";
import { readiness } from "../observe/readiness.ts";
import { refusalError } from "./refusal-error.ts";
import { scheduleAgents, type ScheduledAgent } from "./schedule-agents.ts";
import { agentFailure, waitReady } from "./wait-ready.ts";

/** What to apply, and how. */
export interface ApplyRequest extends PreflightReaders {
  readonly cluster: Cluster;
  readonly declared: DeclaredFleet;
  /** Takes over fields that other field managers own. */
  readonly forceConflicts?: boolean;
  /** Milliseconds that each agent may take to become Ready. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly onEvent: OnApplyEvent;
}

/** What was changed, and how each agent fared. */
export interface ApplyResult {
  readonly changes: ChangeSet;
  readonly agents: readonly AgentOutcome[];
}

/** What to compare. */
export interface PlanRequest extends Pick<ApplyRequest, "cluster" | "declared" | "forceConflicts" | "images" | "secrets">, Pick<ObserveOptions, "dryRuns" | "onForeseen"> {
  /** In the operated way: `declared` is as the controller renders it from these. */
  readonly resources?: ResourceSides;
  /** What was found before that applying would be refused for. */
  readonly refusals?: readonly Refusal[];
}

/** What applying would do, and what it was told by. */
export interface PlannedFleet {
  readonly changes: ChangeSet;
  readonly checked: Preflight;
  readonly objects: readonly PlannedObject[];
  /** See `ObservedFleet`. */
  readonly notAsked: number;
}

/** What applying would do, asked of the live cluster without writing; refusals of the pre-flight reads included. */
export async function planFleet(request: PlanRequest): Promise<PlannedFleet> {
  const { cluster, declared, forceConflicts = false, resources, refusals = [] } = request;
  const { objects, owned, notAsked } = await observeFleet(cluster, declared, { ...request, force: forceConflicts });
  const planned = plan(objects, owned, new Map(declared.agents.map(({ name, delivery }) => [name, delivery])));
  const changes = resources ? withResources(planned, resources) : planned;
  const starting = changes.agents.filter(({ action }) => action === "create" || action === "restart").map(({ name }) => name);
  const checked = await preflight(startingAgents(request, starting), objects, request);
  return { changes: { ...changes, refusals: [...refusals, ...changes.refusals, ...checked.refusals] }, checked, objects, notAsked };
}

/** With the image that they are going to have: the controller's rendering keeps the one that runs. */
function startingAgents({ declared, resources }: PlanRequest, names: readonly string[]): readonly DeclaredAgent[] {
  if (resources) return names.length > 0 ? declareFleet(resources.source, names).agents : [];
  return declared.agents.filter(({ name }) => names.includes(name));
}

/**
 * Makes the cluster run what is declared. Refuses (FrotaError, outcome `refused`) before any write where a read can tell.
 * New agents start in parallel; changes to running ones go one after another, each Ready before the next. When one fails,
 * it stays as applied, later ones are untouched, and the error says why. Running it again resumes.
 */
export async function applyFleet(request: ApplyRequest): Promise<ApplyResult> {
  const { cluster, declared, onEvent } = request;
  onEvent({ type: "checking" });
  const [{ changes, checked, objects }, before] = await Promise.all([
    planFleet(request),
    readNamespace(cluster, declared.namespace),
  ]);
  for (const message of checked.warnings) onEvent({ type: "warning", message });
  onEvent({ type: "planned", changes });
  if (changes.refusals.length > 0) throw refusalError(changes.refusals);
  const run = new ApplyRun(request, changes, checked, objects);
  return { changes, agents: await run.toEnd(before) };
}

class ApplyRun {
  readonly #request: ApplyRequest;
  readonly #changes: ChangeSet;
  readonly #checked: Preflight;
  readonly #objects: readonly PlannedObject[];
  readonly #outcomes = new Map<string, AgentOutcome["outcome"]>();

  constructor(request: ApplyRequest, changes: ChangeSet, checked: Preflight, objects: readonly PlannedObject[]) {
    this.#request = request;
    this.#changes = changes;
    this.#checked = checked;
    this.#objects = objects;
  }

  async toEnd(before: NamespaceObjects): Promise<AgentOutcome[]> {
    const { cluster, declared, onEvent } = this.#request;
    for (const { name } of this.#changes.agents) this.#outcomes.set(name, "untouched");
    const stateOf = (name: string) => readiness(agentObjects(before, name)).state;
    const { together, oneByOne, settled } = scheduleAgents(this.#changes.agents, stateOf);
    const isIdle = together.length + oneByOne.length === 0;
    let watch: FleetWatch | undefined;
    try {
      await this.#applyObjects(undefined);
      await Promise.all(settled.map((name) => this.#settle(name, before)));
      const onDisconnected = (reason: string) => onEvent(disconnectedWarning(reason));
      watch = isIdle ? undefined : watchFleet(cluster, declared.namespace, onDisconnected);
      if (watch) await this.#change(watch, together, oneByOne);
    } catch (error) {
      onEvent({ type: "finished", agents: this.#result() });
      throw this.#ended(error);
    } finally {
      watch?.stop();
    }
    onEvent({ type: "finished", agents: this.#result() });
    return this.#result();
  }

  async #change(watch: FleetWatch, together: readonly ScheduledAgent[], oneByOne: readonly ScheduledAgent[]): Promise<void> {
    const results = await Promise.allSettled(together.map((agent) => this.#changeAgent(watch, agent)));
    const failures = results.filter((result) => result.status === "rejected").map((result): unknown => result.reason);
    if (failures.length > 0) throw failures[0];
    for (const agent of oneByOne) await this.#changeAgent(watch, agent);
  }

  async #changeAgent(watch: FleetWatch, { name, action }: ScheduledAgent): Promise<void> {
    const { cluster, timeout, signal, onEvent } = this.#request;
    signal.throwIfAborted();
    onEvent({ type: "agent-started", agent: name, action });
    this.#outcomes.set(name, "failed");
    const generation = await this.#applyObjects(name);
    const onProblems = (problems: Parameters<Parameters<typeof waitReady>[2]["onProblems"]>[0]) =>
      onEvent({ type: "agent-waiting", agent: name, problems });
    const result = await waitReady(watch, name, { generation, timeout, signal, onProblems });
    if (result.state !== "ready") {
      onEvent({ type: "agent-failed", agent: name, problems: result.problems });
      throw await agentFailure(cluster, result, { seconds: Math.round(timeout / 1000), verb: "apply" });
    }
    await this.#keep(name, result.objects);
    this.#outcomes.set(name, OUTCOMES[action]);
    onEvent({ type: "agent-ready", agent: name });
  }

  async #settle(name: string, before: NamespaceObjects): Promise<void> {
    await this.#keep(name, agentObjects(before, name));
    this.#outcomes.set(name, "unchanged");
  }

  async #keep(name: string, objects: Parameters<typeof keepState>[1]): Promise<void> {
    const { cluster, images, onEvent } = this.#request;
    const warnings = await keepState(cluster, objects, { facts: this.#checked.images, reader: images });
    for (const message of warnings) onEvent({ type: "warning", agent: name, message });
  }

  /** Applies what changes of an agent (or, without a name, of the fleet); returns its Deployment's generation. */
  async #applyObjects(agent: string | undefined): Promise<number> {
    const { cluster, forceConflicts, onEvent, signal } = this.#request;
    let generation = 0;
    for (const [index, change] of this.#changes.objects.entries()) {
      const planned = this.#objects[index];
      if (change.agent !== agent || change.action === "unchanged" || !planned) continue;
      signal.throwIfAborted();
      const applied = await cluster.apply(planned.desired, { force: forceConflicts ?? false });
      onEvent({ type: "applied", object: objectId(planned.desired), ...(agent === undefined ? {} : { agent }) });
      if (referenceOf(applied).kind === "Deployment") generation = numberAt(applied, "metadata", "generation") ?? 0;
    }
    return generation;
  }

  #result(): AgentOutcome[] {
    return Array.from(this.#outcomes, ([name, outcome]) => ({ name, outcome }));
  }

  /** The error with what it means for the whole: who is done, who was left alone. */
  #ended(error: unknown): unknown {
    const names = (wanted: AgentOutcome["outcome"][]) =>
      this.#result().filter(({ outcome }) => wanted.includes(outcome)).map(({ name }) => name);
    const done = names(["created", "returned", "restarted", "updated"]);
    const untouched = names(["untouched"]);
    const rest = [
      done.length > 0 ? `done: ${done.join(", ")}` : undefined,
      untouched.length > 0 ? `untouched: ${untouched.join(", ")}` : undefined,
    ].filter((part) => part !== undefined);
    if (this.#request.signal.aborted) return interrupted(rest);
    if (!(error instanceof FrotaError)) return error;
    const { code, message, where, next } = error;
    // Something was written before it, so that nothing is merely refused any more.
    const outcome = error.outcome === "refused" ? "failed" : error.outcome;
    return new FrotaError(
      {
        code,
        message: [message, ...rest].join("\n  "),
        outcome: done.length > 0 && outcome === "failed" ? "partial" : outcome,
        ...(where ? { where } : {}),
        ...(next === undefined ? {} : { next }),
      },
      { cause: error },
    );
  }
}

const OUTCOMES = { create: "created", return: "returned", restart: "restarted", update: "updated", wait: "unchanged" } as const;

function interrupted(rest: readonly string[]): FrotaError {
  return new FrotaError({
    code: "INTERRUPTED",
    message: ["interrupted; the cluster goes on with what was applied", ...rest].join("\n  "),
    next: "`frota status` shows where it stands; `frota apply` again resumes",
    outcome: "interrupted",
  });
}
