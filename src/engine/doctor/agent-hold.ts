import type { Cluster } from "../../cluster/cluster.ts";
import type { HoldObservation } from "../../plan/diagnosis/observation.ts";
import type { Observed } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { agentReference } from "../operated/request.ts";
import { AGENT_KIND } from "../operate/resource-kinds.ts";
import { fleetsIn } from "../operated/read-operated.ts";
import { conditionOf } from "../operated/resource-status.ts";
import type { Suspension } from "../operate/suspension.ts";
import { freezesIn, minuteWords, suspensionIn, type Freeze } from "../operated/standstill.ts";
import { look } from "./look.ts";

/** What the controller of an operated fleet holds back of an agent; absent in the plain way. */
export async function observeHold(cluster: Cluster, namespace: string, agent: string, now: Date): Promise<Observed<HoldObservation>> {
  return look(async () => {
    if (!(await cluster.serves(AGENT_KIND))) return undefined;
    const [[fleet], resource] = await Promise.all([fleetsIn(cluster, namespace), cluster.get(agentReference(namespace, agent))]);
    return fleet && resource ? holdOf(resource, fleet, now) : undefined;
  });
}

function holdOf(agent: Manifest, fleet: Manifest, now: Date): HoldObservation {
  const [whole, own] = [suspensionIn(fleet), suspensionIn(agent)];
  const suspension = whole ? `suspended with the whole fleet, ${byWords(whole)}` : own && `suspended ${byWords(own)}`;
  const [freeze] = freezesIn(fleet, now);
  const stalled = conditionOf(agent, "Stalled");
  return {
    ...(suspension === undefined ? {} : { suspended: suspension }),
    ...(freeze === undefined ? {} : { frozen: freezeWords(freeze) }),
    ...(stalled?.status === "True" ? { stalled: stalled.message } : {}),
  };
}

function byWords({ from, by, reason }: Suspension): string {
  return from === "declaration" ? "by Git (spec.suspend: true)" : `by ${by ?? "somebody"}${inBrackets(reason)}`;
}

function freezeWords({ until, from, by, reason }: Freeze): string {
  const whose = from === "declaration" ? "by fleet.yaml" : `by ${by ?? "somebody"}`;
  return `frozen until ${minuteWords(until)} ${whose}${inBrackets(reason)}`;
}

function inBrackets(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}
