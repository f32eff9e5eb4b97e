import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { acquire } from "../../src/lab/components/acquire.ts";
import type { Component } from "../../src/lab/components/component.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { ACQUIRE_CONTEXT } from "../api/binaries.ts";
import { freePort } from "../api/vault-server.ts";
import { applyFiles, until } from "./world.ts";

const NAMESPACE = "argocd";
export const APPLICATION = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", namespace: NAMESPACE };
export const APPLICATION_SET = { ...APPLICATION, kind: "ApplicationSet" };
const CRDS = ["application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml"];
const SETTINGS = ["argocd-cm.yaml", "argocd-cmd-params-cm.yaml", "argocd-rbac-cm.yaml", "argocd-secret.yaml", "argocd-tls-certs-cm.yaml"];
/** What Argo CD makes at its first start: everything may go everywhere. */
const PROJECT = { apiVersion: APPLICATION.apiVersion, kind: "AppProject", metadata: { name: "default", namespace: NAMESPACE }, spec: { sourceRepos: ["*"], destinations: [{ namespace: "*", server: "*" }], clusterResourceWhitelist: [{ group: "*", kind: "*" }] } };

export const syncOf = (application: Manifest | undefined) => textAt(application, "status", "sync", "status");
export const healthOf = (application: Manifest | undefined) => textAt(application, "status", "health", "status");
export const phaseOf = (application: Manifest | undefined) => textAt(application, "status", "operationState", "phase");
/** Its last sync went well, and what it brought is healthy. */
export const isSettled = (application: Manifest | undefined) => syncOf(application) === "Synced" && healthOf(application) === "Healthy" && phaseOf(application) === "Succeeded";
/** What Argo CD says of one object of an Application. */
export const resourceOf = (application: Manifest | undefined, kind: string, name: string) => mapsAt(application, "status", "resources").find((one) => one["kind"] === kind && one["name"] === name);

/** The real application controller, ApplicationSet controller and repository server, with their settings as they are released. */
export class ArgoCd {
  readonly #cluster: Cluster;
  readonly #folder: string;
  readonly #programs: readonly ChildProcess[];

