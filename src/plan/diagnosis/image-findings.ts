import { eventEvidence, lastWarning, oneLine, valueOf, type Finding, type Recognizer } from "./finding.ts";
import type { AgentObservation } from "./observation.ts";

const PULL = /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|RegistryUnavailable|ImageInspectError)$/;

/** Why the node has not got the image. */
export const imageTrouble: Recognizer = (observation) => {
  const pod = valueOf(observation.pod);
  if (!pod?.waiting || !PULL.test(pod.waiting.reason)) return [];
  // The waiting message of a back-off says no more than that; the pull's own failure is in an event.
  const event = lastWarning(observation, `Pod/${pod.name}`, /^(?:Failed|ErrImagePull|InspectFailed)$/);
  const said = `${pod.waiting.reason} ${pod.waiting.message} ${event?.message ?? ""}`;
  const { finding } = REASONS.find(({ words }) => words.test(said)) ?? OTHER;
  const waiting = { from: `Pod ${pod.name}`, text: oneLine(`${pod.waiting.reason}: ${pod.waiting.message}`) };
  return [{ ...finding(observation), effect: "down", evidence: [waiting, ...eventEvidence(event)] }];
};

interface Reason {
  readonly words: RegExp;
  readonly finding: (observation: AgentObservation) => Pick<Finding, "code" | "message" | "next">;
}

/** As containerd and registries word it; the first that fits counts. */
const REASONS: readonly Reason[] = [
  {
    words: /InvalidImageName|invalid reference format/,
    finding: (observation) => ({
      code: "IMAGE_NAME_INVALID",
      message: `its image's name is not one: ${imageOf(observation)}`,
      next: ["correct spec.image in fleet.yaml or agent.yaml; then: frota apply " + observation.agent],
    }),
  },
  {
    words: /no basic auth credentials|unauthorized|authentication required|401|403|denied|forbidden/i,
    finding: (observation) => ({
      code: "IMAGE_PULL_DENIED",
      message: `its image cannot be pulled: the registry ${hostOf(observation)} refuses the cluster's credentials`,
      next: [
        `kubectl get secret ${pullSecretOf(observation)}   (the pull secret that it names)`,
        `docker login ${hostOf(observation)}; kubectl create secret generic ${pullSecretOf(observation)} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=$HOME/.docker/config.json`,
        "frota doctor   (whether the pull secret has credentials for that registry)",
      ],
    }),
  },
  {
    words: /not found|manifest unknown|NotFound|name unknown|404/,
    finding: (observation) => ({
      code: "IMAGE_UNKNOWN",
      message: `its image cannot be pulled: the registry has no ${imageOf(observation)}`,
      next: ["frota image check", "build and push it (frota image build), or correct spec.image; then: frota apply " + observation.agent],
    }),
  },
  {
    words: /no match for platform|exec format|does not match the specified platform/,
    finding: (observation) => ({
      code: "IMAGE_PLATFORM",
      message: "its image is not made for the processors of its node",
      next: [`build it for the pool's architecture: frota image build; then: frota restart ${observation.agent}`],
    }),
  },
  {
    words: /no space left on device/,
    finding: ({ pod }) => ({
      code: "NODE_DISK_FULL",
      message: `its image cannot be unpacked: the disk of ${valueOf(pod)?.node ?? "its node"} is full`,
      next: [`kubectl describe node ${valueOf(pod)?.node ?? "NODE"}`, "use nodes with larger disks, or remove images that nothing runs"],
    }),
  },
  {
    words: /dial tcp|no such host|i\/o timeout|connection refused|TLS handshake|x509|EOF|50[234]|deadline exceeded/i,
    finding: (observation) => ({
      code: "IMAGE_REGISTRY_AWAY",
      message: `its image cannot be pulled: the node does not reach the registry ${hostOf(observation)}`,
      next: ["wait, if the registry has an outage: the kubelet tries again", "frota doctor   (whether this machine reaches it); then compare with the node's network and DNS"],
    }),
  },
];

const OTHER: Reason = {
  words: /^/,
  finding: (observation) => ({
    code: "IMAGE_PULL_FAILED",
    message: `its image cannot be pulled: ${imageOf(observation)}`,
    next: ["frota image check", `kubectl describe pod ${valueOf(observation.pod)?.name ?? ""}`],
  }),
};

function imageOf({ deployment }: AgentObservation): string {
  return valueOf(deployment)?.image ?? "(unknown)";
}

function hostOf(observation: AgentObservation): string {
  return imageOf(observation).split("/")[0] ?? "";
}

function pullSecretOf({ deployment }: AgentObservation): string {
  return valueOf(deployment)?.pullSecrets[0] ?? "(it names none: spec.image.pullSecrets in fleet.yaml)";
}
