import type { Agent, AgentSpec } from "../spec/agent.ts";
import type { Fleet } from "../spec/fleet.ts";
import { constant } from "./constant.ts";
import { agentLabels, podLabels, selectorLabels } from "./labels.ts";
import type { Manifest } from "./manifest.ts";
import { agentNames, CONTAINER_NAME, GATEWAY_PORT, RESTART_CONFIG_ANNOTATION, RESTART_ID_ANNOTATION, SECRET_ANNOTATION } from "./names.ts";
import { declaration } from "./openclaw-configuration.ts";
import { containerResources } from "./resources.ts";
import { CONFIGURATION_KEY, POD_PATHS } from "./start-guard.ts";

/** Seconds. OpenClaw's own shutdown budget is 330 s; killing it earlier loses running turns. */
const TERMINATION_GRACE = 345;

/** Seconds. A replacement may have to wait for the old pod's whole drain, and then starts in up to 3 min. */
const STARTUP_BUDGET = TERMINATION_GRACE + 195;

// A second gateway on the same volume could only wait for the first one's lock.
const STRATEGY = constant({ type: "Recreate" });
const POD_SECURITY = constant({ runAsUser: 0, runAsGroup: 0, seccompProfile: { type: "RuntimeDefault" } });
const CONTAINER_SECURITY = constant({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
const COMMAND = constant(["tini", "--", "sh", `${POD_PATHS.startGuard}/start.sh`]);
const PORTS = constant([{ name: GATEWAY_PORT.name, containerPort: GATEWAY_PORT.number, protocol: "TCP" }]);
const STARTUP_PROBE = constant({ ...probe("/startupz"), periodSeconds: 5, failureThreshold: STARTUP_BUDGET / 5 });
const READINESS_PROBE = constant({ ...probe("/readyz"), periodSeconds: 10, failureThreshold: 3 });
// Stalls of the event loop of 0.8 s are common under load.
const LIVENESS_PROBE = constant({ ...probe("/healthz"), periodSeconds: 10, failureThreshold: 6 });
const TEMPORARY_VOLUME = constant({ name: "tmp", emptyDir: { sizeLimit: "4Gi" } });
const VOLUME_MOUNTS = constant([
  { name: "state", mountPath: POD_PATHS.state },
  { name: "config", mountPath: POD_PATHS.configuration, readOnly: true },
  { name: "start-guard", mountPath: POD_PATHS.startGuard, readOnly: true },
  { name: "workspace", mountPath: POD_PATHS.workspace, readOnly: true },
  { name: "tmp", mountPath: "/tmp" },
]);

/** What the operated way decides about a pod, beyond what is declared. */
export interface PodChoice {
  /** Full reference, by tag or digest. */
  readonly image: string;
  /** Keyed digest of the Secret that the pod starts with. */
  readonly secretDigest?: string | undefined;
  /** Another hash of the same configuration, which the template has already. */
  readonly restartConfig?: string | undefined;
  /** Of the restart that this pod comes from: another one replaces the pod, whatever else stays as it is. */
  readonly restartId?: string | undefined;
}

/**
 * The Deployment of an agent: one gateway, on its own volume, on the fleet's node pool. Without a choice it is that of the plain
 * way: the declared image, and nothing about the Secret. With one, configuration that a running gateway takes over restarts nothing.
 */
export function renderDeployment(fleet: Fleet, agent: Agent, choice?: PodChoice): Manifest {
  const labels = agentLabels(fleet, agent);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: agentNames(agent).agent, namespace: fleet.metadata.namespace, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 900,
      strategy: STRATEGY,
      selector: { matchLabels: selectorLabels(agent) },
      template: {
        metadata: {
          labels: podLabels(fleet, agent),
          annotations: podAnnotations(agent, choice),
        },
        spec: podSpec(fleet, agent, choice?.image ?? agentImage(fleet, agent.spec)),
      },
    },
  };
}

