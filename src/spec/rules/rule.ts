import type { Diagnostic } from "../diagnostic.ts";
import type { Fleet } from "../fleet.ts";
import type { Finding, Place, SpecOrigin } from "../origin.ts";
import type { AgentSource } from "../repository.ts";

/** What a rule about one agent may look at. */
export interface AgentSubject {
  readonly fleet: Fleet;
  readonly source: AgentSource;
  readonly origin: SpecOrigin;
}

/** A rule that goes beyond the shape of a file: looks at one agent, tells what is wrong. */
export type AgentRule = (subject: AgentSubject) => Diagnostic[];

/** An error at a place. */
export function failure(place: Place, code: string, message: string, fix: string): Diagnostic {
  return at(place, { severity: "error", code, message, fix });
}

/** A warning at a place. */
export function caution(place: Place, code: string, message: string, fix: string): Diagnostic {
  return at(place, { severity: "warning", code, message, fix });
}

function at(place: Place, finding: Finding): Diagnostic {
  return { ...finding, ...place };
}
