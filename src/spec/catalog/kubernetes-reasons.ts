const NOT_PULLED = ["IMAGE_UNKNOWN", "IMAGE_PULL_DENIED", "IMAGE_REGISTRY_AWAY", "IMAGE_PLATFORM", "IMAGE_INCOMPLETE", "IMAGE_PULL_FAILED"];
const NOT_PLACED = ["NODE_POOL_MISSING", "NODE_POOL_FULL", "NODE_POOL_CORDONED", "NODE_POOL_TAINTED", "VOLUME_NOT_BOUND", "VOLUME_IN_OTHER_ZONE", "UNSCHEDULABLE"];

const NOT_SYNCED = ["SYNC_FAILED", "SYNC_PATH_MISSING", "SYNC_VAULT_DENIED", "SYNC_VAULT_SEALED", "SYNC_VAULT_UNREACHABLE", "SYNC_VAULT_CERTIFICATE"];
const NOT_ATTACHED = ["VOLUME_ATTACHED_ELSEWHERE", "VOLUME_NOT_ATTACHED"];
const NOT_MOUNTED = ["MOUNT_SOURCE_MISSING", "VOLUME_NOT_MOUNTED"];

/** What `kubectl` shows of an agent in trouble (reasons of pods, containers, Events and Agents, exit codes), and the codes that `frota doctor --agent` tells it apart by, the likeliest first. */
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
  FailedMount: NOT_MOUNTED,
  FailedAttachVolume: NOT_ATTACHED,
  "Multi-Attach error": ["VOLUME_ATTACHED_ELSEWHERE"],
  ContainerCreating: [...NOT_ATTACHED, ...NOT_MOUNTED],
  ProvisioningFailed: ["VOLUME_NOT_PROVISIONED", "STORAGE_CLASS_MISSING"],
  SecretSyncedError: NOT_SYNCED,
  SecretNotSynced: NOT_SYNCED,
  MissingKeys: ["SECRET_KEYS_MISSING", "VAULT_KEYS_MISSING"],
  StateNewer: ["STATE_NEWER_THAN_OPENCLAW", "OPENCLAW_OLDER_THAN_STATE"],
  NotReady: ["AGENT_NOT_READY", "NODE_NOT_READY"],
  "Exit code 78": ["CONFIGURATION_INVALID", "SECRET_MISSING", "OPENCLAW_OLDER_THAN_STATE"],
  "Exit code 137": ["OUT_OF_MEMORY"],
};

/** A word of Kubernetes, as it spells it, and the codes that may be behind it, the likeliest first; capitals do not matter, and `137` is an exit code. Undefined for a word that is not known. */
export function codesOfReason(word: string): { readonly reason: string; readonly codes: readonly string[] } | undefined {
  const wanted = plain(word).replace(/^(?:exit)?(?:code)?(?=\d+$)/, "exitcode");
  const found = Object.entries(REASONS).find(([reason]) => plain(reason) === wanted);
  return found && { reason: found[0], codes: found[1] };
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[\s:-]/g, "");
}

/** All codes that a reason may stand for; a test finds each in the catalog. */
export const CODES_OF_REASONS: readonly string[] = Object.values(REASONS).flat();
