import type { Fleet } from "../spec/fleet.ts";
import { fleetLabels } from "./labels.ts";
import type { Manifest } from "./manifest.ts";

/** Name of the fleet's PodDisruptionBudget. */
const AGENTS_BUDGET = "agents";

/**
 * One budget over all agents: by default `kubectl drain` evicts one, and waits until it is Ready elsewhere before the next.
 * A pod that is not Ready anyway is evicted whenever asked for: it must not block a drain (docs/decisions/0004).
 */
export function renderDisruptionBudget(fleet: Fleet): Manifest {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: AGENTS_BUDGET, namespace: fleet.metadata.namespace, labels: fleetLabels(fleet) },
    spec: {
      maxUnavailable: fleet.spec.disruption.maxDisrupted,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { "app.kubernetes.io/component": "agent", "app.kubernetes.io/part-of": fleet.metadata.name } },
    },
  };
}
