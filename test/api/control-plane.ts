import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, readdirSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { connect } from "../../src/cluster/cluster.ts";
import { controlPlaneBinaries } from "./binaries.ts";

const run = promisify(execFile);
const openssl = (args: string[]) => run("openssl", args);
const PREFIX = "frota-api-test-";

/** A running control plane without nodes: pods stay Pending until a test writes their status. */
export interface ControlPlane {
  readonly kubeconfig: string;
  /** Address of its etcd, over plain HTTP. */
  readonly etcd: string;
  stop(): Promise<void>;
}

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on free loopback ports. They die with this process, however
 * it dies; folders that a killed run left behind are removed by the next. One for each process.
 */
export async function startControlPlane(moreFlags: readonly string[] = []): Promise<ControlPlane> {
  removeStaleFolders();
  const folder = join(tmpdir(), `${PREFIX}${process.pid}`);
  await mkdir(folder, { mode: 0o700 });
  await makeCertificates(folder);
  const program = await controlPlaneBinaries();
  // Last, because any program of the machine may be given them until they are taken.
  const [etcdPort, peerPort, apiPort] = await freePorts(3);
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, kubeconfigText(folder, Number(apiPort)), { mode: 0o600 });
  const children: ChildProcess[] = [];
  const start = (name: Parameters<typeof program>[0], flags: string[]) => {
    children.push(startProgram(program(name), flags, join(folder, `${name}.log`)));
  };
  const stop = async () => {
    await Promise.all(children.map(stopProgram));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    start("etcd", etcdFlags(folder, Number(etcdPort), Number(peerPort)));
    start("kube-apiserver", [...apiServerFlags(folder, Number(etcdPort), Number(apiPort)), ...moreFlags]);
    await untilReady(kubeconfig, children);
    start("kube-controller-manager", controllerManagerFlags(folder));
  } catch (error) {
    const log = await readFile(join(folder, "kube-apiserver.log"), "utf8").catch(() => "");
    await stop();
    throw new Error(`the control plane did not start:\n${log.slice(-2000)}`, { cause: error });
  }
  return { kubeconfig, etcd: `http://127.0.0.1:${etcdPort}`, stop };
}

function etcdFlags(folder: string, port: number, peerPort: number): string[] {
  const url = `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${join(folder, "etcd")}`,
    "--unsafe-no-fsync",
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
  ];
}

function apiServerFlags(folder: string, etcdPort: number, port: number): string[] {
  const file = (name: string) => join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    "--bind-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--client-ca-file=${file("ca.crt")}`,
    `--tls-cert-file=${file("server.crt")}`,
    `--tls-private-key-file=${file("server.key")}`,
    `--cert-dir=${file("generated")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("sa.key")}`,
    `--service-account-signing-key-file=${file("sa.key")}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.96.0.0/16",
  ];
}

function controllerManagerFlags(folder: string): string[] {
  return [
    `--kubeconfig=${join(folder, "kubeconfig")}`,
    `--service-account-private-key-file=${join(folder, "sa.key")}`,
    `--root-ca-file=${join(folder, "ca.crt")}`,
    "--use-service-account-credentials",
    "--leader-elect=false",
    "--secure-port=0",
  ];
}

/** `setpriv` makes the kernel kill the program when this process is gone, even after SIGKILL. */
function startProgram(program: string, flags: string[], log: string): ChildProcess {
  const output = openSync(log, "a");
  return spawn("setpriv", ["--pdeathsig", "KILL", "--", program, ...flags], { stdio: ["ignore", output, output] });
}

async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const forced = setTimeout(() => child.kill("SIGKILL"), 3000);
  await exited;
  clearTimeout(forced);
}

async function untilReady(kubeconfig: string, children: readonly ChildProcess[]): Promise<void> {
  const cluster = await connect({ path: kubeconfig });
  const deadline = Date.now() + 180_000;
  for (;;) {
    try {
      await cluster.serverVersion();
      if (await cluster.get({ apiVersion: "v1", kind: "Namespace", name: "default" })) break;
    } catch (error) {
      if (Date.now() > deadline || children.some((child) => child.exitCode !== null)) throw error;
    }
    await sleep(100);
  }
  cluster.close();
}

async function makeCertificates(folder: string): Promise<void> {
  const file = (name: string) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await openssl(["req", "-x509", ...key, "-keyout", file("ca.key"), "-out", file("ca.crt"), "-subj", "/CN=test-ca"]);
  const issue = async (name: string, subject: string) => {
    await openssl([
      "req", "-x509", ...key, "-CA", file("ca.crt"), "-CAkey", file("ca.key"),
      "-keyout", file(`${name}.key`), "-out", file(`${name}.crt`), "-subj", subject,
      "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
      "-addext", "basicConstraints=critical,CA:FALSE",
      "-addext", "extendedKeyUsage=serverAuth,clientAuth",
    ]);
  };
  await Promise.all([
    issue("server", "/CN=kube-apiserver"),
    issue("admin", "/O=system:masters/CN=admin"),
    openssl(["genrsa", "-out", file("sa.key"), "2048"]),
  ]);
}

function kubeconfigText(folder: string, port: number): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "test", cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": join(folder, "ca.crt") } },
    ],
    users: [
      { name: "admin", user: { "client-certificate": join(folder, "admin.crt"), "client-key": join(folder, "admin.key") } },
    ],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

function removeStaleFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX) || isRunning(Number(name.slice(PREFIX.length)))) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
