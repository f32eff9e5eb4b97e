import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import type { AgentObjects } from "./agent-facts.ts";
import { readiness } from "./readiness.ts";

const REVISION = "deployment.kubernetes.io/revision";

function object(kind: string, name: string, rest: Record<string, unknown> = {}): Manifest {
  return { apiVersion: "v1", kind, metadata: { name, namespace: "bots" }, ...rest };
}

function deployment(status: Record<string, unknown> = {}, generation = 2): Manifest {
  const counts = { observedGeneration: generation, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  return {
    ...object("Deployment", "clovis", { spec: { replicas: 1 }, status: { ...counts, ...status } }),
    metadata: { name: "clovis", namespace: "bots", generation, annotations: { [REVISION]: "2" } },
  };
}

function replicaSet(revision: string): Manifest {
  const metadata = { labels: { "pod-template-hash": `h${revision}` }, annotations: { [REVISION]: revision } };
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: `clovis-${revision}`, ...metadata } };
}

const replicaSets = [replicaSet("1"), replicaSet("2")];

function pod(status: Record<string, unknown>, metadata: Record<string, unknown> = {}): Manifest {
  return {
    ...object("Pod", "clovis-2-abc", { spec: { nodeName: "bots-1" }, status }),
    metadata: { name: "clovis-2-abc", namespace: "bots", labels: { "pod-template-hash": "h2" }, ...metadata },
  };
}

const container = (status: Record<string, unknown>) => ({ containerStatuses: [{ name: "openclaw", ...status }] });
const running = { conditions: [{ type: "Ready", status: "True" }], ...container({ state: { running: {} } }) };
const unavailable = { availableReplicas: 0, unavailableReplicas: 1 };

function waiting(reason: string, message: string, rest: Record<string, unknown> = {}): Manifest {
  return pod(container({ restartCount: 0, state: { waiting: { reason, message } }, ...rest }));
}

function terminated(exitCode: number, reason: string, message = ""): Record<string, unknown> {
  return { lastState: { terminated: { exitCode, reason, message } } };
}

function event(subject: string, reason: string, message: string, times: Record<string, unknown> = {}): Manifest {
  const [kind, name] = subject.split("/");
  return object("Event", `${reason}.1`, { type: "Warning", reason, message, involvedObject: { kind, name }, ...times });
}

/** As the kubelet counts up one event for a mount that it tries again and again. */
function failedMount(lastTimestamp: string): Manifest {
  const times = { firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp };
  return event("Pod/clovis-2-abc", "FailedMount", 'configmaps "clovis-config" is forbidden: no relationship found', times);
}

function agent(objects: Partial<AgentObjects>): AgentObjects {
  return { name: "clovis", deployment: deployment(unavailable), replicaSets, pods: [], events: [], ...objects };
}

const oldCrashing = {
  ...waiting("CrashLoopBackOff", "back-off", { restartCount: 9, ...terminated(1, "Error") }),
  metadata: { name: "clovis-1-old", labels: { "pod-template-hash": "h1" } },
};

interface Case {
  readonly title: string;
  readonly objects: AgentObjects;
  readonly generation?: number;
  readonly state: string;
  /** Of the first problem. */
  readonly reason?: string;
  readonly says?: RegExp | typeof NOTHING;
}

const NOTHING = Symbol("no problem is told");

