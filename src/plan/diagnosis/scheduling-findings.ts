import { oneLine, valueOf, type Finding, type Recognizer } from "./finding.ts";
import type { AgentObservation, NodeObservation } from "./observation.ts";

/** Why no node takes the pod: by the scheduler's words, and by the nodes of the pool. */
export const scheduling: Recognizer = (observation) => {
  const pod = valueOf(observation.pod);
  const said = pod?.unschedulable;
  if (said === undefined) return [];
  const evidence = [{ from: "scheduler", text: oneLine(said), ...(pod ? { at: pod.createdAt } : {}) }, ...poolEvidence(observation)];
  const reason = REASONS.find(({ recognizes }) => recognizes(said, observation)) ?? OTHER;
  return [{ ...reason.finding(observation, said), effect: "down", evidence }];
};

interface Reason {
  readonly recognizes: (said: string, observation: AgentObservation) => boolean;
  readonly finding: (observation: AgentObservation, said: string) => Pick<Finding, "code" | "message" | "next">;
}

/** The first that fits counts. What only a claim is the reason of is told about the claim. */
const REASONS: readonly Reason[] = [
  {
    recognizes: (_said, { pool }) => pool.state === "found" && pool.value.length === 0,
    finding: ({ deployment }) => ({
      code: "NODE_POOL_MISSING",
      message: `there is no node of its pool: none has the label ${selectorOf(deployment)}`,
      next: ["kubectl get nodes --show-labels", "create the node pool (or label a node), or correct spec.nodePool in fleet.yaml and apply"],
    }),
  },
  {
    recognizes: (said) => /volume node affinity conflict/.test(said),
    finding: ({ claim }) => ({
      code: "VOLUME_IN_OTHER_ZONE",
      message: `its volume ${valueOf(claim)?.volume ?? ""} is in a zone (or on a machine) where the pool has no node that could take it`,
      next: [`kubectl get pv ${valueOf(claim)?.volume ?? "VOLUME"} -o jsonpath='{.spec.nodeAffinity}'`, "add a node of that zone to the pool: a volume does not move"],
    }),
  },
  {
    recognizes: (said, { pool }) => /were unschedulable/.test(said) && valueOf(pool)?.some(({ isCordoned }) => !isCordoned) !== true,
    finding: ({ pool }) => ({
      code: "NODE_POOL_CORDONED",
      message: "every node of its pool is cordoned",
      next: [`when the maintenance is over: kubectl uncordon ${valueOf(pool)?.find(({ isCordoned }) => isCordoned)?.name ?? "NODE"}`],
    }),
  },
  {
    recognizes: (_said, { pool }) => pool.state === "found" && pool.value.every(({ isReady }) => !isReady),
    finding: ({ pool }) => ({
      code: "NODE_POOL_NOT_READY",
      message: "no node of its pool is ready",
      next: [`kubectl describe node ${valueOf(pool)?.[0]?.name ?? "NODE"}`],
    }),
  },
  {
    recognizes: (said) => /Insufficient|Too many pods|exceed max volume count|node\(s\) had no available volume/i.test(said),
    finding: ({ agent }, said) => ({
      code: "NODE_POOL_FULL",
      message: `no node of its pool has room for it: ${shortages(said)}`,
      next: ["add a node to the pool", `or lower spec.resources.requests in agent.yaml; then: frota apply ${agent}`, "frota doctor   (what is left on each node)"],
    }),
  },
  {
    recognizes: (said) => /untolerated taint/.test(said),
    finding: (_observation, said) => ({
      code: "NODE_POOL_TAINTED",
      message: `the nodes of its pool have a taint that it does not tolerate: ${/untolerated taint\(?s?\)?\s*\{?([^}]*)\}/.exec(said)?.[1]?.trim() ?? "see below"}`,
      next: ["kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints", "remove the taint, or let it be the pool's own (key: spec.nodePool.label, value: spec.nodePool.name), which agents tolerate"],
    }),
  },
  {
    recognizes: (said) => /persistentvolumeclaim|unbound immediate|did not find available persistent volumes/i.test(said),
    finding: ({ agent }) => ({
      code: "VOLUME_NOT_BOUND",
      message: "its pod waits for its volume claim",
      next: [`kubectl describe pvc ${agent}-state`],
    }),
  },
];

const OTHER: Reason = {
  recognizes: () => true,
  finding: () => ({
    code: "UNSCHEDULABLE",
    message: "no node takes its pod",
    next: ["frota doctor   (the node pool, and what is left on each node)"],
  }),
};

function selectorOf(deployment: AgentObservation["deployment"]): string {
  return valueOf(deployment)?.nodeSelector ?? "that it wants";
}

/** `Insufficient memory, Too many pods`, as the scheduler lists them. */
function shortages(said: string): string {
  const found = said.match(/Insufficient [\w./-]+|Too many pods|exceed max volume count/gi) ?? [];
  return [...new Set(found.map((text) => text.replace(/\.$/, "").toLowerCase()))].join(", ") || "see below";
}

function poolEvidence({ pool }: AgentObservation) {
  const nodes = valueOf(pool);
  if (!nodes || nodes.length === 0) return [];
  return [{ from: "node pool", text: nodes.map(nodeText).join("; ") }];
}

function nodeText({ name, isReady, isCordoned, pressures }: NodeObservation): string {
  const words = [isReady ? "ready" : "not ready", ...(isCordoned ? ["cordoned"] : []), ...pressures];
  return `${name}: ${words.join(", ")}`;
}
