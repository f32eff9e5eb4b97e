import { excerpt } from "../../decide/words.ts";

/** What a Kubernetes Event says. */
export interface EventSaying {
  /** Of the object that it is about. */
  readonly kind: string;
  readonly reason: string;
  readonly message: string;
}

type Teller = (message: string) => string | undefined;

/** Where the cluster's own words take knowledge of Kubernetes to read; by kind and reason. */
const TELLERS: Readonly<Record<string, Teller>> = {
  "Pod Scheduled": (message) => matched(/ to (\S+)$/, message, (node) => `its pod was placed on node ${node}`),
  "Pod FailedScheduling": (message) => `no node takes its pod: ${message}`,
  "Pod Pulling": (message) => matched(/"([^"]+)"/, message, (image) => `its image is pulled: ${image}`),
  "Pod Pulled": pulledWords,
  "Pod Created": () => "its container was made",
  "Pod Started": () => "its container started",
  "Pod Killing": (message) => (message.startsWith("Stopping container") ? "its container is asked to stop" : message),
  "Pod BackOff": (message) =>
    message.startsWith("Back-off restarting") ? "its container ends again and again: the node waits before the next start" : message,
  "Pod Unhealthy": (message) => matched(/^(\w+) probe failed: ([^]*)$/, message, (probe, said) => `its ${probe.toLowerCase()} probe failed: ${said}`),
  "Pod FailedMount": (message) => `its volume cannot be mounted: ${message}`,
  "Pod FailedAttachVolume": (message) => `its volume cannot be attached: ${message}`,
  "Pod SuccessfulAttachVolume": () => "its volume was attached",
  "Pod TaintManagerEviction": (message) => (message.startsWith("Cancelling") ? "its pod stays after all: its node is back" : "its pod is evicted: its node is lost or drained"),
  "Deployment ScalingReplicaSet": (message) =>
    matched(/^Scaled (up|down) replica set (\S+).* to (\d+)/, message, (way, replicaSet, count) => `scaled ${way} to ${count} pod${count === "1" ? "" : "s"} (${replicaSet})`),
  "ReplicaSet SuccessfulCreate": (message) => matched(/: (\S+)$/, message, (pod) => `pod ${pod} was made`),
  "ReplicaSet SuccessfulDelete": (message) => matched(/: (\S+)$/, message, (pod) => `pod ${pod} was deleted`),
  "ReplicaSet FailedCreate": (message) => `its pod cannot be made: ${message}`,
  "PersistentVolumeClaim ProvisioningSucceeded": (message) => matched(/(\S+)$/, message, (volume) => `its volume was made: ${volume}`),
  "PersistentVolumeClaim ProvisioningFailed": (message) => `its volume cannot be made: ${message}`,
  "PersistentVolumeClaim WaitForFirstConsumer": () => "its volume waits for its pod",
  "PersistentVolumeClaim Provisioning": () => "its volume is being made",
  "PersistentVolumeClaim ExternalProvisioning": () => "its volume waits for the storage provider",
  "PodDisruptionBudget NoPods": () => "there is no agent's pod yet to protect from drains",
  "SecretStore Valid": () => "External Secrets reaches Vault",
  "ExternalSecret Updated": () => "its secrets were synced from Vault",
  "ExternalSecret Created": () => "its secrets were synced from Vault for the first time",
  "ExternalSecret UpdateFailed": (message) => `its secrets are not synced from Vault: ${message}`,
};

/** What happened, in words, on one line. */
export function eventWords({ kind, reason, message }: EventSaying): string {
  // Kubernetes puts many of a kind together; how many they were is told beside the words.
  const said = message === "" ? reason : message.replace(/^\(combined from similar events\): /, "");
  return excerpt(TELLERS[`${kind} ${reason}`]?.(said) ?? said);
}

function pulledWords(message: string): string | undefined {
  if (/already present/.test(message)) return "its image is on the node already";
  const [, took] = /^Successfully pulled image .* in ([\d.]+m?s)/.exec(message) ?? [];
  return took === undefined ? undefined : `its image was pulled in ${took}`;
}

function matched(pattern: RegExp, message: string, tell: (...groups: string[]) => string): string | undefined {
  const match = pattern.exec(message);
  return match ? tell(...match.slice(1)) : undefined;
}
