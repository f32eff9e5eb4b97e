import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { agentNames } from "../../render/names.ts";
import type { Fleet } from "../../spec/fleet.ts";
import type { AgentSource } from "../../spec/repository.ts";
import type { DeclaredFleet } from "./declared-fleet.ts";
import { OPERATED } from "../operate/annotations.ts";
import { presentChoice, renderDesired, type DesiredAgent } from "../operate/desired.ts";

/** Which fleet, and whose rendering counts. */
export interface OperatedDeclaration {
  readonly fleet: Fleet;
  readonly agents: readonly AgentSource[];
  /** A controller takes care of the fleet; without one, only what it left behind and nobody changed since counts. */
  readonly isOperated: boolean;
}

/**
 * The declared fleet as a controller renders it, image and secret as they are. Without one: with the Deployments that it made left
 * as they run, where their declaration is still the same; else going back to the plain way would restart each agent, only to
 * take its pinned image by a tag again.
 */
export async function asOperated(cluster: Pick<Cluster, "list">, declared: DeclaredFleet, { fleet, agents, isOperated }: OperatedDeclaration): Promise<DeclaredFleet> {
  const reading = cluster.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace: declared.namespace });
  const sources = new Map(agents.map(({ agent }) => [agent.metadata.name, agent]));
  // All of them while the Deployments come in: of a large fleet it takes a third of a second.
  const desired = new Map(isOperated ? Array.from(sources, ([name, agent]) => [name, renderDesired(fleet, agent)]) : []);
  const live = new Map((await reading).map((deployment) => [deployment.metadata.name, deployment]));
  const asRun = declared.agents.map((agent) => {
    const [source, deployment, rendered] = [sources.get(agent.name), live.get(agent.name), desired.get(agent.name)];
    if (!source || !deployment) return agent;
    if (rendered) return { ...agent, delivery: "live" as const, objects: asController(agent.objects, deployment, rendered) };
    return { ...agent, objects: asLeft(agent.objects, deployment, () => renderDesired(fleet, source)) };
  });
  return { ...declared, agents: asRun };
}

/** As a controller renders it; the workspace's files, which are no part of a resource, as `frota apply` writes them. */
function asController(plain: readonly Manifest[], live: Manifest, desired: DesiredAgent): readonly Manifest[] {
  const workspace = plain.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === agentNames(desired.agent).workspace);
  return [...desired.supporting, ...workspace, asItRuns(live, desired)];
}

/** With the Deployment as a controller left it, where its declaration is still the same. */
function asLeft(plain: readonly Manifest[], live: Manifest, rendered: () => DesiredAgent): readonly Manifest[] {
  const applied = live.metadata.annotations?.[OPERATED.applied];
  if (applied === undefined) return plain;
  const desired = rendered();
  return desired.deploymentHash === applied ? [...plain.filter(({ kind }) => kind !== "Deployment"), asItRuns(live, desired)] : plain;
}

function asItRuns(live: Manifest, desired: DesiredAgent): Manifest {
  const { restartConfig, ...choice } = presentChoice(live);
  const isSameConfiguration = restartConfig !== undefined && desired.restartHashes.includes(restartConfig);
  return desired.deployment({ ...choice, ...(isSameConfiguration ? { restartConfig } : {}) });
}
