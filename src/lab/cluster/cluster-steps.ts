import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Cluster } from "../../cluster/cluster.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { textAt } from "../../spec/plain-field.ts";
import { certificateRequests, ensureCertificates, writeKubeconfig } from "./certificates.ts";
import { containerdClient } from "./containerd-client.ts";
import {
  API_PORT,
  apiServerService,
  clientKubeconfig,
  cniConfiguration,
  containerdConfiguration,
  containerdService,
  controllerManagerService,
  ETCD_HEALTH_PORT,
  etcdService,
  kubeletConfiguration,
  kubeletService,
  kubeProxyConfiguration,
  kubeProxyService,
  NODE_NAME,
  schedulerService,
} from "./control-plane.ts";
import { etcdLogWatch, recoverEtcd } from "./etcd-recovery.ts";
import { program, type LabRun } from "../lab-run.ts";
import { joinPool } from "./node-pool.ts";
import { cgroupName, createCgroups } from "../sandbox/sandbox.ts";
import type { Step } from "../steps.ts";
import { acceptsConnections } from "../probe.ts";
import { ensureService } from "../services/supervisor.ts";
import { until } from "../until.ts";

/** Name under which the sandbox image is imported into containerd. */
export const PAUSE_IMAGE = "localhost/frota/pause:1";

/** Certificates, API server, controllers and scheduler. */
export function controlPlaneSteps(run: LabRun): Step[] {
  const { layout, signal } = run;
  return [
    {
      id: "certificates",
      title: "Make certificates",
      needs: ["sandbox"],
      run: async () => {
        const { labAddress } = run.network.get();
        await ensureCertificates(layout.certificates, certificateRequests(labAddress, NODE_NAME));
        const server = `https://${labAddress}:${API_PORT}`;
        for (const client of ["admin", "controller-manager", "scheduler", "node", "external-secrets"]) {
          await writeKubeconfig(clientKubeconfig(layout, client), layout.certificates, client, server);
        }
        await writeKubeconfig(layout.kubeconfig, layout.certificates, "admin", server);
        return undefined;
      },
    },
    {
      id: "api-server",
      title: "Start etcd and the API server",
      needs: ["certificates", "kubernetes"],
      run: async () => {
        const cluster = await connect({ path: layout.kubeconfig });
        run.cluster.set(cluster);
        const ready = () => isApiServerReady(cluster);
        const apiServer = apiServerService(layout, program(run, "kubernetes", "kube-apiserver"), run.network.get().labAddress);
        const start = { startEtcd: () => startEtcd(run), startApiServer: () => ensureService(layout, { ...apiServer, ready }, signal) };
        const rebuilt = await recoverEtcd(layout, start);
        await ensureService(layout, controllerManagerService(layout, program(run, "kubernetes", "kube-controller-manager")), signal);
        await ensureService(layout, schedulerService(layout, program(run, "kubernetes", "kube-scheduler")), signal);
        const { gitVersion } = await cluster.serverVersion();
        return rebuilt ? `${gitVersion}; etcd was unreadable and is made anew (old one kept at ${rebuilt})` : gitVersion;
      },
    },
  ];
}

async function startEtcd(run: LabRun): Promise<void> {
  const { layout, network, signal } = run;
  const health = `http://${network.get().labAddress}:${ETCD_HEALTH_PORT}/health`;
  const assertReadable = await etcdLogWatch(layout);
  const ready = async () => {
    await assertReadable();
    return (await fetch(health, { signal: AbortSignal.timeout(2000) })).ok;
  };
  await ensureService(layout, { ...etcdService(layout, program(run, "kubernetes", "etcd"), network.get().labAddress), ready }, signal);
}

async function isApiServerReady(cluster: Cluster): Promise<boolean> {
  const namespace = await cluster.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" }).catch(() => undefined);
  return namespace !== undefined;
}

/** containerd, kubelet and kube-proxy: the node `bots-1`, in the pool of every fleet that is started on the lab. */
export function nodeSteps(run: LabRun, fleet: Fleet): Step[] {
  const { layout, signal } = run;
  return [
    {
      id: "containerd",
      title: "Start containerd",
      needs: ["sandbox", "pause"],
      run: async () => {
        await mkdir(join(layout.data, "cni"), { recursive: true });
        await writeFile(join(layout.data, "cni", "10-pods.conflist"), cniConfiguration());
        await writeFile(join(layout.data, "containerd.toml"), containerdConfiguration(layout, PAUSE_IMAGE));
        const ready = async () => (await containerdClient(run.init.get(), "version")).exitCode === 0;
        await ensureService(layout, { ...containerdService(layout), ready }, signal);
        const imported = await containerdClient(run.init.get(), "images", "import", join(layout.data, "pause.tar"));
        if (imported.exitCode !== 0) throw new Error(`importing the sandbox image: ${imported.stderr}`);
        return undefined;
      },
    },
    {
      id: "node",
      title: "Start kubelet and kube-proxy",
      needs: ["containerd", "api-server"],
      run: async () => {
        const { labAddress } = run.network.get();
        await createCgroups(layout.name);
        await writeFile(join(layout.data, "kubelet.json"), kubeletConfiguration(layout, cgroupName(layout.name)));
        await writeFile(join(layout.data, "kube-proxy.json"), kubeProxyConfiguration(layout));
        await ensureService(layout, kubeletService(layout, program(run, "kubernetes", "kubelet"), labAddress), signal);
        await ensureService(layout, kubeProxyService(layout, program(run, "kubernetes", "kube-proxy")), signal);
        await until(() => readyNode(run.cluster.get(), labAddress), { signal, seconds: 180, what: `node ${NODE_NAME} to be Ready` });
        await joinPool(run.cluster.get(), fleet);
        return NODE_NAME;
      },
    },
  ];
}

const KUBELET_PORT = 10250;

async function readyNode(cluster: Cluster, address: string): Promise<true | undefined> {
  // The Node object may still say Ready from before a reboot; the open port tells that kubelet is there now.
  if (!(await acceptsConnections(address, KUBELET_PORT))) return undefined;
  const node = await cluster.get({ apiVersion: "v1", kind: "Node", name: NODE_NAME });
  const conditions = valueAt(node, ["status", "conditions"]);
  return Array.isArray(conditions) && conditions.some(isReady) ? true : undefined;
}

function isReady(condition: unknown): boolean {
  return textAt(condition, "type") === "Ready" && textAt(condition, "status") === "True";
}
