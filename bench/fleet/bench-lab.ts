import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { acquire } from "../../src/lab/components/acquire.ts";
import { apiServerService, clientKubeconfig, controllerManagerService, NODE_NAME } from "../../src/lab/cluster/control-plane.ts";
import { newLabRun, program, type LabRun } from "../../src/lab/lab-run.ts";
import { labLayout, type LabLayout } from "../../src/lab/layout.ts";
import { isLabRunning, readLabRecord } from "../../src/lab/record.ts";
import type { StepReporter } from "../../src/lab/steps.ts";
import { ensureService, stopService, type Service } from "../../src/lab/services/supervisor.ts";
import { labUp } from "../../src/lab/up.ts";
import { vaultTokenFile } from "../../src/lab/services/vault-files.ts";
import { CONTROLLER_NAMESPACE, controllerName } from "../../src/render/names.ts";
import type { Fleet } from "../../src/spec/fleet.ts";
import { auditLog, writeAuditPolicy } from "./audit-log.ts";
import { BENCH, POOL_LABEL } from "./generated-fleet.ts";
import type { Endpoint } from "./http-client.ts";
import { KubernetesClient } from "./kubernetes-client.ts";

/** Whose requests are counted. */
export const USERS = {
  controller: `system:serviceaccount:${CONTROLLER_NAMESPACE}:${controllerName(BENCH)}`,
  client: `system:serviceaccount:${CONTROLLER_NAMESPACE}:bench-client`,
  externalSecrets: "external-secrets",
} as const;

/** What a lab runs for real pods, which this one has none of; they would take the processors from what is measured. */
const UNNEEDED = ["kubelet", "containerd", "kube-proxy", "network-policy", "storage-provisioner", "model-server"];

/** A lab whose API server writes down who asks what. */
export interface BenchLab {
  readonly run: LabRun;
  /** As administrator: its requests are not counted. */
  readonly cluster: Cluster;
  readonly administrator: KubernetesClient;
  /** Kubeconfig of {@link USERS}.controller; its context is called `bench`. */
  readonly kubeconfig: string;
  /** The bare client, ten connections. */
  readonly client: KubernetesClient;
  readonly vault: Endpoint;
  readonly auditLog: string;
}

/** Brings the lab named `bench` up as the measurements need it, or finds it so. */
export async function benchLab(fleet: Fleet, report: StepReporter, signal: AbortSignal): Promise<BenchLab> {
  const layout = labLayout("bench", process.env);
  const run = (await preparedLab(layout, signal)) ?? (await prepareLab(layout, fleet, { report, signal }));
  const cluster = await connect({ path: layout.kubeconfig });
  await makeUsers(cluster);
  const certificateAuthority = await readFile(join(layout.certificates, "ca.crt"), "utf8");
  const endpoint = async (user: string): Promise<Endpoint> => ({
    base: cluster.server,
    certificateAuthority,
    headers: { Authorization: `Bearer ${await token(run, user)}`, "User-Agent": "bench" },
    connections: 10,
  });
  return {
    run,
    cluster,
    administrator: new KubernetesClient(await endpoint("bench-administrator")),
    kubeconfig: await controllerKubeconfig(run, cluster.server),
    client: new KubernetesClient(await endpoint("bench-client")),
    vault: {
      base: `https://${run.network.get().labAddress}:8200`,
      certificateAuthority,
      headers: { "X-Vault-Token": (await readFile(vaultTokenFile(layout), "utf8")).trim() },
      connections: 10,
    },
    auditLog: auditLog(layout),
  };
}

/** The lab as an earlier run has left it; undefined where there is none. */
async function preparedLab(layout: LabLayout, signal: AbortSignal): Promise<LabRun | undefined> {
  const record = await readLabRecord(layout);
  const apiServer = await readFile(join(layout.services, "kube-apiserver", "run"), "utf8").catch(() => "");
  if (!record || !(await isLabRunning(record)) || !apiServer.includes(auditLog(layout))) return undefined;
  const run = newLabRun(layout, signal);
  const { address: labAddress, hostAddress, hostInterface } = record;
  run.network.set({ labAddress, hostAddress, hostInterface });
  for (const name of ["kubernetes", "external-secrets"] as const) {
    run.components.set(name, await acquire(name, { progress: () => undefined, signal, env: process.env }));
  }
  return run;
}

