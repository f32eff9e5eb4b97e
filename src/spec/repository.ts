import type { Agent } from "./agent.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Fleet } from "./fleet.ts";

/** A file of a fleet repository: its path relative to the repository's root (`clovis/agent.yaml`), and its text. */
export type RepositoryFiles = ReadonlyMap<string, string>;

/** An Agent with the fleet's defaults merged in, and what belongs to it in the repository. */
export interface AgentSource {
  /** Defaults already merged: `agent.spec` is complete. */
  readonly agent: Agent;
  /** Folder below the repository's root, for example `clovis`. */
  readonly folder: string;
  /** Text of `<folder>/workspace/**`, by path below `workspace/`. */
  readonly workspace: ReadonlyMap<string, string>;
}

/** A whole fleet repository, read and valid as far as `diagnostics` says. */
export interface FleetSource {
  readonly fleet: Fleet;
  /** Sorted by name. */
  readonly agents: readonly AgentSource[];
  readonly diagnostics: readonly Diagnostic[];
}
