import { setTimeout as delay } from "node:timers/promises";
import { agentNames } from "../../src/render/names.ts";
import { auditPosition, isWrite } from "./audit-log.ts";
import type { BenchLab } from "./bench-lab.ts";
import type { FleetObserver } from "./fleet-observer.ts";
import { BENCH, REQUIRED_KEYS, type GeneratedFleet } from "./generated-fleet.ts";
import { controllerRequests } from "./operated.ts";
import { rotation } from "./secrets.ts";

/**
 * Changes one agent after another (whom it may reach) and measures, in milliseconds, from the change being stored to
 * the controller's first write for that agent, as the API server saw both.
 */
export async function measureReactions(lab: BenchLab, fleet: GeneratedFleet, times: number): Promise<number[]> {
  const reactions: number[] = [];
  for (const agent of fleet.agents.slice(0, times)) {
    const position = await auditPosition(lab.auditLog);
    const began = Date.now();
    const egress = [...fleet.source.fleet.spec.defaults.network.egress, { cidr: "10.20.0.5/32", ports: [5432] }];
    await lab.client.patch(agent, { spec: { network: { egress } } });
    await delay(5000);
    const writes = (await controllerRequests(lab, position)).filter((request) => isWrite(request) && request.name.startsWith(agent.metadata.name));
    const first = Math.min(...writes.map(({ at }) => at));
    reactions.push(first - began);
  }
  return reactions;
}

/** Milliseconds between the two changes of a Secret: within `coalesceWindow`. */
const BETWEEN_KEYS = 2000;
/** Agents whose Secrets are changed at once. */
const CHANGED_AT_ONCE = 100;

/** What a change of every secret did. */
export interface Rotation {
  /** Seconds to write all Secrets, twice each, and until every agent ran with the new ones. */
  readonly written: number;
  readonly seconds: number;
  readonly mostDown: number;
  /** How many agents got how many new pods. */
  readonly newPods: ReadonlyMap<number, number>;
  readonly requests: number;
}

/** Changes two keys of every Secret, one after the other, and waits until each agent has been restarted for them. */
export async function measureRotation(lab: BenchLab, fleet: GeneratedFleet, observer: FleetObserver): Promise<Rotation> {
  const position = await auditPosition(lab.auditLog);
  observer.disruption.reset();
  const began = performance.now();
  const [first, second] = REQUIRED_KEYS;
  const agents = fleet.source.agents.values();
  const change = async () => {
    for (const { agent } of agents) {
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: agentNames(agent).secret, namespace: BENCH } };
      await lab.client.patch(secret, rotation(first));
      await delay(BETWEEN_KEYS);
      await lab.client.patch(secret, rotation(second));
    }
  };
  await Promise.all(Array.from({ length: CHANGED_AT_ONCE }, change));
  const written = performance.now();
  while (observer.disruption.untouched > 0 || observer.disruption.down > 0) await delay(500);
  const end = performance.now();
  // Whoever would be restarted twice is so within the window in which changes are gathered.
  await delay(20_000);
  const { mostDown } = observer.disruption;
  const requests = await controllerRequests(lab, position);
  return { written: (written - began) / 1000, seconds: (end - began) / 1000, mostDown, newPods: observer.disruption.newPods(), requests: requests.length };
}
