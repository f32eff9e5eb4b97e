import { referenceOf, type Cluster, type ObjectReference } from "../../src/cluster/cluster.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { AGENT_LABEL } from "../../src/engine/observe/agent-facts.ts";
import { FrotaError } from "../../src/spec/error.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";

/** What a pod's gateway does when it is started. */
export type Behavior = "ready" | "crash" | "image-missing" | "secret-missing" | "hang";

/**
 * Stands in for node, storage and External Secrets where none runs: it writes the status that they would write. `log` tells in
 * order which agents' pods came, became ready and went.
 */
export class StandInNode {
  readonly log: string[] = [];
  /** What tags mean to it. */
  tagDigest = `sha256:${"a".repeat(64)}`;
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #abort = new AbortController();
  #behavior: (agent: string, pod: Manifest) => Behavior = () => "ready";

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    void this.#follow("v1", "Pod", (pod) => this.#start(pod));
    void this.#follow("v1", "PersistentVolumeClaim", (claim) => this.#provision(claim));
    void this.#follow("external-secrets.io/v1", "ExternalSecret", (secret) => this.#sync(secret));
  }

  /** How pods fare from now on. */
  behave(behavior: (agent: string, pod: Manifest) => Behavior): void {
    this.#behavior = behavior;
  }

  stop(): void {
    this.#abort.abort();
  }

  async #follow(apiVersion: string, kind: string, act: (object: Manifest) => Promise<unknown>): Promise<void> {
    const seen = new Set<unknown>();
    for await (const event of this.#cluster.watch({ apiVersion, kind }, { namespace: this.#namespace }, this.#abort.signal)) {
      if (event.type === "removed" && kind === "Pod") this.log.push(`gone ${agentOf(event.object)}`);
      const objects = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
      for (const object of objects) {
        if (seen.has(object.metadata["uid"])) continue;
        seen.add(object.metadata["uid"]);
        await act(object).catch(ignoreGone);
      }
    }
  }

  async #start(pod: Manifest): Promise<void> {
    const agent = agentOf(pod);
    this.log.push(`new ${agent}`);
    const behavior = this.#behavior(agent, pod);
    if (behavior === "hang") return;
    await this.#untilBound(`${agent}-state`);
    if (behavior === "ready") this.log.push(`ready ${agent}`);
    await this.#status(referenceOf(pod), STATUSES[behavior](digestOf(pod) ?? this.tagDigest));
  }

  async #untilBound(name: string): Promise<void> {
    const selection = { namespace: this.#namespace, fieldSelector: `metadata.name=${name}` };
    const claims = this.#cluster.watch({ apiVersion: "v1", kind: "PersistentVolumeClaim" }, selection, this.#abort.signal);
    for await (const event of claims) {
      const [claim] = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
      if (textAt(claim, "status", "phase") === "Bound") return;
    }
  }

  async #provision(claim: Manifest): Promise<void> {
    const { name, namespace, uid } = claim.metadata;
    await this.#cluster.apply({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `${this.#namespace}-${name}` },
      spec: {
        capacity: { storage: textAt(claim, "spec", "resources", "requests", "storage") },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Delete",
        storageClassName: textAt(claim, "spec", "storageClassName"),
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
        hostPath: { path: "/nowhere" },
      },
    });
  }

  async #sync(externalSecret: Manifest): Promise<void> {
    const conditions = [{ type: "Ready", status: "True", reason: "SecretSynced", message: "secret synced" }];
    await this.#status(referenceOf(externalSecret), { refreshTime: new Date().toISOString(), conditions });
  }

  #status(reference: ObjectReference, status: object): Promise<Manifest> {
    return this.#cluster.mergePatch(reference, { status }, { fieldManager: "stand-in", subresource: "status" });
  }
}

const container = (rest: object) => ({ name: "openclaw", image: "x", imageID: "", ready: false, restartCount: 0, ...rest });

/** The digest that the pod names; undefined for a tag. */
function digestOf(pod: Manifest): string | undefined {
  const image = textAt(mapsAt(pod, "spec", "containers")[0], "image");
  return /sha256:[0-9a-f]{64}$/.exec(image ?? "")?.[0];
}

const STATUSES: Readonly<Record<Exclude<Behavior, "hang">, (digest: string) => object>> = {
  ready: (digest) => ({
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }, { type: "ContainersReady", status: "True" }],
    containerStatuses: [container({ ready: true, imageID: `x@${digest}`, state: { running: { startedAt: new Date().toISOString() } } })],
  }),
  crash: () => ({
    phase: "Running",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [
      container({
        restartCount: 1,
        state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
        lastState: { terminated: { exitCode: 78, reason: "Error", message: "OPENCLAW_OLDER_THAN_STATE: too old" } },
      }),
    ],
  }),
  "image-missing": () => ({
    phase: "Pending",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [
      container({ state: { waiting: { reason: "ImagePullBackOff", message: "manifest unknown: not found" } } }),
    ],
  }),
  "secret-missing": () => ({
    phase: "Pending",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [container({ state: { waiting: { reason: "CreateContainerConfigError", message: 'secret "ana-env" not found' } } })],
  }),
};

function agentOf(pod: Manifest): string {
  return pod.metadata.labels?.[AGENT_LABEL] ?? "?";
}

/** A pod may go while its status is written. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof FrotaError) || error.code !== "NOT_FOUND") throw error;
}
