import { API_VERSION } from "../spec/agent.ts";
import { isPlainMap, type PlainMap } from "../spec/plain-data.ts";
import type { AgentSource, FleetSource } from "../spec/repository.ts";
import { renderWorkspace } from "./agent.ts";
import type { Manifest } from "./manifest.ts";

/** What the operated way gives to the cluster: the controller makes the rest of it. */
export interface CustomResources {
  readonly fleet: Manifest;
  readonly agents: readonly AgentResources[];
}

/** One agent's resource, and the files of its workspace where it has any. */
export interface AgentResources {
  readonly name: string;
  readonly agent: Manifest;
  readonly workspace?: Manifest;
}

/** Fleet and Agents as their files have them, in the fleet's namespace. Pure; never a Secret. */
export function renderCustomResources(source: FleetSource, agents: readonly AgentSource[] = source.agents): CustomResources {
  const { namespace } = source.fleet.metadata;
  return {
    fleet: resource("Fleet", source.fleet.metadata.name, { namespace, written: source.written }),
    agents: agents.map((entry) => {
      const { name } = entry.agent.metadata;
      const workspace = renderWorkspace(source.fleet, entry);
      return { name, agent: resource("Agent", name, { namespace, written: entry.written }), ...(workspace ? { workspace } : {}) };
    }),
  };
}

function resource(kind: "Fleet" | "Agent", name: string, { namespace, written }: { namespace: string; written: PlainMap }): Manifest {
  const { labels, annotations } = isPlainMap(written["metadata"]) ? written["metadata"] : {};
  const spec = isPlainMap(written["spec"]) ? written["spec"] : {};
  const metadata = { name, namespace, ...texts("labels", labels), ...texts("annotations", annotations) };
  return { apiVersion: API_VERSION, kind, metadata, spec };
}

function texts(key: "labels" | "annotations", value: unknown): object {
  return isPlainMap(value) ? { [key]: value } : {};
}
