import type { Agent } from "./agent.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Fleet } from "./fleet.ts";
import type { PlainMap } from "./plain-data.ts";

/** A file of a fleet repository: its path relative to the repository's root (`clovis/agent.yaml`), and its text. */
export type RepositoryFiles = ReadonlyMap<string, string>;

/** An Agent with the fleet's defaults merged in, and its files: what manifests are rendered from. */
export interface ResolvedAgent {
  /** Defaults already merged: `agent.spec` is complete. */
  readonly agent: Agent;
  /** Folder below the repository's root, for example `clovis`. */
  readonly folder: string;
  /** Text of `<folder>/workspace/**`, by path below `workspace/`. */
  readonly workspace: ReadonlyMap<string, string>;
}

/** An agent of a repository. */
export interface AgentSource extends ResolvedAgent {
  /** The resource as its file has it, without defaults: what the operated way gives to the cluster. */
  readonly written: PlainMap;
}

/** A whole fleet repository, read and valid as far as `diagnostics` says. */
export interface FleetSource {
  readonly fleet: Fleet;
  /** The Fleet as its file has it. */
  readonly written: PlainMap;
  /** Sorted by name. */
  readonly agents: readonly AgentSource[];
  readonly diagnostics: readonly Diagnostic[];
}
