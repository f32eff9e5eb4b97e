import type { Hold } from "../../plan/fleet-plan.ts";
import type { Manifest } from "../../render/manifest.ts";
import { API_VERSION } from "../../spec/agent.ts";
import { conditionOf } from "../operated/resource-status.ts";
import type { OperatedFleet } from "../operated/read-operated.ts";
import { freezeText } from "../operated/hold.ts";
import { freezesIn, suspensionIn, suspensionWords } from "../operated/standstill.ts";
import type { FleetPlanRequest } from "./read-plan.ts";

/** What the controller would wait for when this is applied: as declared, with the requests of people that stand. None in the plain way. Pure. */
export function planHolds({ operated, declared, fleet, resources }: FleetPlanRequest, now: Date): readonly Hold[] {
  if (!operated) return [];
  const live = "agents" in operated ? operated : undefined;
  const { name, namespace } = fleet.metadata;
  const applied: Manifest = { apiVersion: API_VERSION, kind: "Fleet", metadata: { name, namespace, annotations: live?.resource.metadata.annotations ?? {} }, spec: fleet.spec };
  const suspension = suspensionIn(applied);
  return [
    ...(operated.isLive ? [] : [{ reason: "NoController" as const, message: `no controller reconciles namespace ${declared.namespace}: \`frota apply\` refuses` }]),
    ...(suspension ? [{ reason: "Suspended" as const, message: `the fleet is suspended ${suspensionWords(suspension)}` }] : []),
    ...freezesIn(applied, now).map((freeze): Hold => ({ reason: "Frozen", message: freezeText(freeze) })),
    ...rolloutHolds(live),
    ...(resources?.agents ?? []).flatMap(({ agent }) => agentHolds(live?.agents.get(agent.metadata.name), agent.metadata.name, agent.spec.suspend)),
  ];
}

const STANDING = new Set(["Paused", "Halted", "Held"]);

function rolloutHolds(live: OperatedFleet | undefined): Hold[] {
  const standing = (live?.fleet?.rollouts ?? []).filter(({ phase }) => STANDING.has(phase));
  return standing.map(({ channel, phase, message }) => ({ reason: "RolloutHeld", message: `the rollout of ${channel} is ${phase}: ${message}` }));
}

function agentHolds(resource: Manifest | undefined, name: string, suspend: boolean): Hold[] {
  const applied: Manifest = { apiVersion: API_VERSION, kind: "Agent", metadata: { name, annotations: resource?.metadata.annotations ?? {} }, spec: { suspend } };
  const suspension = suspensionIn(applied);
  const lacking = (["Stalled", "SecretsCurrent", "Ready"] as const).map((type) => conditionOf(resource, type)).find((found) => found?.reason === "MissingKeys");
  return [
    ...(suspension ? [{ reason: "Suspended" as const, message: `${name} is suspended ${suspensionWords(suspension)}`, agents: [name] }] : []),
    ...(lacking ? [{ reason: "MissingKeys" as const, message: `${name}: ${lacking.message}`, agents: [name] }] : []),
  ];
}
