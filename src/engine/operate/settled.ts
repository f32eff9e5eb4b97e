import type { AgentStatus, Condition, FleetStatus } from "../../decide/status.ts";

/** An agent that is declared, and what is known of it. */
export interface DeclaredStatus {
  readonly name: string;
  /** `metadata.generation` of its resource. */
  readonly generation: number;
  readonly status?: AgentStatus | undefined;
}

/** How far a fleet is from what is declared. */
export interface Settledness {
  readonly state: "settled" | "working" | "stalled";
  /** What is waited for, or what only a person can mend: in words, `clovis: ...`. */
  readonly words: readonly string[];
}

/** Judges a fleet by its statuses: settled when every agent is as declared and no rollout goes on. */
export function settlednessOf(agents: readonly DeclaredStatus[], fleet: FleetStatus | undefined, fleetGeneration: number): Settledness {
  const judged = agents.map((agent) => judgeAgent(agent, fleetGeneration));
  const rollouts = (fleet?.rollouts ?? []).map(({ channel, phase, message }): Settledness => {
    const words = [`image ${channel}: ${message}`];
    if (phase === "Complete") return { state: "settled", words: [] };
    return { state: phase === "Progressing" ? "working" : "stalled", words };
  });
  const all = fleet?.observedGeneration === fleetGeneration ? [...judged, ...rollouts] : [...judged, { state: "working", words: ["the fleet was not looked at yet"] } as const];
  const working = all.filter(({ state }) => state === "working");
  if (working.length > 0) return { state: "working", words: working.flatMap(({ words }) => words) };
  const stalled = all.filter(({ state }) => state === "stalled");
  return { state: stalled.length > 0 ? "stalled" : "settled", words: stalled.flatMap(({ words }) => words) };
}

function judgeAgent({ name, generation, status }: DeclaredStatus, fleetGeneration: number): Settledness {
  if (!status || !answers(status, generation, fleetGeneration)) return { state: "working", words: [`${name}: its declaration was not looked at yet`] };
  const stalled = conditionOf(status, "Stalled");
  if (stalled?.status === "True") return { state: "stalled", words: [`${name}: ${stalled.message}`] };
  const ready = conditionOf(status, "Ready");
  if (status.phase === "Suspended") return { state: "stalled", words: [`${name}: ${ready?.message ?? "it is suspended"}`] };
  const reconciling = conditionOf(status, "Reconciling");
  if (ready?.status === "True" && reconciling?.status !== "True") return { state: "settled", words: [] };
  return { state: "working", words: [`${name}: ${(ready?.status === "True" ? reconciling : ready)?.message ?? status.phase}`] };
}

function answers({ observedGeneration, observedFleetGeneration = 0 }: AgentStatus, generation: number, fleetGeneration: number): boolean {
  return observedGeneration === generation && observedFleetGeneration === fleetGeneration;
}

function conditionOf(status: AgentStatus, type: Condition["type"]): Condition | undefined {
  return status.conditions.find((condition) => condition.type === type);
}