function podAnnotations(agent: Agent, choice: PodChoice | undefined): Record<string, string> {
  return {
    "kubectl.kubernetes.io/default-container": CONTAINER_NAME,
    [RESTART_CONFIG_ANNOTATION]: choice?.restartConfig ?? declaration(agent).hashes[choice || isLocked(agent) ? "live" : "start"],
    ...(choice?.secretDigest === undefined ? {} : { [SECRET_ANNOTATION]: choice.secretDigest }),
    ...(choice?.restartId === undefined ? {} : { [RESTART_ID_ANNOTATION]: choice.restartId }),
  };
}

/** The image that an agent runs: the fleet's, by the agent's own digest or tag if it pins one. */
export function agentImage(fleet: { readonly spec: Pick<Fleet["spec"], "image"> }, { image }: Pick<AgentSpec, "image">): string {
  const { repository, tag } = fleet.spec.image;
  return image.digest === undefined ? `${repository}:${image.tag ?? tag}` : `${repository}@${image.digest}`;
}

function podSpec(fleet: Fleet, agent: Agent, image: string): Record<string, unknown> {
  const { nodePool, image: source } = fleet.spec;
  const names = agentNames(agent);
  return {
    // OpenClaw's lease on its state names the host: with another name a successor waits up to 5 min after a hard death.
    hostname: names.agent,
    serviceAccountName: names.agent,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: TERMINATION_GRACE,
    ...(source.pullSecrets.length > 0 ? { imagePullSecrets: source.pullSecrets.map((name) => ({ name })) } : {}),
    nodeSelector: { [nodePool.label]: nodePool.name },
    tolerations: [{ key: nodePool.label, operator: "Equal", value: nodePool.name }],
    securityContext: POD_SECURITY,
    containers: [container(agent, image)],
    volumes: [
      { name: "state", persistentVolumeClaim: { claimName: names.volumeClaim } },
      // Where OpenClaw itself reads it, its security audit wants it private.
      { name: "config", configMap: { name: names.configuration, ...(isLocked(agent) ? { defaultMode: 0o600 } : {}) } },
      { name: "start-guard", configMap: { name: names.startGuard } },
      // Optional, so that the first workspace file does not restart the agent.
      { name: "workspace", configMap: { name: names.workspace, optional: true } },
      TEMPORARY_VOLUME,
    ],
  };
}

function container(agent: Agent, image: string): Record<string, unknown> {
  return {
    name: CONTAINER_NAME,
    image,
    imagePullPolicy: image.includes("@") ? "IfNotPresent" : "Always",
    command: COMMAND,
    envFrom: [{ secretRef: { name: agentNames(agent).secret } }],
    env: environment(agent),
    ports: PORTS,
    startupProbe: STARTUP_PROBE,
    readinessProbe: READINESS_PROBE,
    livenessProbe: LIVENESS_PROBE,
    resources: containerResources(agent.spec),
    securityContext: CONTAINER_SECURITY,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: VOLUME_MOUNTS,
  };
}

function probe(path: string): Record<string, unknown> {
  return { httpGet: { path, port: GATEWAY_PORT.name }, timeoutSeconds: 5 };
}

/** OpenClaw reads the mounted declaration itself, takes changes of it over while it runs, and refuses to write it. */
const LOCKED_ENVIRONMENT: Readonly<Record<string, string>> = {
  OPENCLAW_CONFIG_PATH: `${POD_PATHS.configuration}/${CONFIGURATION_KEY}`,
  OPENCLAW_CONFIG_READONLY: "1",
  // Without it media and plug-in skills are looked for beside the configuration, where nothing can be written.
  OPENCLAW_STATE_DIR: POD_PATHS.state,
  FROTA_CONFIGURATION_MODE: "locked",
};

function isLocked({ spec }: Agent): boolean {
  return spec.configuration.mode === "locked";
}

function environment(agent: Agent): { name: string; value: string }[] {
  const required = [...new Set(agent.spec.secrets.required)].sort();
  const variables: Readonly<Record<string, string>> = {
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_NO_AUTO_UPDATE: "1",
    // The gateway stays the process that holds the volume lock.
    OPENCLAW_NO_RESPAWN: "1",
    ...agent.spec.env,
    ...(isLocked(agent) ? LOCKED_ENVIRONMENT : {}),
    FROTA_AGENT: agent.metadata.name,
    FROTA_REQUIRED_SECRETS: required.join(","),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}