const CASES: readonly Case[] = [
  { title: "nothing there", objects: { name: "clovis", pods: [], replicaSets: [], events: [] }, state: "absent" },
  { title: "rolled out, pod Ready", objects: agent({ deployment: deployment(), pods: [pod(running)] }), state: "ready" },
  {
    title: "the counts are right but the pod is not Ready any more",
    objects: agent({ deployment: deployment(), pods: [pod({ conditions: [{ type: "Ready", status: "False" }] })] }),
    state: "progressing",
  },
  {
    title: "an answer about the generation before the one that was written",
    objects: agent({ deployment: deployment(), pods: [pod(running)] }),
    generation: 3,
    state: "progressing",
  },
  {
    title: "the controller has not seen the newest template",
    objects: agent({ deployment: deployment({ observedGeneration: 1 }), pods: [pod(running)] }),
    state: "progressing",
  },
  { title: "the old template's pod crashes: that is why it was changed", objects: agent({ pods: [oldCrashing] }), state: "progressing" },
  {
    title: "the old pod still drains",
    objects: agent({ pods: [{ ...oldCrashing, metadata: { ...oldCrashing.metadata, deletionTimestamp: "2026-01-01" } }] }),
    state: "progressing",
    reason: "Draining",
    says: /finishing its running turns/,
  },
  {
    title: "an image that does not exist",
    objects: agent({ pods: [waiting("ImagePullBackOff", "reading manifest: manifest unknown")] }),
    state: "failed",
    reason: "ImagePullBackOff",
    says: /manifest unknown/,
  },
  {
    title: "a registry that does not answer may come back",
    objects: agent({ pods: [waiting("ErrImagePull", "dial tcp: i/o timeout")] }),
    state: "progressing",
    reason: "ErrImagePull",
  },
  {
    title: "the start guard refuses: starting again changes nothing",
    objects: agent({ pods: [waiting("CrashLoopBackOff", "", { restartCount: 1, ...terminated(78, "Error", "OPENCLAW_OLDER_THAN_STATE: no") })] }),
    state: "failed",
    reason: "CrashLoopBackOff",
    says: /exit code 78, Error: OPENCLAW_OLDER_THAN_STATE: no/,
  },
  {
    title: "a first crash is forgiven",
    objects: agent({ pods: [waiting("CrashLoopBackOff", "", { restartCount: 1, ...terminated(1, "Error") })] }),
    state: "progressing",
  },
  {
    title: "the third start crashed as well",
    objects: agent({ pods: [waiting("CrashLoopBackOff", "", { restartCount: 2, ...terminated(137, "OOMKilled") })] }),
    state: "failed",
    says: /OOMKilled/,
  },
  {
    title: "after crashes it runs again, not Ready yet",
    objects: agent({ pods: [pod(container({ restartCount: 5, state: { running: {} }, ...terminated(1, "Error") }))] }),
    state: "progressing",
  },
  {
    title: "no node takes it",
    objects: agent({
      pods: [pod({ conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }] })],
    }),
    state: "progressing",
    reason: "FailedScheduling",
    says: /0\/3 nodes/,
  },
  {
    title: "a volume that nobody provisions",
    objects: agent({
      claim: object("PersistentVolumeClaim", "clovis-state", { status: { phase: "Pending" } }),
      events: [event("PersistentVolumeClaim/clovis-state", "ProvisioningFailed", "storageclass not found")],
    }),
    state: "progressing",
    reason: "ProvisioningFailed",
    says: /clovis-state is Pending: storageclass not found/,
  },
  {
    title: "secrets that do not come from Vault",
    objects: agent({
      externalSecret: object("ExternalSecret", "clovis-env", {
        status: { conditions: [{ type: "Ready", status: "False", reason: "SecretSyncedError", message: "could not get secret" }] },
      }),
    }),
    state: "progressing",
    reason: "SecretSyncedError",
    says: /not synced from Vault: could not get secret/,
  },
  {
    title: "a failing probe, from its event",
    objects: agent({
      pods: [pod(container({ state: { running: {} } }))],
      events: [event("Pod/clovis-2-abc", "Unhealthy", "Startup probe failed: HTTP 503")],
    }),
    state: "progressing",
    reason: "Unhealthy",
    says: /HTTP 503/,
  },
  {
    title: "mounts that fail in a new pod's first seconds settle by themselves",
    objects: agent({ pods: [pod({})], events: [failedMount("2026-01-01T00:00:03Z")] }),
    state: "progressing",
    says: NOTHING,
  },
  {
    title: "a mount that goes on failing",
    objects: agent({ pods: [pod({})], events: [failedMount("2026-01-01T00:00:15Z")] }),
    state: "progressing",
    reason: "FailedMount",
    says: /clovis-config" is forbidden/,
  },
  {
    title: "a quota that forbids the pod",
    objects: agent({
      deployment: deployment({
        ...unavailable,
        conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota" }],
      }),
    }),
    state: "failed",
    reason: "FailedCreate",
    says: /exceeded quota/,
  },
];

describe("readiness", () => {
  test.each(CASES)("$title: $state", ({ objects, generation, state, reason, says }) => {
    const result = readiness(objects, generation);
    expect(result.state).toBe(state);
    if (reason !== undefined) expect(result.problems[0]?.reason).toBe(reason);
    if (says === NOTHING) expect(result.problems).toEqual([]);
    else if (says) expect(result.problems[0]?.message).toMatch(says);
  });
});
