import { eventEvidence, lastWarning, oneLine, valueOf, type Finding, type Recognizer } from "./finding.ts";
import type { AgentObservation } from "./observation.ts";

/** Milliseconds after which a pod that should be gone counts as stuck: kubelets need a moment to say that it ended. */
const GONE_TOLERANCE = 60_000;

/** Who keeps the agent stopped on purpose. */
export const onPurpose: Recognizer = ({ agent, hold, deployment }) => {
  const { suspended, frozen } = valueOf(hold) ?? {};
  const findings: Finding[] = [];
  if (suspended !== undefined) {
    findings.push({
      code: "AGENT_SUSPENDED",
      message: `it is ${suspended}: the controller starts, stops and changes nothing of it`,
      effect: "notice",
      evidence: [],
      next: [`frota resume ${agent}`, "frota resume --all   (if the whole fleet is suspended)"],
    });
  }
  if (frozen !== undefined) {
    const message = `the fleet is ${frozen}: the controller restarts nothing that serves`;
    findings.push({ code: "FLEET_FROZEN", message, effect: "notice", evidence: [], next: ["wait for its end, or: frota freeze --end"] });
  }
  if (valueOf(deployment)?.replicas === 0) {
    findings.push({
      code: "SCALED_TO_ZERO",
      message: "somebody scaled its Deployment to 0",
      effect: suspended === undefined ? "down" : "notice",
      evidence: [{ from: `Deployment ${agent}`, text: "spec.replicas is 0" }],
      next: [`kubectl scale deployment ${agent} --replicas=1`],
    });
  }
  return findings;
};

/** There is no Deployment, or it cannot make its pod. */
export const noPod: Recognizer = (observation) => {
  const { agent, deployment, pod } = observation;
  if (deployment.state === "absent") {
    const message = `there is no Deployment ${agent} in the namespace`;
    return [{ code: "DEPLOYMENT_MISSING", message, effect: "down", evidence: [], next: [`frota apply ${agent}`] }];
  }
  const refused = valueOf(deployment)?.podRefused;
  if (pod.state !== "absent" || refused === undefined) return [];
  return [
    {
      code: "POD_REFUSED",
      message: "its pod cannot be created: a quota or a policy of the cluster refuses it",
      effect: "down",
      evidence: [{ from: `Deployment ${agent}`, text: oneLine(refused) }],
      next: ["kubectl describe resourcequota,limitrange", "raise the quota, or lower spec.resources in agent.yaml; then: frota apply " + agent],
    },
  ];
};

/** An earlier pod that does not go. */
export const leaving: Recognizer = ({ agent, leaving: pods, node }, now) =>
  pods.map((pod): Finding => {
    const where = pod.node === undefined ? "" : ` on ${pod.node}`;
    const evidence = [{ from: `Pod ${pod.name}`, text: `to be gone by ${pod.goneBy.toISOString()}`, at: pod.goneBy }];
    if (now.getTime() <= pod.goneBy.getTime() + GONE_TOLERANCE) {
      const message = `its previous pod${where} finishes its running turns; the next one starts after it`;
      return { code: "POD_DRAINING", message, effect: "notice", evidence, next: [] };
    }
    const isNodeGone = node.state === "absent" || valueOf(node)?.isReady === false;
    const reason = isNodeGone ? "its node does not answer" : "nothing reports its end";
    return {
      code: "POD_STUCK_TERMINATING",
      message: `its previous pod${where} does not end: ${reason}`,
      effect: "down",
      evidence,
      next: [
        `kubectl get node ${pod.node ?? "NODE"}   (if the machine is gone for good: kubectl delete node ${pod.node ?? "NODE"})`,
        `only when that machine is certainly off: kubectl delete pod ${pod.name} --grace-period=0 --force   (two gateways on one volume would destroy ${agent}'s memory)`,
      ],
    };
  });

/** The node under the pod. */
export const nodeTrouble: Recognizer = (observation) => {
  const pod = valueOf(observation.pod);
  if (!pod) return [];
  if (pod.phase === "Failed" && pod.reason === "Evicted") return [evicted(pod.name, pod.message ?? "no reason given")];
  return pod.node === undefined ? [] : lostNode(observation, pod.name, pod.node);
};

function lostNode(observation: AgentObservation, pod: string, name: string): Finding[] {
  const events = eventEvidence(lastWarning(observation, `Pod/${pod}`, /^(?:NodeNotReady|TaintManagerEviction)$/));
  if (observation.node.state === "absent") {
    const next = ["wait until Kubernetes replaces the pod (about a minute); then: kubectl get pods -o wide"];
    return [{ code: "NODE_GONE", message: `its node ${name} is gone`, effect: "down", evidence: events, next }];
  }
  const node = valueOf(observation.node);
  if (!node || node.isReady) return [];
  return [
    {
      code: "NODE_NOT_READY",
      message: `its node ${name} is not ready`,
      effect: "down",
      evidence: [{ from: `Node ${name}`, text: oneLine(node.message ?? "not Ready") }, ...events],
      next: [
        `kubectl describe node ${name}`,
        `restart the machine, or replace it in the node pool; when it is certainly off, so that the volume may go elsewhere: kubectl taint node ${name} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`,
      ],
    },
  ];
}

function evicted(pod: string, message: string): Finding {
  return {
    code: "POD_EVICTED",
    message: "its node evicted it, because the node itself ran short",
    effect: "down",
    evidence: [{ from: `Pod ${pod}`, text: oneLine(message) }],
    next: ["kubectl describe node NODE   (which resource is short?)", "raise spec.resources.requests in agent.yaml so that the scheduler keeps that much free, or add a node to the pool"],
  };
}
