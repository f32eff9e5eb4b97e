import { eventEvidence, lastWarning, oneLine, valueOf, type Finding, type Recognizer } from "./finding.ts";
import type { AgentObservation, ClaimObservation, EventObservation, PodObservation } from "./observation.ts";

const MEBIBYTE = 2 ** 20;
/** Bytes below which OpenClaw's databases cannot be written safely; the start guard warns from there on too. */
const FULL = 64 * MEBIBYTE;
/** Share of the volume below which it will be full before anybody looks again. */
const NEARLY_FULL = 0.15;

/** The volume claim: there, and bound. */
export const claimTrouble: Recognizer = (observation) => {
  const { agent, claim, deployment } = observation;
  if (claim.state === "absent" && deployment.state === "found") {
    const message = "its volume claim does not exist, so that its pod cannot be placed";
    const next = [`frota apply ${agent}`, "if there was one: look for its volume first (kubectl get pv): its memory is on it"];
    return [{ code: "CLAIM_MISSING", message, effect: "down", evidence: [], next }];
  }
  const seen = valueOf(claim);
  if (!seen || seen.phase === "Bound") return [];
  const event = lastWarning(observation, `PersistentVolumeClaim/${seen.name}`, /^/);
  return [{ ...unbound(seen, event), effect: "down", evidence: eventEvidence(event) }];
};

function unbound(claim: ClaimObservation, event: EventObservation | undefined): Pick<Finding, "code" | "message" | "next"> {
  const { name, phase } = claim;
  if (phase === "Lost") {
    return {
      code: "CLAIM_LOST",
      message: `the volume behind its claim ${name} is gone`,
      next: [`kubectl get pv ${claim.volume ?? ""}`, "look for the volume at the storage provider before anything else: the agent's memory is on it"],
    };
  }
  if (isClassMissing(claim, event)) return noClass(claim);
  if (event) {
    return {
      code: "VOLUME_NOT_PROVISIONED",
      message: `the storage provider does not make its volume (class ${claim.storageClass ?? "unnamed"}, ${claim.size ?? "unknown size"})`,
      next: [`kubectl describe pvc ${name}`, "if a quota or the size is the reason: raise the account's limit, or declare another spec.storage.size"],
    };
  }
  return {
    code: "VOLUME_PENDING",
    message: `its volume claim ${name} is ${phase}, and nobody says why`,
    next: [`kubectl describe pvc ${name}`, "see that the storage class's provisioner runs: kubectl get pods -A"],
  };
}

function isClassMissing({ classes, storageClass }: ClaimObservation, event: EventObservation | undefined): boolean {
  const known = valueOf(classes);
  if (known !== undefined && (storageClass === undefined || !known.includes(storageClass))) return true;
  return event !== undefined && /storageclass\S* ".*" not found/.test(event.message);
}

function noClass({ name, storageClass, classes }: ClaimObservation): Pick<Finding, "code" | "message" | "next"> {
  const anew = `kubectl annotate pvc ${name} frota.dev/confirm-delete=${name}; kubectl delete pvc ${name}; then frota apply`;
  return {
    code: "STORAGE_CLASS_MISSING",
    message: `its volume cannot be made: there is no storage class ${storageClass ?? "(none is named, and none is the default)"}`,
    next: [
      `there are: ${valueOf(classes)?.join(", ") || "none that can be seen (kubectl get storageclass)"}`,
      `create the class, or correct spec.storage.className in fleet.yaml; a claim's class never changes, so while it is still empty: ${anew}`,
    ],
  };
}

/** The way of the volumes into the pod. Events count only while the container does not exist: they outlive what they are about. */
export const mountTrouble: Recognizer = (observation) => {
  const pod = valueOf(observation.pod);
  if (!pod || pod.isRunning || pod.ended || pod.node === undefined) return [];
  const event = lastWarning(observation, `Pod/${pod.name}`, /^(?:FailedAttachVolume|FailedMount)$/);
  if (!event) return [];
  const multiAttach = valueOf(observation.events)?.findLast(({ object, message }) => object === `Pod/${pod.name}` && /Multi-Attach/.test(message));
  if (multiAttach) return [attachedElsewhere(observation, pod, multiAttach)];
  return [{ ...notMounted(observation, pod, event), effect: "down", evidence: eventEvidence(event) }];
};

