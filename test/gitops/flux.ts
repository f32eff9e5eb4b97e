import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { referenceOf, type Cluster } from "../../src/cluster/cluster.ts";
import { acquire } from "../../src/lab/components/acquire.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import { ACQUIRE_CONTEXT } from "../api/binaries.ts";
import { freePort } from "../api/vault-server.ts";
import { applyFiles, until } from "./world.ts";

const NAMESPACE = "flux-system";
export const KUSTOMIZATION = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", namespace: NAMESPACE };

export const conditionOf = (object: Manifest | undefined, type: string) => mapsAt(object, "status", "conditions").find((condition) => condition["type"] === type);

/**
 * The real kustomize-controller. A stand-in does source-controller's part, which fetches a repository and serves its files as an archive;
 * which files those are, Flux's own code says (`source-ignore`).
 */
export class Flux {
  readonly #cluster: Cluster;
  readonly #folder: string;
  readonly #controller: ChildProcess;
  readonly #server: Server;
  readonly #sourceIgnore: string;

  private constructor(cluster: Cluster, folder: string, parts: { controller: ChildProcess; server: Server; sourceIgnore: string }) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.#controller = parts.controller;
    this.#server = parts.server;
    this.#sourceIgnore = parts.sourceIgnore;
  }

  /** Starts it as a cluster administrator, which Flux is by default. */
  static async start(cluster: Cluster, kubeconfig: string): Promise<Flux> {
    const { files } = await acquire("flux", ACQUIRE_CONTEXT);
    await applyFiles(cluster, Object.values(files).filter((file) => file.endsWith(".yaml")));
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    const folder = await mkdtemp(join(tmpdir(), "frota-flux-"));
    const log = openSync(join(folder, "kustomize-controller.log"), "w");
    const flags = ["--metrics-addr=127.0.0.1:0", `--health-addr=127.0.0.1:${await freePort()}`, "--requeue-dependency=1s", "--log-level=debug"];
    const controller = spawn("setpriv", ["--pdeathsig", "KILL", "--", files["kustomize-controller"] ?? "", ...flags], {
      stdio: ["ignore", log, log],
      env: { ...process.env, KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: NAMESPACE, TMPDIR: folder },
    });
    const server = createServer((request, response) => {
      readFile(join(folder, "artifacts", new URL(request.url ?? "/", "http://source").pathname)).then(
        (archive) => response.end(archive),
        () => response.writeHead(404).end(),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Flux(cluster, folder, { controller, server, sourceIgnore: files["source-ignore"] ?? "" });
  }

  /** Fetches the repository of a GitRepository now, as source-controller does each minute; gives the files that it takes. */
  async fetch(name: string): Promise<string[]> {
    const source = await this.#cluster.get({ apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", namespace: NAMESPACE, name });
    if (!source) throw new Error(`there is no GitRepository ${name}`);
    const clone = await mkdtemp(join(this.#folder, "clone-"));
    await execa("git", ["clone", "--quiet", "--branch", textAt(source, "spec", "ref", "branch") ?? "", textAt(source, "spec", "url") ?? "", clone]);
    const { stdout: commit } = await execa("git", ["rev-parse", "HEAD"], { cwd: clone });
    const { stdout: kept } = await execa(this.#sourceIgnore, [clone], { input: textAt(source, "spec", "ignore") ?? "" });
    const path = join(name, `${commit}.tar.gz`);
    const archive = join(this.#folder, "artifacts", path);
    await mkdir(join(archive, ".."), { recursive: true });
    await execa("tar", ["--create", "--gzip", "--file", archive, "--directory", clone, "--files-from=-"], { input: kept });
    await rm(clone, { recursive: true });
    await this.#report(source, { path, archive: await readFile(archive), revision: `main@sha1:${commit}` });
    return kept.split("\n").sort();
  }

  async #report(source: Manifest, { path, archive, revision }: { path: string; archive: Buffer; revision: string }): Promise<void> {
    const address = this.#server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const digest = `sha256:${createHash("sha256").update(archive).digest("hex")}`;
    const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const generation = source.metadata["generation"];
    const artifact = { path, revision, digest, size: archive.length, url: `http://127.0.0.1:${port}/${path}`, lastUpdateTime: now };
    const ready = { type: "Ready", status: "True", reason: "Succeeded", message: `stored artifact for revision '${revision}'`, lastTransitionTime: now, observedGeneration: generation };
    await this.#cluster.mergePatch(referenceOf(source), { status: { observedGeneration: generation, artifact, conditions: [ready] } }, { fieldManager: "source-controller", subresource: "status" });
  }

  /** Waits until a Kustomization is as wanted, and gives it. */
  until(name: string, isWanted: (kustomization: Manifest | undefined) => boolean): Promise<Manifest | undefined> {
    return until(this.#cluster, { ...KUSTOMIZATION, name }, isWanted);
  }

  /** Waits until a Kustomization came to an end with what was fetched last: Ready, or failed. */
  async ended(name: string): Promise<Manifest | undefined> {
    const kustomization = await this.#cluster.get({ ...KUSTOMIZATION, name });
    const source = await this.#cluster.get({ apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", namespace: NAMESPACE, name: textAt(kustomization, "spec", "sourceRef", "name") ?? "" });
    const revision = textAt(source, "status", "artifact", "revision");
    return this.until(name, (found) => textAt(found, "status", "lastAttemptedRevision") === revision && conditionOf(found, "Ready")?.["observedGeneration"] === found?.metadata["generation"] && ["True", "False"].includes(String(conditionOf(found, "Ready")?.["status"])) && conditionOf(found, "Ready")?.["reason"] !== "DependencyNotReady");
  }

  /** One pass of a Kustomization, as `flux reconcile kustomization` asks for it. */
  async pass(name: string): Promise<Manifest | undefined> {
    const requestedAt = new Date().toISOString();
    await this.#cluster.mergePatch({ ...KUSTOMIZATION, name }, { metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": requestedAt } } }, { fieldManager: "flux" });
    return this.until(name, (found) => textAt(found, "status", "lastHandledReconcileAt") === requestedAt && conditionOf(found, "Ready")?.["status"] !== "Unknown");
  }


  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#controller.kill("SIGKILL");
    if (this.#controller.exitCode === null && this.#controller.signalCode === null) await once(this.#controller, "exit");
    await rm(this.#folder, { recursive: true });
  }
}
