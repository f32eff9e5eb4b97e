import type { CatalogSection } from "./explanation.ts";

export const clusterDiagnoses: CatalogSection = {
  title: "Diagnoses of one agent: pod, volume, node",
  about: "Findings of `frota doctor --agent clovis` about what the cluster does for the agent.",
  codes: {
    CLAIM_LOST: {
      cause: "The claim names a PersistentVolume that is gone. The disk behind it may still be there.",
      remedy: "Do not delete the claim. Look for the disk at the storage provider; make a PersistentVolume for it, or restore a backup.",
    },
    CLAIM_MISSING: {
      cause: "There is a Deployment and no claim `clovis-state`: only a part of the files was applied, or somebody deleted the claim.",
      remedy: "`frota apply clovis` makes one. If there was one before, first look for its volume (`kubectl get pv`): it was set to be kept, and the memory is on it.",
    },
    DEPLOYMENT_MISSING: {
      cause: "The agent is declared, or its volume is there, and the cluster has no Deployment of it: not applied yet, or deleted.",
      remedy: "`frota apply clovis` makes it, with the memory that its volume holds.",
    },
    MOUNT_SOURCE_MISSING: {
      cause: "The pod mounts a ConfigMap or Secret that does not exist: only a part of the files was applied, or somebody deleted it.",
      remedy: "`frota apply clovis`; the kubelet goes on by itself.",
    },
    NODE_DISK_FULL: {
      cause: "The node's own disk is full, so that images cannot be unpacked.",
      remedy: "Larger disks for the pool. The kubelet removes images that nothing uses; `kubectl describe node` tells whether it can.",
    },
    NODE_GONE: {
      cause: "The machine that the pod is bound to was removed from the cluster.",
      remedy: "Kubernetes replaces the pod within about a minute. If it does not: `kubectl get pods -o wide`, and see that the pool has another node.",
    },
    NODE_NOT_READY: {
      cause: "The node's kubelet stopped reporting, or says that it is not well. The pod may still run there, and keeps the volume.",
      remedy: "Look at the machine at its provider. Only when it is certainly off, taint it `node.kubernetes.io/out-of-service`: the volume is freed and the agent starts elsewhere. Never while it might still run.",
    },
    NODE_POOL_CORDONED: {
      cause: "All nodes of the pool are marked unschedulable: maintenance, or an upgrade of the pool that stopped half-way.",
      remedy: "`kubectl uncordon` a node when the maintenance is over.",
    },
    NODE_POOL_FULL: {
      cause: "Every node of the pool lacks memory, CPU, pod or volume slots for this agent's requests.",
      remedy: "Add a node, or lower `spec.resources.requests`. `frota doctor` tells what is left on each node.",
    },
    NODE_POOL_MISSING: {
      cause: "No node has the label that the agents want (`spec.nodePool` of fleet.yaml): the pool does not exist, or has another name.",
      remedy: "Create the pool, or correct `spec.nodePool` and apply. On a cluster without pools, label a node.",
    },
    NODE_POOL_NOT_READY: {
      cause: "The pool has nodes, and none is ready.",
      remedy: "`kubectl describe node` says why; restart or replace the machines.",
    },
    NODE_POOL_TAINTED: {
      cause: "The pool's nodes have a taint other than the pool's own, which agents do not tolerate.",
      remedy: "Remove it (`kubectl taint node NODE KEY-`), or let the pool's taint be the key and value of `spec.nodePool`.",
    },
    POD_DRAINING: {
      cause: "The pod before this one finishes its running turns, up to 345 s; one gateway at a time uses the volume.",
      remedy: "Nothing: the next one starts after it.",
    },
    POD_EVICTED: {
      cause: "The node ran short of memory or disk itself, and the kubelet ended the pod.",
      remedy: "`kubectl describe node` says what is short. Requests near what the agent really uses keep that from happening.",
    },
    POD_REFUSED: {
      cause: "The Deployment wants a pod, and a quota, a limit range or an admission policy of the cluster refuses it.",
      remedy: "The message that is quoted names it: raise the quota, change the policy, or lower `spec.resources`.",
    },
    POD_STUCK_TERMINATING: {
      cause: "A pod that should have ended long ago is still listed: its node does not answer, so that nobody can say whether its gateway still runs.",
      remedy: "Bring the node back, or make certain that the machine is off and remove the Node. Force a deletion only then: two gateways on one volume destroy the memory.",
    },
    SCALED_TO_ZERO: {
      cause: "Somebody set the Deployment's replicas to 0.",
      remedy: "`kubectl scale deployment clovis --replicas=1 -n bots`, or `frota apply clovis`.",
    },
    STORAGE_CLASS_MISSING: {
      cause: "The claim wants a storage class that the cluster does not have (or names none, and no class is the default).",
      remedy: "Create the class, or correct `spec.storage.className`. The class of a claim that exists cannot change: an empty claim must be made anew.",
    },
    UNSCHEDULABLE: {
      cause: "No node takes the pod, and the scheduler's reason is none that Frota knows.",
      remedy: "Read the scheduler's words; `frota doctor` shows the pool.",
    },
    VOLUME_ATTACHED_ELSEWHERE: {
      cause: "The volume can be attached to one node at a time, and still is attached to the one where the agent ran before (Multi-Attach error).",
      remedy: "If that node is well, wait until the pod there has ended. If the machine is certainly off, taint it `node.kubernetes.io/out-of-service`; Kubernetes detaches by itself after 6 minutes otherwise.",
    },
    VOLUME_IN_OTHER_ZONE: {
      cause: "The volume exists in one zone (or on one machine), and the pool has no node there that takes the pod.",
      remedy: "Add a node of that zone. A disk does not move; a snapshot or backup can be restored elsewhere.",
    },
    VOLUME_LOCK_WAIT: {
      cause: "The new container waits for the kernel lock on the volume, because the gateway before it still finishes a turn.",
      remedy: "Nothing: it goes on after up to 345 s.",
    },
    VOLUME_NEARLY_FULL: {
      cause: "Less than 15 % of the volume is free. On a full one OpenClaw still says that it is ready, and loses what it writes.",
      remedy: "Raise `spec.storage.size` in agent.yaml, `frota render`, `frota apply clovis`: the volume grows while the agent runs.",
    },
    VOLUME_NOT_ATTACHED: {
      cause: "The storage driver does not get the volume to the node: an error of the provider, too many volumes on it, or a driver that does not run there.",
      remedy: "`kubectl describe volumeattachment` has the driver's words.",
    },
    VOLUME_NOT_BOUND: {
      cause: "The pod waits for its volume claim to be bound.",
      remedy: "`kubectl describe pvc clovis-state` has the provisioner's words.",
    },
    VOLUME_NOT_MOUNTED: {
      cause: "The volume is on the node, and the kubelet cannot mount it: a damaged file system, or a mount helper that fails.",
      remedy: "`kubectl describe pod` has the words. Take a snapshot before any repair, and never delete the claim: the memory is on it.",
    },
    VOLUME_NOT_PROVISIONED: {
      cause: "The storage provider refuses to make the volume: quota, size, zone, or its credentials.",
      remedy: "The event that is quoted has its words; after the reason is mended, it is tried again by itself.",
    },
    VOLUME_PENDING: {
      cause: "The volume claim waits, and nobody says for what: mostly the class's provisioner does not run.",
      remedy: "`kubectl describe pvc clovis-state`; look for the provisioner's pods.",
    },
  },
};
