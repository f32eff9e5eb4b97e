import client from "prom-client";
import type { ApiAnswer } from "../cluster/cluster.ts";
import type { AgentStatus, FleetStatus } from "../decide/status.ts";
import type { OperatorEvent } from "../engine/operate/event.ts";
import { apiRequestLabels } from "./api-requests.ts";

/** What is read when Prometheus asks. */
export interface MetricsSource {
  readonly queueDepth: () => number;
  /** Seconds since each informer last heard of the API server, by kind. */
  readonly staleness: () => ReadonlyMap<string, number>;
}

/** The metrics of one controller. No label has more values than there are agents, and no histogram is per agent. */
export class Metrics {
  readonly #registry = new client.Registry();
  readonly #requests = this.#counter("frota_api_requests_total", "Requests to the API server.", ["verb", "kind", "code"]);
  readonly #actions = this.#counter("frota_actions_total", "What the controller did, by type of action.", ["action"]);
  readonly #failures = this.#counter("frota_action_failures_total", "Actions that failed, by code.", ["code"]);
  readonly #restarts = this.#counter("frota_agent_restarts_total", "Starts of agents' processes, by cause.", ["cause"]);
  readonly #ready = this.#gauge("frota_agent_ready", "1 while the agent is Ready.", ["agent"]);
  readonly #stalled = this.#gauge("frota_agent_stalled", "1 while only a person can help the agent on.", ["agent"]);
  readonly #disruptions = this.#gauge("frota_disruptions", "Agents that are disrupted on purpose now.", []);
  readonly #rollout = this.#gauge("frota_rollout_agents", "Agents of the rollouts, by how far they are.", ["phase"]);
  readonly #halted = this.#gauge("frota_rollout_halted", "1 while a rollout is halted.", ["channel"]);
  readonly #removalsHeld = this.#gauge("frota_removals_held", "Agents that nobody declares, and that are not removed until somebody says so.", []);
  readonly #leader = this.#gauge("frota_leader", "1 while this process holds the Lease.", []);
  readonly #waited = this.#histogram("frota_queue_latency_seconds", "How long work waited for a worker.", [], [0.001, 0.01, 0.1, 0.5, 1, 5, 30]);
  readonly #took = this.#histogram("frota_turn_seconds", "How long one turn of an agent took.", [], [0.001, 0.01, 0.1, 0.5, 1, 5, 30]);
  readonly #rotation = this.#histogram(
    "frota_secret_rotation_seconds",
    "How long a changed secret took for each link of its way into the process.",
    ["link"],
    [1, 5, 15, 30, 60, 120, 300, 900, 3600],
  );
  readonly #statuses = new Map<string, AgentStatus>();

  constructor(source: MetricsSource) {
    client.collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 50 });
    this.#collected("frota_queue_depth", "Agents that wait for a worker.", [], (gauge) => gauge.set(source.queueDepth()));
    this.#collected("frota_agents", "Agents by phase.", ["phase"], (gauge) => {
      gauge.reset();
      for (const { phase } of this.#statuses.values()) gauge.inc({ phase });
    });
    this.#collected("frota_informer_staleness_seconds", "Time since the API server was last heard of, by kind.", ["kind"], (gauge) => {
      for (const [kind, seconds] of source.staleness()) gauge.set({ kind }, seconds);
    });
  }

  /** In Prometheus's text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  countRequest(answer: ApiAnswer): void {
    this.#requests.inc({ ...apiRequestLabels(answer) });
  }

  setLeader(isLeader: boolean): void {
    this.#leader.set(isLeader ? 1 : 0);
  }

  /** Takes up what an operator did. */
  take(event: OperatorEvent): void {
    if (event.type === "acted" || event.type === "fleet-acted") this.#actions.inc({ action: event.action.type });
    else if (event.type === "failed") this.#failures.inc({ code: event.code });
    else if (event.type === "status") this.#takeStatus(event.agent, event.before, event.status);
    else if (event.type === "fleet-status") this.#takeFleet(event.status);
    else if (event.type === "seen") this.#gaugeAgent(event.agent, event.status);
    else if (event.type === "fleet-seen") this.#takeFleet(event.status);
    else if (event.type === "gone") this.#forget(event.agent);
    else if (event.type === "turn") {
      this.#waited.observe(event.waited / 1000);
      this.#took.observe(event.took / 1000);
    }
  }

  #forget(agent: string): void {
    this.#statuses.delete(agent);
    this.#ready.remove({ agent });
    this.#stalled.remove({ agent });
  }

  #takeStatus(agent: string, before: AgentStatus | undefined, status: AgentStatus): void {
    const known = new Set((before?.restarts ?? []).map(({ at, cause }) => `${at} ${cause}`));
    for (const { at, cause } of status.restarts) if (!known.has(`${at} ${cause}`)) this.#restarts.inc({ cause });
    this.#takeRotation(before, status);
    this.#gaugeAgent(agent, status);
  }

  #gaugeAgent(agent: string, status: AgentStatus): void {
    this.#ready.set({ agent }, isTrue(status, "Ready") ? 1 : 0);
    this.#stalled.set({ agent }, isTrue(status, "Stalled") ? 1 : 0);
    this.#statuses.set(agent, status);
  }

  #takeRotation(before: AgentStatus | undefined, { secrets }: AgentStatus): void {
    const isRotated = secrets.isProven && before !== undefined && before.secrets.secretChangedAt !== secrets.secretChangedAt;
    const isSettled = secrets.isProven && before !== undefined && !before.secrets.isProven;
    if (!isRotated && !isSettled) return;
    this.#link("vault_to_secret", secrets.vaultChangedAt, secrets.secretChangedAt);
    this.#link("secret_to_process", secrets.secretChangedAt, secrets.processStartedAt);
    this.#link("vault_to_process", secrets.vaultChangedAt, secrets.processStartedAt);
  }

  #link(link: string, from: string | undefined, to: string | undefined): void {
    const seconds = (Date.parse(to ?? "") - Date.parse(from ?? "")) / 1000;
    if (seconds >= 0) this.#rotation.observe({ link }, seconds);
  }

  #takeFleet({ agents, rollouts, removalsHeld }: FleetStatus): void {
    this.#disruptions.set(agents.disrupted);
    this.#removalsHeld.set(removalsHeld?.agents ?? 0);
    const sum = (of: (rollout: FleetStatus["rollouts"][number]) => number) => rollouts.reduce((total, rollout) => total + of(rollout), 0);
    this.#rollout.set({ phase: "done" }, sum(({ done }) => done));
    this.#rollout.set({ phase: "failed" }, sum(({ failedAgents }) => failedAgents.length));
    this.#rollout.set({ phase: "waiting" }, sum(({ total, done, failedAgents }) => total - done - failedAgents.length));
    this.#halted.reset();
    for (const { channel, phase } of rollouts) this.#halted.set({ channel }, phase === "Halted" ? 1 : 0);
  }

  #counter(name: string, help: string, labelNames: string[]) {
    return new client.Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: string[]) {
    return new client.Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, labelNames: string[], buckets: number[]) {
    return new client.Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }

  #collected(name: string, help: string, labelNames: string[], set: (gauge: client.Gauge) => void): void {
    void new client.Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        set(this);
      },
    });
  }
}

function isTrue(status: AgentStatus, type: string): boolean {
  return status.conditions.some((condition) => condition.type === type && condition.status === "True");
}
