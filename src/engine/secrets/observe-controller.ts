import type { Cluster } from "../../cluster/cluster.ts";
import type { PendingRestart } from "../../plan/secret-observations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { SECRET_KEY } from "../../render/names.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";
import { controllerLiveness } from "../observe/controller-liveness.ts";
import { dateOf, observe, observeObjects } from "./observe-objects.ts";
import { presentKey } from "../operate/secret-key.ts";
import { slimSecret } from "../operate/slim.ts";
import { pendingRestart, type PendingContext } from "../operated/pending-restart.ts";
import { agentReference } from "../operated/request.ts";
import { AGENT_KIND, FLEET_KIND } from "../operate/resource-kinds.ts";

/**
 * What a controller adds to what is known of secrets: the HMAC of a Secret as it makes them, when the operator brought what a Secret holds, and who
 * restarts a process that has older values. Each is empty where there is none.
 */
export interface ObservedController {
  digest(secret: Manifest): { readonly digest?: string };
  brought(agent: string, changedAt: Date | undefined): { readonly broughtAt?: Date };
  restart(agent: string): { readonly restart?: PendingRestart };
}

interface World {
  readonly cluster: Cluster;
  readonly namespace: string;
}

const PLAIN: ObservedController = { digest: () => ({}), brought: () => ({}), restart: () => ({}) };

/** Looks at the controller's key and resources. The key never leaves this process. */
export async function observeController(world: World, names: readonly string[]): Promise<ObservedController> {
  if (!(await world.cluster.serves(AGENT_KIND))) return { ...PLAIN, ...(await digests(world)) };
  const [resources, fleet, own] = await Promise.all([observeObjects(world, names, agentReference), observeFleet(world), digests(world)]);
  const agents = new Map(resources.flatMap((resource, index) => (resource.state === "found" ? [[names[index] ?? "", resource.value] as const] : [])));
  return {
    ...own,
    brought: (agent, changedAt) => broughtAt(agents.get(agent), changedAt),
    restart(name) {
      const agent = agents.get(name);
      return agent && fleet ? { restart: pendingRestart(agent, fleet) } : {};
    },
  };
}

async function observeFleet({ cluster, namespace }: World): Promise<PendingContext | undefined> {
  const now = new Date();
  const fleets = await observe(() => cluster.list(FLEET_KIND, { namespace }));
  const [fleet] = fleets.state === "found" ? fleets.value : [];
  if (!fleet) return undefined;
  const liveness = await observe(() => controllerLiveness(cluster, namespace, now));
  return { fleet, isLive: liveness.state === "found" && liveness.value.isLive, now };
}

/** Nothing is added where no controller made its key. */
async function digests({ cluster, namespace }: World): Promise<Pick<ObservedController, "digest">> {
  const secret = await observe(() => cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name: SECRET_KEY }));
  const key = secret.state === "found" ? presentKey(secret.value) : undefined;
  return { digest: (value) => (key === undefined ? {} : { digest: slimSecret(value, key).digest }) };
}

/** What the Agent's status says about the Secret as it is now. */
function broughtAt(agent: Manifest | undefined, changedAt: Date | undefined): { readonly broughtAt?: Date } {
  const status = valueAt(agent, ["status", "secrets"]);
  const brought = dateOf(textAt(status, "refreshedAt"));
  const isAbout = changedAt !== undefined && dateOf(textAt(status, "secretChangedAt"))?.getTime() === changedAt.getTime();
  return isAbout && brought ? { broughtAt: brought } : {};
}
