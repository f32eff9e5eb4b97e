import { textAt } from "../../spec/plain-field.ts";
import { condition, currentPods, digestOf, VERSION_ANNOTATION, type AgentObjects, type PodFacts } from "../observe/agent-facts.ts";
import { AGENT_LABEL } from "../observe/agent-facts.ts";
import { agentObjects, type NamespaceObjects } from "../observe/fleet-watch.ts";
import type { Suspension } from "../operate/suspension.ts";
import { imageOf } from "../apply/preflight.ts";
import { readiness, type Problem } from "../observe/readiness.ts";

/** How one agent is, as data. */
export interface AgentStatus {
  readonly name: string;
  readonly isReady: boolean;
  /** `Ready`, `Starting`, `Failed`, `Absent`, `Stopped`, or the cluster's own reason, for example `ImagePullBackOff`. */
  readonly state: string;
  readonly image: {
    readonly reference?: string;
    /** What the pod really runs: `sha256:...` */
    readonly digest?: string;
    /** OpenClaw's version that last ran on the agent's state. */
    readonly openclawVersion?: string;
  };
  readonly restarts: number;
  /** When the present pod was created; ISO 8601. */
  readonly startedAt?: string;
  /** The present pod, and the node that it is on. */
  readonly pod?: { readonly name: string; readonly node?: string };
  /** `requested` only where the volume has another size than its claim asks for: it was raised, and did not grow yet. */
  readonly volume: { readonly claim?: string; readonly phase?: string; readonly size?: string; readonly requested?: string };
  readonly secrets: { readonly isSynced: boolean; readonly reason?: string; readonly refreshedAt?: string };
  readonly problems: readonly Problem[];
  /** Who made the controller leave it as it is, if somebody did. */
  readonly suspension?: Suspension;
}

/** Names of the agents that a namespace has, and of those that are declared, sorted. */
export function agentNamesOf(objects: NamespaceObjects, declared: readonly string[] = []): string[] {
  const live = [...objects.deployments.values(), ...objects.claims.values()]
    .filter((object) => object.metadata.labels?.["app.kubernetes.io/name"] === "openclaw")
    .map((object) => object.metadata.labels?.[AGENT_LABEL])
    .filter((name) => name !== undefined);
  return [...new Set([...live, ...declared])].toSorted();
}

/** One agent's status out of what the namespace holds. */
export function agentStatus(namespace: NamespaceObjects, name: string): AgentStatus {
  return statusOf(agentObjects(namespace, name));
}

/** An agent's status out of its own objects. */
export function statusOf(objects: AgentObjects): AgentStatus {
  const { name } = objects;
  const { state, problems } = readiness(objects);
  const [pod] = currentPods(objects);
  return {
    name,
    isReady: state === "ready",
    state: stateText(state, problems, pod),
    image: imageStatus(objects, pod),
    restarts: pod?.restarts ?? 0,
    ...(pod ? { startedAt: pod.created, pod: { name: pod.name, ...(pod.node === undefined ? {} : { node: pod.node }) } } : {}),
    volume: volumeStatus(objects),
    secrets: secretsStatus(objects),
    problems,
  };
}

function stateText(state: ReturnType<typeof readiness>["state"], problems: readonly Problem[], pod: PodFacts | undefined): string {
  if (state === "ready") return "Ready";
  if (state === "absent") return "Absent";
  const [first] = problems;
  if (first) return first.reason;
  if (state === "failed") return "Failed";
  return pod?.waiting?.reason ?? "Starting";
}

function imageStatus(objects: AgentObjects, pod: PodFacts | undefined): AgentStatus["image"] {
  const reference = objects.deployment && imageOf([objects.deployment]);
  const digest = digestOf(pod?.imageId);
  const version = objects.claim?.metadata.annotations?.[VERSION_ANNOTATION];
  return {
    ...(reference === undefined ? {} : { reference }),
    ...(digest === undefined ? {} : { digest }),
    ...(version === undefined ? {} : { openclawVersion: version }),
  };
}

function volumeStatus({ claim }: AgentObjects): AgentStatus["volume"] {
  if (!claim) return {};
  const requested = textAt(claim, "spec", "resources", "requests", "storage");
  const size = textAt(claim, "status", "capacity", "storage") ?? requested;
  const phase = textAt(claim, "status", "phase") ?? "Pending";
  return { claim: claim.metadata.name, phase, ...(size === undefined ? {} : { size }), ...(requested === undefined || requested === size ? {} : { requested }) };
}

function secretsStatus({ externalSecret }: AgentObjects): AgentStatus["secrets"] {
  const ready = condition(externalSecret, "Ready");
  const reason = textAt(ready, "reason");
  const refreshedAt = textAt(externalSecret, "status", "refreshTime");
  return {
    isSynced: ready?.["status"] === "True",
    ...(reason === undefined ? {} : { reason }),
    ...(refreshedAt === undefined ? {} : { refreshedAt }),
  };
}
