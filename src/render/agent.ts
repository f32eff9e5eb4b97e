import { FrotaError } from "../spec/error.ts";
import type { Fleet } from "../spec/fleet.ts";
import type { ResolvedAgent } from "../spec/repository.ts";
import { constant } from "./constant.ts";
import { renderDeployment } from "./deployment.ts";
import { agentLabels, selectorLabels } from "./labels.ts";
import type { Manifest } from "./manifest.ts";
import { agentNames, GATEWAY_PORT, SECRET_STORE } from "./names.ts";
import { renderNetworkPolicy } from "./network-policy.ts";
import { declaration } from "./openclaw-configuration.ts";
import { CONFIGURATION_KEY, START_GUARD_SCRIPTS } from "./start-guard.ts";
import { MODES_KEY, workspaceKey } from "./start-guard/workspace-key.mjs";

/** Annotations by which Argo CD and Flux never prune or delete an object. */
export const KEEP_ANNOTATIONS = constant({
  "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
  "kustomize.toolkit.fluxcd.io/prune": "disabled",
} as const);

const ACCESS_MODES = constant(["ReadWriteOnce"]);
const SERVICE_PORTS = constant([{ name: GATEWAY_PORT.name, port: GATEWAY_PORT.number, targetPort: GATEWAY_PORT.name, protocol: "TCP" }]);
const STORE = constant({ kind: "SecretStore", name: SECRET_STORE.name });

/** Bytes of a ConfigMap's data that the API server accepts. */
const CONFIG_MAP_LIMIT = 2 ** 20;

/**
 * The Kubernetes objects of one agent, in the order in which they are best applied. Pure; never a Secret.
 * Throws FrotaError WORKSPACE_TOO_LARGE for workspace files that no ConfigMap can hold.
 */
export function renderAgent(fleet: Fleet, source: ResolvedAgent): Manifest[] {
  return [...renderSupporting(fleet, source), renderDeployment(fleet, source.agent)];
}

/** As {@link renderAgent}, without the Deployment, which comes last: for who renders that one with an image and a Secret of its own choice. */
export function renderSupporting(fleet: Fleet, source: ResolvedAgent): Manifest[] {
  const { agent } = source;
  const names = agentNames(agent);
  const labels = agentLabels(fleet, agent);
  const inNamespace = { namespace: fleet.metadata.namespace, labels };
  const workspace = renderWorkspace(fleet, source);
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: names.agent, ...inNamespace }, automountServiceAccountToken: false },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: names.volumeClaim, ...inNamespace, annotations: KEEP_ANNOTATIONS },
      spec: {
        accessModes: ACCESS_MODES,
        storageClassName: fleet.spec.storage.className,
        resources: { requests: { storage: agent.spec.storage.size } },
      },
    },
    renderExternalSecret(fleet, source),
    configMap({ name: names.configuration, ...inNamespace }, { [CONFIGURATION_KEY]: declaration(agent).text }),
    configMap({ name: names.startGuard, ...inNamespace }, START_GUARD_SCRIPTS),
    ...(workspace ? [workspace] : []),
    renderNetworkPolicy(fleet, source),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: names.agent, ...inNamespace },
      spec: {
        type: "ClusterIP",
        selector: selectorLabels(agent),
        ports: SERVICE_PORTS,
      },
    },
  ];
}

/** The ConfigMap of an agent's workspace, one of {@link renderAgent}'s; undefined where it has no files. Throws as that does. */
export function renderWorkspace(fleet: Fleet, source: ResolvedAgent): Manifest | undefined {
  if (source.workspace.size === 0) return undefined;
  const { agent } = source;
  return configMap({ name: agentNames(agent).workspace, namespace: fleet.metadata.namespace, labels: agentLabels(fleet, agent) }, workspaceData(source));
}

function configMap(metadata: Manifest["metadata"], data: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data };
}

function renderExternalSecret(fleet: Fleet, { agent }: ResolvedAgent): Manifest {
  const names = agentNames(agent);
  const labels = agentLabels(fleet, agent);
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name: names.secret, namespace: fleet.metadata.namespace, labels },
    spec: {
      refreshInterval: "1m0s",
      secretStoreRef: STORE,
      target: {
        name: names.secret,
        creationPolicy: "Owner",
        deletionPolicy: "Retain",
        // Without a template the annotation that asks for a sync is copied onto the Secret, which then looks changed.
        template: { metadata: { labels } },
      },
      dataFrom: [
        {
          extract: {
            key: `${fleet.spec.vault.path}/${agent.metadata.name}`,
            // The server's defaults, spelled out: Argo CD compares lists of custom resources as they are.
            conversionStrategy: "Default",
            decodingStrategy: "None",
            metadataPolicy: "None",
          },
        },
      ],
    },
  };
}

function workspaceData({ agent, folder, workspace }: ResolvedAgent): Record<string, string> {
  const { mode, files } = agent.spec.workspace;
  const paths = [...workspace.keys()].sort();
  const modes = Object.fromEntries(paths.map((path) => [path, files[path] ?? mode]));
  const data = { [MODES_KEY]: `${JSON.stringify(modes, null, 2)}\n`, ...Object.fromEntries(paths.map((path) => [workspaceKey(path), workspace.get(path) ?? ""])) };
  const size = Object.entries(data).reduce((sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text), 0);
  if (size > CONFIG_MAP_LIMIT) {
    throw new FrotaError({
      code: "WORKSPACE_TOO_LARGE",
      message: `the workspace files take ${size} bytes; a ConfigMap holds ${CONFIG_MAP_LIMIT}`,
      where: { file: `${folder}/workspace` },
      next: "keep large files out of the repository; let the agent fetch them",
    });
  }
  return data;
}
