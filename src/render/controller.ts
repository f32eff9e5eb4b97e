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
  /** Base URL by registry host, where images are really served from elsewhere, as in the lab. */
  readonly registryMirrors?: Readonly<Record<string, string>>;
}

/** Any user but root; the number means nobody on the node. */
const USER = 65_532;

/** Seconds to end the writes under way and hand over the Lease. */
const TERMINATION_GRACE = 30;

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

function podSpec(options: ControllerOptions): Record<string, unknown> {
  const { fleetNamespace, pullSecrets = [] } = options;
  return {
    serviceAccountName: controllerName(fleetNamespace),
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: TERMINATION_GRACE,
    ...(pullSecrets.length > 0 ? { imagePullSecrets: pullSecrets.map((name) => ({ name })) } : {}),
    securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: controllerSelectorLabels(fleetNamespace) },
      },
    ],
    containers: [container(options)],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
  };
}

function container({ fleetNamespace, image, registryMirrors = {} }: ControllerOptions): Record<string, unknown> {
  return {
    name: "controller",
    image,
    imagePullPolicy: "IfNotPresent",
    args: ["controller", "run", "--in-cluster", "--namespace", fleetNamespace],
    env: environment(registryMirrors),
    ports: [{ name: CONTROLLER_PORT.name, containerPort: CONTROLLER_PORT.number, protocol: "TCP" }],
    livenessProbe: { ...probe("/healthz"), initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, failureThreshold: 3 },
    // The issue's own limit is 150 MB for 200 agents; thousands need more.
    resources: { requests: { cpu: "50m", memory: "160Mi" }, limits: { memory: "640Mi" } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

/**
 * The old space below the memory limit, so that a full heap is collected before the kernel kills the process; the young one small: with
 * Node's own size, what a burst leaves behind stays resident (200 agents: 213 MB, and 140 with 8 MB; docs/bench-fleet.md).
 */
const NODE_OPTIONS = "--max-old-space-size=448 --max-semi-space-size=8";

function environment(registryMirrors: Readonly<Record<string, string>>): { name: string; value?: string; valueFrom?: unknown }[] {
  const mirrors = Object.entries(registryMirrors).map(([host, url]) => `${host}=${url}`);
  return [
    { name: "NODE_ENV", value: "production" },
    { name: "NODE_OPTIONS", value: NODE_OPTIONS },
    { name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
    ...(mirrors.length > 0 ? [{ name: "FROTA_REGISTRY_MIRRORS", value: mirrors.join(",") }] : []),
  ];
}

function probe(path: string): Record<string, unknown> {
  return { httpGet: { path, port: CONTROLLER_PORT.name }, timeoutSeconds: 5 };
}
