import { isPlainMap, type PlainMap } from "../spec/plain-data.ts";
import type { FleetSource } from "../spec/repository.ts";

/** Where the lab's stand-in model server listens. */
export interface ModelServer {
  readonly address: string;
  readonly port: number;
}

/**
 * The fleet as the lab runs it: the committed one, with the endpoint of its model provider replaced by the stand-in
 * and one egress rule that lets agents reach it. Nothing else differs; a test asserts that.
 */
export function overlayForLab(source: FleetSource, model: ModelServer): FleetSource {
  return {
    ...source,
    agents: source.agents.map((entry) => {
      const { spec } = entry.agent;
      const egress = { cidr: `${model.address}/32`, ports: [model.port], protocol: "TCP" as const };
      return {
        ...entry,
        agent: {
          ...entry.agent,
          spec: {
            ...spec,
            openclaw: withModelEndpoint(spec.openclaw, `http://${model.address}:${model.port}`),
            network: { ...spec.network, egress: [...spec.network.egress, egress] },
          },
        },
      };
    }),
  };
}

function withModelEndpoint(openclaw: Record<string, unknown>, baseUrl: string): Record<string, unknown> {
  const models = asObject(openclaw["models"]);
  const providers = asObject(models["providers"]);
  const google = { ...asObject(providers["google"]), baseUrl, api: "google-generative-ai" };
  return {
    ...openclaw,
    models: { ...models, providers: { ...providers, google: { models: [], ...google } } },
  };
}

function asObject(value: unknown): PlainMap {
  return isPlainMap(value) ? value : {};
}
