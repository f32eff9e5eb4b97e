import type { Manifest } from "../../render/manifest.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { DNS_ADDRESS } from "../sandbox/network.ts";

/** The storage class of the fleet, served by the lab's provisioner, with production's reclaim policy and expansion. */
export function storageClass(fleet: Fleet, provisioner: string): Manifest {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: fleet.spec.storage.className },
    provisioner,
    reclaimPolicy: "Delete",
    volumeBindingMode: "Immediate",
    allowVolumeExpansion: true,
  };
}

/** A process of the lab, outside the cluster, as a Service that pods find by name. */
export interface HostedService {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly clusterIp?: string;
  readonly ports: readonly { readonly name: string; readonly protocol: "TCP" | "UDP"; readonly port: number }[];
}

/** Service and EndpointSlice for a process of the lab. */
export function hostedServiceObjects(service: HostedService): Manifest[] {
  const { name, namespace } = service;
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { ports: service.ports, ...(service.clusterIp ? { clusterIP: service.clusterIp } : {}) },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [service.address], conditions: { ready: true } }],
      ports: service.ports,
    },
  ];
}

/** Cluster DNS at its well-known address, and Vault at the name that the Fleet gives it. */
export function hostedServices(labAddress: string, vaultPort: number): HostedService[] {
  return [
    {
      namespace: "kube-system",
      name: "kube-dns",
      address: labAddress,
      clusterIp: DNS_ADDRESS,
      ports: [
        { name: "dns", protocol: "UDP", port: 53 },
        { name: "dns-tcp", protocol: "TCP", port: 53 },
      ],
    },
    { namespace: "vault", name: "vault", address: labAddress, ports: [{ name: "https", protocol: "TCP", port: vaultPort }] },
  ];
}

/** What production's platform team puts beside the fleet: Vault's authority and the registry's credentials. */
export function fleetPrerequisites(fleet: Fleet, vaultAuthority: string, dockerConfig: string): Manifest[] {
  const { namespace } = fleet.metadata;
  const authority = fleet.spec.vault.certificateAuthority;
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...(authority
      ? [
          {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: authority.configMap, namespace },
            data: { [authority.key]: vaultAuthority },
          },
        ]
      : []),
    ...fleet.spec.image.pullSecrets.map((name) => ({
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/dockerconfigjson",
      metadata: { name, namespace },
      data: { ".dockerconfigjson": Buffer.from(dockerConfig).toString("base64") },
    })),
  ];
}
