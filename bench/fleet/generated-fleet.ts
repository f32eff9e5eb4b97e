import { stringify } from "yaml";
import { renderAgent } from "../../src/render/agent.ts";
import { renderFleet } from "../../src/render/fleet.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { agentNames } from "../../src/render/names.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import type { FleetSource } from "../../src/spec/repository.ts";

/** Namespace of the measured fleet, value of its nodes' pool label, and name of its storage class. */
export const BENCH = "bench";
/** Label by which a Fleet names its nodes. */
export const POOL_LABEL = "doks.digitalocean.com/node-pool";
/** Keys that every measured agent requires. */
export const REQUIRED_KEYS = ["GEMINI_API_KEY", "LINEAR_API_KEY", "OPENCLAW_GATEWAY_TOKEN"] as const;

/** What a measured fleet is made from. */
export interface FleetSize {
  readonly agents: number;
  /** Repository of the agents' image, without a tag. */
  readonly repository: string;
  /** As in the Fleet; absent for its default. */
  readonly maxDisrupted?: number | string;
}

/** A fleet of any size, in the shapes that are needed of it. */
export interface GeneratedFleet {
  readonly source: FleetSource;
  readonly names: readonly string[];
  /** The Fleet and Agent resources, as an operated fleet applies them. */
  readonly fleet: Manifest;
  readonly agents: readonly Manifest[];
}

function fleetDocument({ repository, maxDisrupted }: FleetSize): Manifest {
  return {
    apiVersion: "frota.dev/v1alpha1",
    kind: "Fleet",
    metadata: { name: BENCH, namespace: BENCH },
    spec: {
      nodePool: { name: BENCH },
      image: { repository },
      storage: { className: BENCH },
      vault: {
        address: "https://vault.vault.svc.cluster.local:8200",
        auth: { role: "agents" },
        certificateAuthority: { configMap: "vault-ca" },
      },
      ...(maxDisrupted === undefined ? {} : { disruption: { maxDisrupted } }),
      defaults: {
        secrets: { required: ["OPENCLAW_GATEWAY_TOKEN", "GEMINI_API_KEY"] },
        openclaw: { agents: { defaults: { model: { primary: "google/gemini-3.1-pro-preview" } } } },
      },
    },
  };
}

function agentDocument(name: string): Manifest {
  return {
    apiVersion: "frota.dev/v1alpha1",
    kind: "Agent",
    metadata: { name, namespace: BENCH },
    spec: { secrets: { required: ["LINEAR_API_KEY"] }, env: { TEAM: name } },
  };
}

/** Makes the fleet. Throws when the repository's own rules find a fault in it. */
export function generateFleet(size: FleetSize): GeneratedFleet {
  const names = Array.from({ length: size.agents }, (_, index) => `agent-${String(index).padStart(4, "0")}`);
  const fleet = fleetDocument(size);
  const agents = names.map(agentDocument);
  const files = new Map([["fleet.yaml", stringify(fleet)]]);
  for (const agent of agents) files.set(`${agent.metadata.name}/agent.yaml`, stringify(agent));
  const { source, diagnostics } = assembleFleet(files);
  const fault = diagnostics.find(({ severity }) => severity === "error");
  if (!source || fault) throw new Error(`the generated fleet is not valid: ${JSON.stringify(fault)}`);
  return { source, names, fleet, agents };
}

/** The fleet's own objects that External Secrets needs: the SecretStore and its ServiceAccount. */
export function secretStore({ source }: GeneratedFleet): Manifest[] {
  return renderFleet(source.fleet).filter(({ kind }) => kind === "SecretStore" || kind === "ServiceAccount");
}

/** All objects of all agents, agent by agent. */
export function renderedObjects({ source }: GeneratedFleet): Manifest[] {
  return source.agents.flatMap((agent) => renderAgent(source.fleet, agent));
}

/** The name of the volume that is made for a claim. */
export function volumeOf(claim: string): string {
  return `${BENCH}-${claim}`;
}

/** A volume for each agent's claim: nothing is provisioned. */
export function volumes({ source }: GeneratedFleet): Manifest[] {
  return source.agents.map(({ agent }) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volumeOf(agentNames(agent).volumeClaim), labels: { [POOL_LABEL]: BENCH } },
    spec: {
      capacity: { storage: agent.spec.storage.size },
      accessModes: ["ReadWriteOnce"],
      // As a provisioner makes it: what must be done to keep the volume is part of the measurement.
      persistentVolumeReclaimPolicy: "Delete",
      storageClassName: BENCH,
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: BENCH, name: agentNames(agent).volumeClaim },
      hostPath: { path: `/nowhere/${agent.metadata.name}` },
    },
  }));
}