  private constructor(cluster: Cluster, folder: string, programs: readonly ChildProcess[]) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.#programs = programs;
  }

  /** Starts it as a cluster administrator, which Argo CD is by default. */
  static async start(cluster: Cluster, kubeconfig: string): Promise<ArgoCd> {
    const component = await acquire("argo-cd", ACQUIRE_CONTEXT);
    await applyFiles(cluster, CRDS.map((name) => component.files[name] ?? name));
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    for (const name of SETTINGS) {
      const settings: Manifest = parseAllDocuments(await readFile(component.files[name] ?? name, "utf8"))[0]?.toJS();
      const secret = settings.kind === "Secret" ? { data: { "server.secretkey": Buffer.from("secret").toString("base64") } } : {};
      await cluster.apply({ ...settings, ...secret, metadata: { ...settings.metadata, namespace: NAMESPACE } });
    }
    await cluster.apply(PROJECT);
    const folder = await mkdtemp(join(tmpdir(), "frota-argo-cd-"));
    return new ArgoCd(cluster, folder, await startPrograms(component, folder, kubeconfig));
  }

  /** Waits until an Application is as wanted, and gives it. */
  until(name: string, isWanted: (application: Manifest | undefined) => boolean, milliseconds?: number): Promise<Manifest | undefined> {
    return until(this.#cluster, { ...APPLICATION, name }, isWanted, milliseconds);
  }

  /** Compares an Application with Git and cluster now, as *Hard refresh* does, and gives it. */
  async refresh(name: string): Promise<Manifest | undefined> {
    const refresh = { metadata: { annotations: { "argocd.argoproj.io/refresh": "hard" } } };
    await this.#cluster.mergePatch({ ...APPLICATION, name }, refresh, { fieldManager: "argocd-server" });
    return this.until(name, (found) => found?.metadata.annotations?.["argocd.argoproj.io/refresh"] === undefined);
  }

  /** Lets an ApplicationSet look at Git now. */
  async generate(name: string): Promise<void> {
    const refresh = { metadata: { annotations: { "argocd.argoproj.io/application-set-refresh": "true" } } };
    await this.#cluster.mergePatch({ ...APPLICATION_SET, name }, refresh, { fieldManager: "argocd-server" });
    await until(this.#cluster, { ...APPLICATION_SET, name }, (found) => found?.metadata.annotations?.["argocd.argoproj.io/application-set-refresh"] === undefined);
  }

  /** Waits until an Application has brought in a commit, and gives it. */
  async arrived(name: string, commit: string): Promise<Manifest | undefined> {
    await this.refresh(name);
    return this.until(name, (found) => syncOf(found) === "Synced" && textAt(found, "status", "sync", "revision") === commit && phaseOf(found) === "Succeeded" && textAt(found, "status", "operationState", "syncResult", "revision") === commit);
  }

  /** Starts a sync, as a person does. */
  async sync(name: string, options: object = {}): Promise<Manifest | undefined> {
    const begun = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    const operation = { initiatedBy: { username: "admin" }, sync: { syncOptions: ["ServerSideApply=true"], ...options } };
    await this.#cluster.mergePatch({ ...APPLICATION, name }, { operation }, { fieldManager: "argocd-server" });
    return this.until(name, (found) => found?.["operation"] === undefined && (textAt(found, "status", "operationState", "startedAt") ?? "") >= begun.replace(".000Z", "Z") && phaseOf(found) !== "Running");
  }

  async stop(): Promise<void> {
    for (const program of this.#programs) {
      program.kill("SIGKILL");
      if (program.exitCode === null && program.signalCode === null) await once(program, "exit");
    }
    await rm(this.#folder, { recursive: true });
  }
}

async function local(flag: string): Promise<string> {
  return `--${flag}=127.0.0.1:${await freePort()}`;
}

async function startPrograms({ folder: programs, files }: Component, folder: string, kubeconfig: string): Promise<ChildProcess[]> {
  const [redis, repository] = [`127.0.0.1:${await freePort()}`, await freePort()];
  const environment = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
    // https://kubernetes.default.svc is the cluster of the kubeconfig.
    ARGOCD_FAKE_IN_CLUSTER: "true",
    ARGOCD_GPG_ENABLED: "false",
    ARGOCD_TLS_DATA_PATH: join(folder, "tls"),
    ARGOCD_SSH_DATA_PATH: join(folder, "ssh"),
    ARGOCD_PLUGINSOCKFILEPATH: join(folder, "plugins"),
    HOME: folder,
    TMPDIR: folder,
  };
  for (const name of ["tls", "ssh", "plugins"]) await mkdir(join(folder, name));
  const start = (name: string, ...flags: readonly string[]) => {
    const log = openSync(join(folder, `${name}.log`), "w");
    return spawn("setpriv", ["--pdeathsig", "KILL", "--", files["argo-cd"] ?? "", name, ...flags], { stdio: ["ignore", log, log], env: environment });
  };
  const source = ["--repo-server-plaintext", "--namespace", NAMESPACE];
  return [
    start("redis", redis),
    start("repo-server", "--address=127.0.0.1", `--port=${repository}`, "--disable-tls", "--client-ca-path=", `--redis=${redis}`, "--metrics-address=127.0.0.1", `--metrics-port=${await freePort()}`),
    start("application-controller", ...source, "--persist-resource-health", `--repo-server=127.0.0.1:${repository}`, `--redis=${redis}`, `--metrics-port=${await freePort()}`),
    start("applicationset-controller", ...source, `--argocd-repo-server=127.0.0.1:${repository}`, await local("metrics-addr"), await local("probe-addr"), await local("webhook-addr")),
  ];
}
