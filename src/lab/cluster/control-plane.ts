import { join } from "node:path";
import { DNS_ADDRESS, POD_RANGE, SERVICE_RANGE } from "../sandbox/network.ts";
import type { LabLayout } from "../layout.ts";
import { mirrorsFolder } from "./registry-mirrors.ts";
import type { Service } from "../services/supervisor.ts";

/** Port of the API server. */
export const API_PORT = 6443;
/** Port where etcd tells its health. */
export const ETCD_HEALTH_PORT = 2381;
/** Name of the lab's only node. */
export const NODE_NAME = "bots-1";

/** etcd without fsync: the lab's cluster is made again from `agents/` when a power cut left it unreadable. */
export function etcdService(layout: LabLayout, program: string, address: string): Service {
  const client = "http://127.0.0.1:2379";
  const peer = "http://127.0.0.1:2380";
  return {
    name: "etcd",
    argv: [
      program,
      `--data-dir=${join(layout.data, "etcd")}`,
      "--unsafe-no-fsync",
      "--logger=zap",
      "--log-level=warn",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      // Health and metrics only: the data itself is served on loopback, out of the agents' reach.
      `--listen-metrics-urls=http://${address}:${ETCD_HEALTH_PORT}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ],
  };
}

export function apiServerService(layout: LabLayout, program: string, address: string): Service {
  const certificate = (name: string) => join(layout.certificates, name);
  return {
    name: "kube-apiserver",
    argv: [
      program,
      "--etcd-servers=http://127.0.0.1:2379",
      `--secure-port=${API_PORT}`,
      "--bind-address=0.0.0.0",
      `--advertise-address=${address}`,
      `--client-ca-file=${certificate("ca.crt")}`,
      `--tls-cert-file=${certificate("apiserver.crt")}`,
      `--tls-private-key-file=${certificate("apiserver.key")}`,
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${certificate("sa.pub")}`,
      `--service-account-signing-key-file=${certificate("sa.key")}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      "--allow-privileged",
      `--kubelet-client-certificate=${certificate("admin.crt")}`,
      `--kubelet-client-key=${certificate("admin.key")}`,
      `--kubelet-certificate-authority=${certificate("ca.crt")}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--shutdown-delay-duration=0s",
    ],
    patience: 180,
  };
}

export function controllerManagerService(layout: LabLayout, program: string): Service {
  const certificate = (name: string) => join(layout.certificates, name);
  const kubeconfig = clientKubeconfig(layout, "controller-manager");
  return {
    name: "kube-controller-manager",
    argv: [
      program,
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${certificate("sa.key")}`,
      `--root-ca-file=${certificate("ca.crt")}`,
      "--use-service-account-credentials",
      `--cluster-signing-cert-file=${certificate("ca.crt")}`,
      `--cluster-signing-key-file=${certificate("ca.key")}`,
      "--leader-elect=false",
    ],
  };
}

export function schedulerService(layout: LabLayout, program: string): Service {
  const kubeconfig = clientKubeconfig(layout, "scheduler");
  return {
    name: "kube-scheduler",
    argv: [
      program,
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      "--leader-elect=false",
    ],
  };
}

/** Kubeconfig of one of the lab's own clients. */
export function clientKubeconfig(layout: LabLayout, client: string): string {
  return join(layout.certificates, `${client}.kubeconfig`);
}

/** kubelet's configuration file, as text (JSON is YAML). */
export function kubeletConfiguration(layout: LabLayout, cgroup: string): string {
  const certificate = (name: string) => join(layout.certificates, name);
  return JSON.stringify(
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      cgroupDriver: "cgroupfs",
      cgroupRoot: `/${cgroup}`,
      failSwapOn: false,
      failCgroupV1: false,
      containerRuntimeEndpoint: `unix://${containerdSocket}`,
      authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: certificate("ca.crt") } },
      authorization: { mode: "Webhook" },
      tlsCertFile: certificate("node.crt"),
      tlsPrivateKeyFile: certificate("node.key"),
      enforceNodeAllocatable: [],
      imageGCHighThresholdPercent: 100,
      evictionHard: { "memory.available": "100Mi" },
      clusterDNS: [DNS_ADDRESS],
      clusterDomain: "cluster.local",
      resolvConf: join(layout.data, "resolv.conf"),
      podLogsDir: join(layout.data, "pod-logs"),
      // The lab's kubelet learns of changed Secrets and ConfigMaps as fast as production's does.
      configMapAndSecretChangeDetectionStrategy: "Watch",
    },
    undefined,
    2,
  );
}

/** Below the lab's own /run. */
export const containerdSocket = "/run/containerd/containerd.sock";

/** containerd's configuration, as text. */
export function containerdConfiguration(layout: LabLayout, pauseImage: string): string {
  return `version = 2
root = "${join(layout.data, "containerd")}"
state = "/run/containerd/state"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(layout.data, "cni")}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${mirrorsFolder(layout)}"
`;
}

/** CNI configuration: one bridge, addresses by host-local, no masquerade, so that nothing leaves the machine. */
export function cniConfiguration(): string {
  return JSON.stringify({
    cniVersion: "0.4.0",
    name: "frota",
    plugins: [
      {
        type: "bridge",
        bridge: "pods0",
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: "/run/cni",
          ranges: [[{ subnet: POD_RANGE }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
}

export function containerdService(layout: LabLayout): Service {
  return { name: "containerd", argv: ["containerd", "--config", join(layout.data, "containerd.toml")] };
}

export function kubeletService(layout: LabLayout, program: string, address: string): Service {
  return {
    name: "kubelet",
    argv: [
      program,
      `--config=${join(layout.data, "kubelet.json")}`,
      `--kubeconfig=${clientKubeconfig(layout, "node")}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${address}`,
      `--root-dir=${join(layout.data, "kubelet")}`,
    ],
  };
}

export function kubeProxyService(layout: LabLayout, program: string): Service {
  return { name: "kube-proxy", argv: [program, `--config=${join(layout.data, "kube-proxy.json")}`] };
}

/** kube-proxy's configuration file, as text. */
export function kubeProxyConfiguration(layout: LabLayout): string {
  return JSON.stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: clientKubeconfig(layout, "admin") },
    mode: "iptables",
    clusterCIDR: POD_RANGE,
    hostnameOverride: NODE_NAME,
    // Without CAP_SYS_RESOURCE the kernel's table size cannot be changed; the default is ample for a lab.
    conntrack: { maxPerCore: 0, min: 0 },
  });
}
