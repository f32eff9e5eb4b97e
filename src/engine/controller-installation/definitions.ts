import { referenceOf, type Cluster } from "../../cluster/cluster.ts";
import { renderDefinitions } from "../../render/controller.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { valueAt } from "../../spec/plain-data.ts";

/** What the cluster's definitions are, compared with this tool's. */
export interface DefinitionState {
  readonly name: string;
  /** `unknown`: this user may not ask. */
  readonly state: "current" | "different" | "absent" | "unknown";
}

/** Whether the cluster's CustomResourceDefinitions are this tool's own: the API server is asked what applying them would change. */
export async function definitionStates(cluster: Pick<Cluster, "get" | "apply">): Promise<DefinitionState[]> {
  return Promise.all(
    renderDefinitions().map(async (definition): Promise<DefinitionState> => {
      const { name } = definition.metadata;
      try {
        const live = await cluster.get(referenceOf(definition));
        if (!live) return { name, state: "absent" };
        const applied = await cluster.apply(definition, { dryRun: true, force: true });
        return { name, state: generation(applied) === generation(live) ? "current" : "different" };
      } catch (error) {
        if (error instanceof FrotaError && error.code === "FORBIDDEN") return { name, state: "unknown" };
        throw error;
      }
    }),
  );
}

function generation(object: Manifest): unknown {
  return valueAt(object, ["metadata", "generation"]);
}
