import type { NetworkPeer } from "../spec/agent.ts";
import type { ResolvedAgent } from "../spec/repository.ts";
import type { Fleet } from "../spec/fleet.ts";
import { constant } from "./constant.ts";
import { agentLabels, controllerSelectorLabels, selectorLabels } from "./labels.ts";
import type { Manifest } from "./manifest.ts";
import { agentNames, CONTROLLER_NAMESPACE, GATEWAY_PORT } from "./names.ts";

/** IPv4 that is not the public internet: IANA's special-purpose registry, private, shared, link-local, multicast. */
const NOT_PUBLIC_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** The same for IPv6, with the ranges that embed IPv4 addresses (NAT64, 6to4, Teredo); the API server refuses ::ffff:0:0/96. */
const NOT_PUBLIC_V6 = [
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2001::/32",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
];

/** Who may reach an agent's gateway (the fleet's controller and those declared), and what the agent may reach. */
export function renderNetworkPolicy(fleet: Fleet, { agent }: ResolvedAgent): Manifest {
  const { ingress, egress } = agent.spec.network;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: agentNames(agent).agent, namespace: fleet.metadata.namespace, labels: agentLabels(fleet, agent) },
    spec: {
      podSelector: { matchLabels: selectorLabels(agent) },
      policyTypes: POLICY_TYPES,
      ingress: [controllerPeer(fleet), ...ingress].map((peer) => ({ from: [policyPeer(peer)], ports: ports(peer) ?? GATEWAY })),
      egress: [...STANDARD_EGRESS, ...egress.map(egressRule)],
    },
  };
}

const POLICY_TYPES = constant(["Ingress", "Egress"]);
const GATEWAY = constant([{ protocol: "TCP", port: GATEWAY_PORT.number }]);

/** There also where no controller runs: without such pods it admits nobody, and adoption changes nothing. */
function controllerPeer(fleet: Fleet): NetworkPeer {
  return { namespace: CONTROLLER_NAMESPACE, pods: controllerSelectorLabels(fleet.metadata.namespace), protocol: "TCP" };
}

const STANDARD_EGRESS = constant([
  // To any address: what answers for the cluster's DNS is, by cluster, a pod, a node or a link-local cache.
  {
    ports: [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ],
  },
  {
    to: [
      { ipBlock: { cidr: "0.0.0.0/0", except: NOT_PUBLIC_V4 } },
      { ipBlock: { cidr: "::/0", except: NOT_PUBLIC_V6 } },
    ],
    ports: [{ protocol: "TCP", port: 443 }],
  },
]);

function policyPeer({ cidr, namespace, pods }: NetworkPeer): Record<string, unknown> {
  if (cidr !== undefined) return { ipBlock: { cidr } };
  return {
    ...(namespace === undefined ? {} : { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }),
    ...(pods === undefined ? {} : { podSelector: { matchLabels: pods } }),
  };
}

function ports({ ports: numbers, protocol }: NetworkPeer): { protocol: string; port: number }[] | undefined {
  return numbers?.map((port) => ({ protocol, port }));
}

function egressRule(peer: NetworkPeer): Record<string, unknown> {
  const to = [policyPeer(peer)];
  const listed = ports(peer);
  return listed === undefined ? { to } : { to, ports: listed };
}
