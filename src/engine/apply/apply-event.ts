import type { ChangeSet, ObjectId } from "../../plan/change-set.ts";
import type { Problem } from "../observe/readiness.ts";
import type { ScheduledAgent } from "./schedule-agents.ts";

/** How one agent fared. `returned`: created on the volume that it had before; `untouched`: an earlier one failed, so nothing was done to it; `held`: a freeze or a suspension keeps it as it is. */
export interface AgentOutcome {
  readonly name: string;
  readonly outcome: "created" | "returned" | "restarted" | "updated" | "unchanged" | "failed" | "untouched" | "held";
}

/** What the engine does, as it does it. Printing is the caller's. */
export type ApplyEvent =
  | { readonly type: "checking" }
  | { readonly type: "planned"; readonly changes: ChangeSet }
  | { readonly type: "applied"; readonly object: ObjectId; readonly agent?: string }
  | { readonly type: "agent-started"; readonly agent: string; readonly action: ScheduledAgent["action"] }
  /** What an agent waits for; sent again only when it changes. */
  | { readonly type: "agent-waiting"; readonly agent: string; readonly problems: readonly Problem[] }
  | { readonly type: "agent-ready"; readonly agent: string }
  | { readonly type: "agent-failed"; readonly agent: string; readonly problems: readonly Problem[] }
  | { readonly type: "warning"; readonly agent?: string; readonly message: string }
  /** What somebody should know, and need not act on. */
  | { readonly type: "note"; readonly message: string }
  | { readonly type: "finished"; readonly agents: readonly AgentOutcome[] };

/** The warning that the connection is lost for now. */
export function disconnectedWarning(reason: string): ApplyEvent {
  return { type: "warning", message: `${reason}; trying again` };
}

export type OnApplyEvent = (event: ApplyEvent) => void;
