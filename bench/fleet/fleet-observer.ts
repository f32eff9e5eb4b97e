import type { Cluster } from "../../src/cluster/cluster.ts";
import { AGENT_LABEL } from "../../src/engine/observe/agent-facts.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { mapsAt, numberAt, textAt } from "../../src/spec/plain-field.ts";
import { Counter } from "./counter.ts";
import { Disruption } from "./disruption.ts";
import { BENCH } from "./generated-fleet.ts";

/** Watches the measured namespace with a connection of its own, independent of what is measured. */
export class FleetObserver {
  /** Deployments whose present generation is available. */
  readonly deployments = new Counter();
  /** Agent resources whose condition Ready is True for the present generation. */
  readonly agents = new Counter();
  readonly disruption = new Disruption();
  readonly #cluster: Cluster;
  readonly #abort = new AbortController();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    void this.#follow("apps/v1", "Deployment", (object, isGone) => this.deployments.set(object.metadata.name, !isGone && isAvailable(object)));
    void this.#follow("v1", "Pod", (pod, isGone) => this.disruption.see(pod.metadata.labels?.[AGENT_LABEL] ?? "?", pod.metadata.name, !isGone && serves(pod)));
    void this.#follow("frota.dev/v1alpha1", "Agent", (object, isGone) => this.agents.set(object.metadata.name, !isGone && isReady(object)));
  }

  close(): void {
    this.#abort.abort();
  }

  async #follow(apiVersion: string, kind: string, act: (object: Manifest, isGone: boolean) => void): Promise<void> {
    for await (const event of this.#cluster.watch({ apiVersion, kind }, { namespace: BENCH }, this.#abort.signal)) {
      if (event.type === "synced") for (const object of event.objects) act(object, false);
      if (event.type === "changed") act(event.object, false);
      if (event.type === "removed") act(event.object, true);
    }
  }
}

function condition(object: Manifest, type: string): string | undefined {
  return textAt(
    mapsAt(object, "status", "conditions").find((entry) => entry["type"] === type),
    "status",
  );
}

function isAvailable(deployment: Manifest): boolean {
  const { generation } = deployment.metadata;
  return numberAt(deployment, "status", "observedGeneration") === generation && (numberAt(deployment, "status", "availableReplicas") ?? 0) > 0;
}

function isReady(agent: Manifest): boolean {
  return condition(agent, "Ready") === "True" && numberAt(agent, "status", "observedGeneration") === agent.metadata["generation"];
}

function serves(pod: Manifest): boolean {
  return pod.metadata["deletionTimestamp"] === undefined && condition(pod, "Ready") === "True";
}
