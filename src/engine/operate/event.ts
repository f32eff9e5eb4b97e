import type { AgentAction, FleetAction } from "../../decide/action.ts";
import type { AgentStatus, FleetStatus } from "../../decide/status.ts";

/** What an operator does, for logs, metrics and people. Times in milliseconds. */
export type OperatorEvent =
  /** Something was done. */
  | { readonly type: "acted"; readonly agent: string; readonly action: AgentAction; readonly took: number }
  | { readonly type: "fleet-acted"; readonly action: FleetAction; readonly took: number }
  /** Something failed, and is tried again. `agent` is absent for the fleet. */
  | { readonly type: "failed"; readonly agent?: string; readonly code: string; readonly message: string; readonly retryIn: number }
  /** An agent's or the fleet's status as it was found: at the first look. */
  | { readonly type: "seen"; readonly agent: string; readonly status: AgentStatus }
  | { readonly type: "fleet-seen"; readonly status: FleetStatus }
  /** Nothing is left of an agent. */
  | { readonly type: "gone"; readonly agent: string }
  /** A status was written. */
  | { readonly type: "status"; readonly agent: string; readonly before?: AgentStatus; readonly status: AgentStatus }
  | { readonly type: "fleet-status"; readonly before?: FleetStatus; readonly status: FleetStatus }
  /** Something outside of any agent is not as it should be: the API server cannot be followed, say. */
  | { readonly type: "problem"; readonly message: string }
  /** A turn of the queue ended. */
  | { readonly type: "turn"; readonly waited: number; readonly took: number };

/** Hears of everything. It must not throw. */
export type OnOperatorEvent = (event: OperatorEvent) => void;