async function prepareLab(layout: LabLayout, fleet: Fleet, { report, signal }: { report: StepReporter; signal: AbortSignal }): Promise<LabRun> {
  // The lab's provisioner makes real volumes for the storage class of its fleet: the measured agents have another one.
  const labFleet = { ...fleet, spec: { ...fleet.spec, storage: { className: "do-block-storage" } } };
  const run = await labUp({ layout, fleet: labFleet, env: process.env, report, signal });
  for (const name of UNNEEDED) await stopService(layout, name);
  const cluster = run.cluster.get();
  await cluster.mergePatch({ apiVersion: "v1", kind: "Node", name: NODE_NAME }, { spec: { unschedulable: true } });
  await restartApiServer(run, cluster);
  return run;
}

async function restartApiServer(run: LabRun, cluster: Cluster): Promise<void> {
  const { layout, signal } = run;
  const policy = await writeAuditPolicy(layout, Object.values(USERS));
  const service = apiServerService(layout, program(run, "kubernetes", "kube-apiserver"), run.network.get().labAddress);
  const audit = [`--audit-policy-file=${policy}`, `--audit-log-path=${auditLog(layout)}`, "--audit-log-maxsize=4000"];
  const ready = async () => (await cluster.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" }).catch(() => undefined)) !== undefined;
  await ensureService(layout, { ...service, argv: [...service.argv, ...audit], ready }, signal);
}

/** Requests a second of each controller, and no binder of volumes: see `bindVolumes`. */
const UNHINDERED = ["--kube-api-qps=200", "--kube-api-burst=400", "--controllers=*,-persistentvolume-binder-controller"];

/**
 * Runs the controller manager as it is everywhere, or so that its own limits are not what is measured: 20 requests a second for each of its
 * controllers.
 */
export async function runControllers({ run }: BenchLab, areUsual: boolean): Promise<void> {
  const service = controllerManagerService(run.layout, program(run, "kubernetes", "kube-controller-manager"));
  await ensureService(run.layout, { ...service, argv: [...service.argv, ...(areUsual ? [] : UNHINDERED)] }, run.signal);
}

/** Starts External Secrets, or keeps it from working. */
export async function runExternalSecrets({ run }: BenchLab, works: boolean): Promise<void> {
  if (!works) {
    await stopService(run.layout, "external-secrets");
    return;
  }
  const many = ["--concurrent=10", "--client-qps=200", "--client-burst=400", "--experimental-enable-vault-token-cache"];
  const service: Service = {
    name: "external-secrets",
    argv: [program(run, "external-secrets", "external-secrets"), ...many],
    env: { KUBECONFIG: clientKubeconfig(run.layout, "external-secrets") },
  };
  await ensureService(run.layout, service, run.signal);
}

async function makeUsers(cluster: Cluster): Promise<void> {
  const accounts = [controllerName(BENCH), "bench-client", "bench-administrator"];
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: CONTROLLER_NAMESPACE } });
  for (const name of accounts) await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: CONTROLLER_NAMESPACE } });
  await cluster.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "bench" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: accounts.map((name) => ({ kind: "ServiceAccount", name, namespace: CONTROLLER_NAMESPACE })),
  });
  const provisioner = "kubernetes.io/no-provisioner";
  await cluster.apply({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: BENCH, labels: { [POOL_LABEL]: BENCH } }, provisioner });
}

async function token(run: LabRun, account: string): Promise<string> {
  const kubectl = program(run, "kubernetes", "kubectl");
  const argv = [`--kubeconfig=${run.layout.kubeconfig}`, "create", "token", account, `--namespace=${CONTROLLER_NAMESPACE}`, "--duration=24h"];
  return (await execa(kubectl, argv)).stdout.trim();
}

async function controllerKubeconfig(run: LabRun, server: string): Promise<string> {
  const folder = join(run.layout.data, "bench");
  await mkdir(folder, { recursive: true });
  const file = join(folder, "controller.kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: BENCH, cluster: { server, "certificate-authority": join(run.layout.certificates, "ca.crt") } }],
    users: [{ name: BENCH, user: { token: await token(run, controllerName(BENCH)) } }],
    contexts: [{ name: BENCH, context: { cluster: BENCH, user: BENCH, namespace: BENCH } }],
    "current-context": BENCH,
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
