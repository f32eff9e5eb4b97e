/** Annotations by which the operated way keeps its durable facts; values are JSON where a shape is given. */
export const OPERATED = {
  /** On every object that the controller applies: see `appliedHash`. */
  applied: "frota.dev/applied",
  /** Deployment: the image to go back to, `sha256:...`. */
  previousDigest: "frota.dev/previous-digest",
  /** Deployment: what the agent failed on, `<digest>#<attempt>`. */
  failedDigest: "frota.dev/failed-digest",
  /** Deployment: the newest restart on purpose, `{"id","cause","at","detail","request"}`, `at` in ISO 8601. */
  restart: "frota.dev/restart",
  /** Deployment whose template, made in the plain way, says no Secret: `<digest of the template>:<HMAC of the Secret>`, as first seen. */
  adoptedSecret: "frota.dev/adopted-secret",
  /** ConfigMap of a configuration whose hot keys changed: see `HotKeysRecord`, written together with them. */
  hotKeys: "frota.dev/hot-keys",
  /** Volume claim: name of the volume that was set to Retain. */
  retainedVolume: "frota.dev/retained-volume",
  /** Fleet or Agent: what a person asks for, `{"id","verb","by","at"}`, `at` in ISO 8601; a Fleet's may name a `channel`, and lists what is `paused`. */
  requestedOperation: "frota.dev/requested-operation",
  /** Fleet: `{"until","by","reason"}`, `until` in ISO 8601. */
  freeze: "frota.dev/freeze",
  /** Fleet or Agent: `{"by","at","reason"}`. */
  suspended: "frota.dev/suspended",
  /** ControllerRevision: why the image is not rolled out any more. */
  rejected: "frota.dev/rejected",
  rejectedReason: "frota.dev/rejected-reason",
  /** ControllerRevision: which start of its rollout this is; 1 when absent. */
  attempt: "frota.dev/attempt",
  /** ControllerRevision: `id` of the operation that last marked it. */
  operation: "frota.dev/operation",
  /** ControllerRevision: `true` once its rollout was complete. */
  proven: "frota.dev/proven",
  /** Ledger: `uid` of the definition agents.frota.dev under which everything that ran was last declared. */
  agentDefinition: "frota.dev/agent-definition",
  /** Pod that brings an image to a node: the digest. */
  prePull: "frota.dev/pre-pull",
} as const;

/** `kubectl rollout restart` writes it on the pod template, and so does Frota in the plain way, so that both look the same. */
export const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
