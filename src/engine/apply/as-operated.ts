import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import type { Fleet } from "../../spec/fleet.ts";
import type { AgentSource } from "../../spec/repository.ts";
import type { DeclaredFleet } from "./declared-fleet.ts";
import { OPERATED } from "../operate/annotations.ts";
import { presentChoice, renderDesired } from "../operate/desired.ts";

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
export async function asOperated(cluster: Pick<Cluster, "list">, declared: DeclaredFleet, operated: OperatedDeclaration): Promise<DeclaredFleet> {
  const deployments = await cluster.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace: declared.namespace });
  const live = new Map(deployments.map((deployment) => [deployment.metadata.name, deployment]));
  const sources = new Map(operated.agents.map((source) => [source.agent.metadata.name, source]));
  const agents = declared.agents.map((agent) => {
    const source = sources.get(agent.name);
    const deployment = live.get(agent.name);
    const delivery = operated.isOperated ? "live" : agent.delivery;
    return source && deployment ? { ...agent, delivery, objects: objectsOf(agent.objects, deployment, { ...operated, source }) } : agent;
  });
  return { ...declared, agents };
}

function objectsOf(plain: readonly Manifest[], live: Manifest, { fleet, isOperated, source }: OperatedDeclaration & { readonly source: AgentSource }): readonly Manifest[] {
  const applied = live.metadata.annotations?.[OPERATED.applied];
  if (!isOperated && applied === undefined) return plain;
  const desired = renderDesired(fleet, source.agent);
  if (!isOperated && desired.deploymentHash !== applied) return plain;
  const { restartConfig, ...choice } = presentChoice(live);
  const isSameConfiguration = restartConfig !== undefined && desired.restartHashes.includes(restartConfig);
  const deployment = desired.deployment({ ...choice, ...(isSameConfiguration ? { restartConfig } : {}) });
  const rendered = isOperated ? desired.supporting : plain.filter(({ kind }) => kind !== "Deployment");
  const workspace = isOperated ? plain.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === `${source.agent.metadata.name}-workspace`) : [];
  return [...rendered, ...workspace, deployment];
}
