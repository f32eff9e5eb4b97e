import { eventually, frota, kubectl, mustRun, object } from "../lab.ts";
import { retag } from "./derived-image.ts";

/** The agents of the committed fleet. */
export const AGENTS = ["clementina", "clovis", "roberval"] as const;

/** What the tests look at of an Agent or Fleet resource. */
export interface Resource {
  readonly metadata: { readonly name: string; readonly generation: number; readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string; readonly message: string }[];
    readonly restarts?: readonly { readonly at: string; readonly cause: string; readonly detail: string }[];
    readonly image?: { readonly digest?: string };
    readonly rollouts?: readonly { readonly digest: string; readonly phase: string; readonly message: string; readonly done: number; readonly total: number }[];
  };
}

export const agentResource = (name: string) => object<Resource>("agents.frota.dev", name);

/** The namespace's one Fleet. */
export async function fleetResource(): Promise<Resource> {
  const { items } = await object<{ items: Resource[] }>("fleets.frota.dev");
  const [fleet] = items;
  if (!fleet) throw new Error("there is no Fleet");
  return fleet;
}

/** The message of a condition, with its reason. */
export function conditionText({ status }: Resource, type: string): string {
  const found = status?.conditions?.find((condition) => condition.type === type);
  return found ? `${found.status} ${found.reason}: ${found.message}` : "absent";
}

/**
 * The lab's fleet with its controller, whatever an earlier file has left: taken over from the plain way by the first file. The
 * bake is short, so that tests do not wait for it.
 */
export async function operatedFleet(): Promise<void> {
  await mustRun(["start"]);
  await patchFleet({ rollout: { bakeTime: "20s", checkInterval: "10s" }, disruption: { coalesceWindow: "10s" } });
  await settled();
}

/** Changes a part of the Fleet's spec. */
export async function patchFleet(spec: object): Promise<void> {
  const { metadata } = await fleetResource();
  await kubectl("patch", "fleets.frota.dev", metadata.name, "--type=merge", "-p", JSON.stringify({ spec }));
}

/** Waits until every agent is Ready and nothing is under way. */
export async function settled(seconds = 420): Promise<void> {
  await eventually("the fleet to settle", seconds, async () => {
    const { items } = await object<{ items: Resource[] }>("agents.frota.dev");
    const isSettled = items.every((agent) => conditionText(agent, "Ready").startsWith("True") && !conditionText(agent, "Reconciling").startsWith("True"));
    return items.length === AGENTS.length && isSettled ? true : undefined;
  });
}

/** How far the controller is with an image. */
export async function rolloutOf(digest: string) {
  const { status } = await fleetResource();
  return status?.rollouts?.find((one) => one.digest === digest);
}

/** By the Fleet's status: an agent's own may not yet say that its pod is being replaced. */
export async function isComplete(digest: string): Promise<true | undefined> {
  const found = await rolloutOf(digest);
  return found?.phase === "Complete" && found.done === AGENTS.length ? true : undefined;
}

/** For the end of a test file: the tag and all agents are back on an image. The next file would meet its rollout otherwise. */
export async function backTo(digest: string): Promise<void> {
  await retag(digest);
  // Until the registry was asked the tag still means the newer image, which may be one that failed, and a start would try it once more.
  await frota(["image", "refresh"]);
  await frota(["rollout", "start"]);
  await eventually("all agents on the image that was built", 900, () => isComplete(digest));
  await settled();
}

/** What the agents run, by name, as their Deployments pin it. */
export async function pinnedImages(): Promise<Record<string, string>> {
  const { items } = await object<{ items: { metadata: { name: string }; spec: { template: { spec: { containers: { image: string }[] } } } }[] }>("deployments");
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.template.spec.containers[0]?.image ?? ""]));
}

interface AgentPod {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly containerStatuses?: readonly { readonly started?: boolean }[] };
}

async function agentPods(): Promise<readonly AgentPod[]> {
  return (await object<{ items: AgentPod[] }>("pods", "-l", "app.kubernetes.io/component=agent")).items;
}

const agentOf = ({ metadata }: AgentPod) => metadata.labels["app.kubernetes.io/instance"];

/** Uid of each agent's pod that is not on its way out. */
export async function podUids(): Promise<Record<string, string>> {
  const live = (await agentPods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return Object.fromEntries(live.map((pod) => [agentOf(pod) ?? "", pod.metadata.uid]));
}

/**
 * Samples, until stopped, how many agents have no pod that has started and stays; the most that were down at once. A pod that
 * only fails its readiness, because the machine is busy or its node is silent, was taken down by nobody.
 */
export function watchDown(): { readonly stop: () => Promise<number> } {
  const end = new AbortController();
  const watching = sampleDown(end.signal);
  return {
    stop: () => {
      end.abort();
      return watching;
    },
  };
}

async function sampleDown(end: AbortSignal): Promise<number> {
  let most = 0;
  while (!end.aborted) {
    const up = await agentsUp().catch(() => undefined);
    if (up) most = Math.max(most, AGENTS.filter((agent) => !up.has(agent)).length);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return most;
}

async function agentsUp(): Promise<ReadonlySet<string | undefined>> {
  const pods = await agentPods();
  const up = pods.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.containerStatuses?.[0]?.started === true);
  return new Set(up.map(agentOf));
}

/** `frota status` as people see it. */
export async function statusText(): Promise<string> {
  return (await frota(["status"])).stdout;
}
