import { isPlainMap, type PlainMap } from "../spec/plain-data.ts";
import type { FleetSource } from "../spec/repository.ts";

/** Where the lab's stand-in model server listens. */
export interface ModelServer {
  readonly address: string;
  readonly port: number;
}

/**
 * The fleet as the lab runs it: the committed one, with the endpoint of its model provider replaced by the stand-in
 * and one egress rule that lets agents reach it. Nothing else differs; a test asserts that. In the resources as written
 * (the operated way) the same is said once, in the Fleet's defaults.
 */
export function overlayForLab(source: FleetSource, model: ModelServer): FleetSource {
  return {
    ...source,
    written: { ...source.written, spec: overlayDefaults(asObject(source.written["spec"]), model) },
    agents: source.agents.map((entry) => ({ ...entry, agent: { ...entry.agent, spec: overlaySpec(entry.agent.spec, model) } })),
  };
}

function overlayDefaults(spec: PlainMap, model: ModelServer): PlainMap {
  const defaults = asObject(spec["defaults"]);
  const network = asObject(defaults["network"]);
  const egress = Array.isArray(network["egress"]) ? (network["egress"] as readonly unknown[]) : [];
  return { ...spec, defaults: overlaySpec({ ...defaults, openclaw: asObject(defaults["openclaw"]), network: { ...network, egress } }, model) };
}

function overlaySpec<Spec extends { readonly openclaw: PlainMap; readonly network: { readonly egress: readonly unknown[] } }>(
  spec: Spec,
  { address, port }: ModelServer,
): Spec {
  const egress = { cidr: `${address}/32`, ports: [port], protocol: "TCP" };
  return {
    ...spec,
    openclaw: withModelEndpoint(spec.openclaw, `http://${address}:${port}`),
    network: { ...spec.network, egress: [...spec.network.egress, egress] },
  };
}

function withModelEndpoint(openclaw: PlainMap, baseUrl: string): PlainMap {
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
