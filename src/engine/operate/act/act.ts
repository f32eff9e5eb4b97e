import type { AgentAction, Announcement, FleetAction } from "../../../decide/action.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { validFleet } from "../desired.ts";
import { subjectOf } from "./announce.ts";
import { configureAgent } from "./configure.ts";
import type { ActContext } from "./context.ts";
import { forgetRevision, recordDefinition, writeLedger, writeRevision } from "./fleet.ts";
import { applyObjects, createDeployment, restartAgent, scaleUp } from "./objects.ts";
import { forgetPrePull, prePull } from "./pre-pull.ts";
import { recordState } from "./record-state.ts";
import { removeAgent } from "./remove.ts";

/** Does what was decided for an agent. Throws what the cluster or the gateway throws; CONFLICT when the decision is stale. */
export async function actForAgent(context: ActContext, agent: string, action: AgentAction): Promise<void> {
  switch (action.type) {
    case "apply":
      return applyObjects(context, agent, action.keys);
    case "configure":
      return configureAgent(context, agent, action.throughGateway);
    case "create":
      return createDeployment(context, agent, action);
    case "restart":
      return restartAgent(context, agent, action);
    case "scale-up":
      return scaleUp(context, agent, action);
    case "check-gateway":
      return checkGateway(context, agent, action);
    case "record-state":
      return recordState(context, agent);
    case "remove":
      return removeAgent(context, agent);
    case "announce":
      return announceFor(context, context.cache.agent(agent), action);
  }
}

/** Does what was decided for the fleet; asking the registry is the operator's own. Throws as {@link actForAgent}. */
export async function actForFleet(context: ActContext, action: Exclude<FleetAction, { type: "resolve-channels" }>): Promise<void> {
  const { cluster, namespace, cache } = context;
  switch (action.type) {
    case "record-revision":
    case "mark-revision":
      return writeRevision(context, action.revision);
    case "forget-revision":
      return forgetRevision(context, action.name);
    case "write-ledger":
      return writeLedger(context, action);
    case "record-definition":
      return recordDefinition(context, action.uid);
    case "pre-pull": {
      const fleet = validFleet(cache);
      if (fleet) await prePull(cluster, fleet, action.node, action.image.digest);
      return undefined;
    }
    case "forget-pre-pull":
      return forgetPrePull(cluster, namespace, action.node, action.digest);
    case "announce":
      return announceFor(context, cache.fleet(), action);
  }
}

async function checkGateway({ gateways, memory }: ActContext, agent: string, { depth, activity }: Extract<AgentAction, { type: "check-gateway" }>): Promise<void> {
  const facts = await gateways.read(agent, depth, activity);
  if (facts) memory.gateways.set(agent, facts);
}

async function announceFor({ announcer, namespace }: ActContext, resource: Manifest | undefined, announcement: Announcement): Promise<void> {
  if (resource) await announcer.announce(subjectOf(resource, namespace), announcement);
}
