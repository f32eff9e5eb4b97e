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
  const rollouts = (fleet?.rollouts ?? []).map(({ channel, phase, message, waves }): Settledness => {
    const words = [`image ${channel}: ${message}`];
    // A pause that keeps nobody from anything is none of its agents' business.
    if (phase === "Complete" || (phase === "Paused" && waves.length === 0)) return { state: "settled", words: [] };
    return { state: phase === "Progressing" || phase === "RollingBack" ? "working" : "stalled", words };
  });
  const all = fleet?.observedGeneration === fleetGeneration ? [...judged, ...rollouts] : [...judged, { state: "working", words: ["the fleet was not looked at yet"] } as const];
  const working = all.filter(({ state }) => state === "working");
  if (working.length > 0) return { state: "working", words: working.flatMap(({ words }) => words) };
  const stalled = all.filter(({ state }) => state === "stalled");
  return { state: stalled.length > 0 ? "stalled" : "settled", words: stalled.flatMap(({ words }) => words) };
}

function judgeAgent({ name, generation, status }: DeclaredStatus, fleetGeneration: number): Settledness {
  const judged = (state: Settledness["state"], words: string): Settledness => ({ state, words: [`${name}: ${words}`] });
  if (!status || !answers(status, generation, fleetGeneration)) return judged("working", "its declaration was not looked at yet");
  const ready = conditionOf(status, "Ready");
  const stalled = conditionOf(status, "Stalled");
  if (stalled) return judged("stalled", stalled.message);
  if (status.phase === "Suspended") return judged("stalled", messageOf(status, "Ready"));
  const isReconciling = conditionOf(status, "Reconciling") !== undefined;
  if (ready && !isReconciling) return { state: "settled", words: [] };
  return judged("working", messageOf(status, ready ? "Reconciling" : "Ready"));
}

function messageOf({ conditions, phase }: AgentStatus, type: Condition["type"]): string {
  return conditions.find((condition) => condition.type === type)?.message ?? phase;
}

function answers({ observedGeneration, observedFleetGeneration = 0 }: AgentStatus, generation: number, fleetGeneration: number): boolean {
  return observedGeneration === generation && observedFleetGeneration === fleetGeneration;
}

/** The condition, if it is true. */
function conditionOf(status: AgentStatus, type: Condition["type"]): Condition | undefined {
  return status.conditions.find((condition) => condition.type === type && condition.status === "True");
}
