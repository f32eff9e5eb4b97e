import { referenceOf, type Cluster } from "../../../cluster/cluster.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { FrotaError } from "../../../spec/error.ts";
import { textAt } from "../../../spec/plain-field.ts";
import { AGENT_KIND } from "../resource-kinds.ts";
import { OPERATED } from "../annotations.ts";
import { AGENT_DEFINITION, DEFINITION_KIND } from "../fleet-kinds.ts";
import { recordedDefinition } from "../roster.ts";
import type { ActContext } from "./context.ts";

const DEFINITIONS = [AGENT_DEFINITION, "fleets.frota.dev"];

/**
 * Deletes what a controller applied for an agent that is no longer declared, its Deployment first. Never its volume claim, and never
 * because somebody deleted the definitions or the Fleet, or made the definitions again: that would stop every agent at once. Throws
 * REMOVAL_HELD then.
 */
export async function removeAgent(context: ActContext, agent: string): Promise<void> {
  const { cluster, namespace } = context;
  await mustBeWanted(context, agent);
  for (const object of removable(context, agent)) {
    const uid = textAt(object, "metadata", "uid");
    await cluster.delete({ ...referenceOf(object), namespace }, uid === undefined ? {} : { uid });
  }
}

function removable({ cache }: ActContext, agent: string): Manifest[] {
  const objects = [
    cache.deployment(agent)?.manifest,
    cache.object("Service", agent),
    cache.object("NetworkPolicy", agent),
    cache.object("ExternalSecret", agent),
    ...["config", "workspace", "start-guard"].map((part) => cache.configMap(`${agent}-${part}`)?.manifest),
    cache.object("ServiceAccount", agent),
  ];
  return objects.filter((object) => object !== undefined).filter(isOurs);
}

/** The workspace's ConfigMap is written by `frota apply`, which leaves no mark of a controller. */
function isOurs({ metadata }: Manifest): boolean {
  return metadata.annotations?.[OPERATED.applied] !== undefined || metadata.name.endsWith("-workspace");
}

/** The cache may be behind: what is about to be deleted on its word is asked for once more. */
async function mustBeWanted({ cluster, cache, namespace }: ActContext, agent: string): Promise<void> {
  const fleet = cache.fleet();
  if (!fleet || isGoing(fleet)) throw held(agent, namespace, "there is no Fleet in its namespace");
  for (const name of DEFINITIONS) {
    const definition = await mustStay(cluster, name, { agent, namespace });
    if (name === AGENT_DEFINITION && definition.metadata["uid"] !== recordedDefinition(cache)) throw held(agent, namespace, `the definition ${name} is a new one`);
  }
  const declared = await cluster.get({ ...AGENT_KIND, namespace, name: agent });
  if (declared && !isGoing(declared)) throw held(agent, namespace, "it is declared again");
}

async function mustStay(cluster: Cluster, name: string, { agent, namespace }: { readonly agent: string; readonly namespace: string }): Promise<Manifest> {
  const definition = await cluster.get({ ...DEFINITION_KIND, name });
  if (!definition || isGoing(definition)) throw held(agent, namespace, `the definition ${name} is being deleted`);
  return definition;
}

function isGoing({ metadata }: Manifest): boolean {
  return metadata["deletionTimestamp"] !== undefined;
}

function held(agent: string, namespace: string, reason: string): FrotaError {
  return new FrotaError({
    code: "REMOVAL_HELD",
    message: `what runs of ${agent} is not deleted: ${reason}`,
    where: { kind: "Agent", namespace, name: agent },
    next: "apply the fleet again, or delete the agent with `frota delete`",
  });
}
