import type { Condition } from "../../decide/status.ts";
import type { Manifest } from "../../render/manifest.ts";
import { mapsAt, numberAt, textAt } from "../../spec/plain-field.ts";

/** The condition of this type in a resource's status, as the controller last wrote it. */
export function conditionOf(resource: Manifest | undefined, type: Condition["type"]): Pick<Condition, "status" | "reason" | "message"> | undefined {
  const found = mapsAt(resource, "status", "conditions").find((entry) => entry["type"] === type);
  if (!found) return undefined;
  const status = textAt(found, "status");
  return {
    status: status === "True" || status === "False" ? status : "Unknown",
    reason: textAt(found, "reason") ?? "",
    message: textAt(found, "message") ?? "",
  };
}

/** The controller's answer to the resource as it is now has been given: nothing older is taken for it. */
export function isAnswered(resource: Manifest): boolean {
  const generation = numberAt(resource, "metadata", "generation") ?? 0;
  return (numberAt(resource, "status", "observedGeneration") ?? -1) >= generation;
}

/**
 * Where an agent stands: `ready` as declared, `stalled` until somebody changes something, or under way. An answer to an older
 * generation is no answer.
 */
export function standingOf(resource: Manifest): "ready" | "stalled" | "waiting" {
  if (!isAnswered(resource)) return "waiting";
  if (conditionOf(resource, "Stalled")?.status === "True") return "stalled";
  const isReconciling = conditionOf(resource, "Reconciling")?.status === "True";
  return conditionOf(resource, "Ready")?.status === "True" && !isReconciling ? "ready" : "waiting";
}