function attachedElsewhere(observation: AgentObservation, pod: PodObservation, event: EventObservation): Finding {
  const volume = valueOf(observation.claim)?.volume;
  const others = (valueOf(observation.attachments) ?? []).filter((attachment) => attachment.volume === volume && attachment.node !== pod.node);
  const other = others[0]?.node;
  const held = others.map(({ node }) => ({ from: "VolumeAttachment", text: `${volume} is attached to ${node}` }));
  return {
    code: "VOLUME_ATTACHED_ELSEWHERE",
    message: `its volume cannot be attached to ${pod.node}: it is still attached to ${other ?? "another node"}`,
    effect: "down",
    evidence: [...eventEvidence(event), ...held],
    next: [
      `kubectl get node ${other ?? "NODE"}   (if it is ready, its pod still finishes its turns: wait up to 345 s)`,
      `if that machine is certainly off: kubectl taint node ${other ?? "NODE"} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`,
    ],
  };
}

function notMounted({ agent, claim }: AgentObservation, pod: PodObservation, event: EventObservation): Pick<Finding, "code" | "message" | "next"> {
  const missing = /(configmap|secret) "([^"]+)" not found/i.exec(event.message);
  if (missing) {
    return {
      code: "MOUNT_SOURCE_MISSING",
      message: `its pod cannot start: there is no ${missing[1]?.toLowerCase() === "secret" ? "Secret" : "ConfigMap"} ${missing[2]}`,
      next: [`frota apply ${agent}`],
    };
  }
  if (event.reason === "FailedAttachVolume") {
    return {
      code: "VOLUME_NOT_ATTACHED",
      message: `its volume cannot be attached to ${pod.node}`,
      next: [`kubectl describe volumeattachment   (of ${valueOf(claim)?.volume ?? "the volume"})`, "see that the storage driver runs on that node: kubectl get pods -A -o wide"],
    };
  }
  return {
    code: "VOLUME_NOT_MOUNTED",
    message: `its volumes cannot be mounted on ${pod.node}`,
    next: [`kubectl describe pod ${pod.name}`, `if a file system is damaged, the node's kernel log says so; do not delete ${agent}-state: its memory is on it`],
  };
}

/** How much space is left. A gateway on a full volume still says that it is ready. */
export const space: Recognizer = ({ agent, volumeUse, pod, claim }) => {
  const use = valueOf(volumeUse);
  if (!use || use.free / use.size > NEARLY_FULL) return [];
  const text = `${Math.floor(use.free / MEBIBYTE)} MiB of ${Math.floor(use.size / MEBIBYTE)} MiB are free`;
  const evidence = [{ from: "df of /root/.openclaw", text: oneLine(text) }];
  const { name, requested } = valueOf(claim) ?? {};
  const grow =
    requested === undefined
      ? `raise spec.storage.size in ${agent}/agent.yaml; then: frota apply ${agent}`
      : `it was raised to ${requested}, and has not grown to that yet; why: kubectl describe pvc ${name}`;
  if (use.free > FULL) {
    return [{ code: "VOLUME_NEARLY_FULL", message: `its volume is nearly full: ${text}`, effect: "impaired", evidence, next: [grow] }];
  }
  const effect = valueOf(pod)?.isReady === true ? "impaired" : "down";
  const message = `its volume is full: ${text}`;
  const find = `kubectl exec deployment/${agent} -- sh -c 'du -ak /root/.openclaw | sort -n | tail -20'   (what takes the space?)`;
  return [{ code: "VOLUME_FULL", message, effect, evidence, next: [grow, find] }];
};
