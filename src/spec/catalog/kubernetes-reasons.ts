const NOT_PULLED = ["IMAGE_UNKNOWN", "IMAGE_PULL_DENIED", "IMAGE_REGISTRY_AWAY", "IMAGE_PLATFORM", "IMAGE_INCOMPLETE", "IMAGE_PULL_FAILED"];
const NOT_PLACED = ["NODE_POOL_MISSING", "NODE_POOL_FULL", "NODE_POOL_CORDONED", "NODE_POOL_TAINTED", "VOLUME_NOT_BOUND", "VOLUME_IN_OTHER_ZONE", "UNSCHEDULABLE"];

/** What `kubectl` shows of an agent in trouble (reasons of pods, containers and Events), and the codes that `frota doctor --agent` tells it apart by, the likeliest first. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  OOMKilled: ["OUT_OF_MEMORY"],
  CrashLoopBackOff: ["CONFIGURATION_INVALID", "GATEWAY_CRASHES", "NODE_VERSION_UNSUPPORTED", "OUT_OF_MEMORY", "STATE_LEASE_HELD", "LIVENESS_PROBE_FAILED"],
  BackOff: ["GATEWAY_CRASHES", "IMAGE_PULL_FAILED"],
  ErrImagePull: NOT_PULLED,
  ImagePullBackOff: NOT_PULLED,
  InvalidImageName: ["IMAGE_NAME_INVALID"],
  CreateContainerConfigError: ["CONTAINER_CONFIG"],
  CreateContainerError: ["CONTAINER_CANNOT_RUN"],
  RunContainerError: ["CONTAINER_CANNOT_RUN"],
  Unhealthy: ["STARTUP_PROBE_FAILED", "GATEWAY_UNREADY", "LIVENESS_PROBE_FAILED"],
  Pending: NOT_PLACED,
  FailedScheduling: NOT_PLACED,
  Evicted: ["POD_EVICTED"],
  NodeNotReady: ["NODE_NOT_READY"],
  NodeLost: ["NODE_NOT_READY", "NODE_GONE", "POD_STUCK_TERMINATING"],
  Terminating: ["POD_DRAINING", "POD_STUCK_TERMINATING"],
  FailedCreate: ["POD_REFUSED"],
  FailedMount: ["MOUNT_SOURCE_MISSING", "VOLUME_NOT_MOUNTED"],
  FailedAttachVolume: ["VOLUME_ATTACHED_ELSEWHERE", "VOLUME_NOT_ATTACHED"],
  ProvisioningFailed: ["VOLUME_NOT_PROVISIONED", "STORAGE_CLASS_MISSING"],
  SecretSyncedError: ["SYNC_FAILED", "SYNC_PATH_MISSING", "SYNC_VAULT_DENIED", "SYNC_VAULT_SEALED", "SYNC_VAULT_UNREACHABLE", "SYNC_VAULT_CERTIFICATE"],
};

/** A word of Kubernetes, as it spells it, and the codes that may be behind it, the likeliest first; capitals do not matter. Undefined for a word that is not known. */
export function codesOfReason(word: string): { readonly reason: string; readonly codes: readonly string[] } | undefined {
  const found = Object.entries(REASONS).find(([reason]) => reason.toLowerCase() === word.toLowerCase());
  return found && { reason: found[0], codes: found[1] };
}

/** All codes that a reason may stand for; a test finds each in the catalog. */
export const CODES_OF_REASONS: readonly string[] = Object.values(REASONS).flat();
