import { customResourceDefinitions } from "../spec/crd.ts";
import { textAt } from "../spec/plain-field.ts";
import { renderControllerRights } from "./controller-rights.ts";
import { controllerLabels, controllerSelectorLabels } from "./labels.ts";
import type { Manifest } from "./manifest.ts";
import { CONTROLLER_NAMESPACE, CONTROLLER_PORT, controllerName } from "./names.ts";

/** What {@link renderController} makes manifests of. */
export interface ControllerOptions {
  /** Namespace of the fleet that it serves. */
  readonly fleetNamespace: string;
  /** With a tag or, better, a digest. */
  readonly image: string;
  /** 2 when absent: one works, the other takes over. */
  readonly replicas?: number;
  /** Secrets of `frota-system`, kubernetes.io/dockerconfigjson. */
  readonly pullSecrets?: readonly string[];
  /** Lets it read in Vault when a secret was written: role of Vault's Kubernetes auth for its ServiceAccount, audience `vault`. */
  readonly vault?: { readonly role: string };
  /** Base URL by registry host, where a registry is served elsewhere than its name says. */
  readonly registryMirrors?: Readonly<Record<string, string>>;
}

/** Any user but root; the number means nobody on the node. */
const USER = 65_532;

/** Seconds to end the writes under way and hand over the Lease. */
const TERMINATION_GRACE = 30;

const VAULT_TOKEN_FOLDER = "/var/run/secrets/frota/vault";

/**
 * The Kubernetes objects of the controller of one fleet, in the order in which they must be applied; the CustomResourceDefinitions
 * are not among them. Pure; never a Secret.
 */
export function renderController(options: ControllerOptions): Manifest[] {
  const { fleetNamespace } = options;
  const metadata = { name: controllerName(fleetNamespace), namespace: CONTROLLER_NAMESPACE, labels: controllerLabels(fleetNamespace) };
  return [
    renderNamespace(),
    { apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false },
    ...renderControllerRights(fleetNamespace),
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: {
        podSelector: { matchLabels: controllerSelectorLabels(fleetNamespace) },
        // Egress is free: where the API server answers differs from cluster to cluster, and its address is no pod's.
        policyTypes: ["Ingress"],
        ingress: [{ ports: [{ protocol: "TCP", port: CONTROLLER_PORT.number }] }],
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { minAvailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: controllerSelectorLabels(fleetNamespace) } },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: options.replicas ?? 2,
        revisionHistoryLimit: 3,
        selector: { matchLabels: controllerSelectorLabels(fleetNamespace) },
        template: { metadata: { labels: controllerLabels(fleetNamespace) }, spec: podSpec(options) },
      },
    },
  ];
}

/** The CustomResourceDefinitions of Fleet and Agent: what must be there before a controller is of use. */
export function renderDefinitions(): Manifest[] {
  return Array.from(customResourceDefinitions().values(), (definition) => ({
    ...definition,
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: textAt(definition, "metadata", "name") ?? "", labels: { "app.kubernetes.io/managed-by": "frota" } },
  }));
}

/** Shared by the controllers of all fleets of a cluster. */
function renderNamespace(): Manifest {
  const standard = ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, "latest"],
  ]);
  return {
    apiVersion: "v1",
    kind: "Namespace",
    // Not `managed-by: frota`: that would have it protected as a namespace that holds agents' memories.
    metadata: { name: CONTROLLER_NAMESPACE, labels: { "app.kubernetes.io/part-of": "frota", ...Object.fromEntries(standard) } },
  };
}

function podSpec({ fleetNamespace, vault, pullSecrets = [], ...options }: ControllerOptions): Record<string, unknown> {
  const token = { serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 3600 } };
  return {
    serviceAccountName: controllerName(fleetNamespace),
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: TERMINATION_GRACE,
    ...(pullSecrets.length > 0 ? { imagePullSecrets: pullSecrets.map((name) => ({ name })) } : {}),
    // The group is for the token of Vault, which is readable by it only.
    securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: controllerSelectorLabels(fleetNamespace) },
      },
    ],
    containers: [container({ fleetNamespace, ...options, ...(vault && { vault }) })],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }, ...(vault ? [{ name: "vault", projected: { sources: [token] } }] : [])],
  };
}

function container({ fleetNamespace, image, vault, registryMirrors = {} }: ControllerOptions): Record<string, unknown> {
  return {
    name: "controller",
    image,
    imagePullPolicy: "IfNotPresent",
    args: ["controller", "run", "--in-cluster", "--namespace", fleetNamespace],
    env: [...environment(vault?.role), ...mirrorEnvironment(registryMirrors)],
    ports: [{ name: CONTROLLER_PORT.name, containerPort: CONTROLLER_PORT.number, protocol: "TCP" }],
    livenessProbe: { ...probe("/healthz"), initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, failureThreshold: 3 },
    // The issue's own limit is 150 MB for 200 agents; thousands need more.
    resources: { requests: { cpu: "50m", memory: "160Mi" }, limits: { memory: "640Mi" } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      ...(vault ? [{ name: "vault", mountPath: VAULT_TOKEN_FOLDER, readOnly: true }] : []),
    ],
  };
}

/** `FROTA_REGISTRY_MIRRORS=registry.example.com=http://10.0.0.2:5000,...` */
function mirrorEnvironment(mirrors: Readonly<Record<string, string>>): { name: string; value: string }[] {
  const pairs = Object.entries(mirrors).map(([host, address]) => `${host}=${address}`);
  return pairs.length === 0 ? [] : [{ name: "FROTA_REGISTRY_MIRRORS", value: pairs.join(",") }];
}

function environment(vaultRole: string | undefined): { name: string; value?: string; valueFrom?: unknown }[] {
  return [
    { name: "NODE_ENV", value: "production" },
    // Below the memory limit, so that a full heap is collected before the kernel kills the process.
    { name: "NODE_OPTIONS", value: "--max-old-space-size=448" },
    { name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
    ...(vaultRole === undefined
      ? []
      : [
          { name: "FROTA_VAULT_ROLE", value: vaultRole },
          { name: "FROTA_VAULT_TOKEN_FILE", value: `${VAULT_TOKEN_FOLDER}/token` },
        ]),
  ];
}

function probe(path: string): Record<string, unknown> {
  return { httpGet: { path, port: CONTROLLER_PORT.name }, timeoutSeconds: 5 };
}
