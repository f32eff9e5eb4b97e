import type { Cluster } from "../../cluster/cluster.ts";
import { configGet } from "../../gateway/administration.ts";
import type { GatewayClient } from "../../gateway/client.ts";
import type { ConfigurationChange } from "../../plan/configuration-path.ts";
import { configurationDrift } from "../../plan/drift.ts";
import { agentNames } from "../../render/names.ts";
import { CONFIGURATION_KEY } from "../../render/start-guard.ts";
import { FrotaError } from "../../spec/error.ts";
import { isPlainMap, type PlainMap } from "../../spec/plain-data.ts";
import { mapsAt, textAt } from "../../spec/plain-field.ts";

/** The agent's own configuration compared with what the cluster declares for it. Values are not masked. */
export interface AgentDrift {
  readonly changes: readonly ConfigurationChange[];
  /** The declaration was applied after the agent's start: a key that waits for its restart looks like the agent's doing. */
  readonly isDeclarationNewer: boolean;
}

/** Where an agent runs. */
export interface RunningAgent {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agent: string;
  readonly pod: string;
}

/** Reads what an agent changed itself. Throws as `configGet`, and DECLARATION_MISSING. */
export async function readDrift(running: RunningAgent, gateway: GatewayClient): Promise<AgentDrift> {
  const { cluster, namespace, agent, pod } = running;
  const name = agentNames({ metadata: { name: agent } }).configuration;
  const [configMap, podObject, { parsed }] = await Promise.all([
    cluster.get({ apiVersion: "v1", kind: "ConfigMap", namespace, name }),
    cluster.get({ apiVersion: "v1", kind: "Pod", namespace, name: pod }),
    configGet(gateway),
  ]);
  const declared = parseDeclaration(textAt(configMap, "data", CONFIGURATION_KEY));
  if (declared === undefined) throw missing(namespace, name);
  const applied = mapsAt(configMap, "metadata", "managedFields").map(({ time }) => Date.parse(String(time)));
  const [container] = mapsAt(podObject, "status", "containerStatuses");
  const started = Date.parse(textAt(container, "state", "running", "startedAt") ?? "");
  return { changes: configurationDrift(declared, parsed), isDeclarationNewer: applied.some((time) => time > started) };
}

function parseDeclaration(text: string | undefined): PlainMap | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isPlainMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function missing(namespace: string, name: string): FrotaError {
  return new FrotaError({
    code: "DECLARATION_MISSING",
    message: "the agent's declared configuration is not there, or not a JSON object",
    where: { kind: "ConfigMap", namespace, name },
    next: "frota apply",
  });
}
