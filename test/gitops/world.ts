import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { referenceOf, type Cluster, type KindReference, type ObjectReference } from "../../src/cluster/cluster.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt } from "../../src/spec/plain-field.ts";
import { controlPlaneBinaries } from "../api/binaries.ts";
import { startControlPlane, type ControlPlane } from "../api/control-plane.ts";
import { frota } from "../api/command-line.ts";
import { installCustomResources } from "../api/custom-resources.ts";
import { OperatedFleet } from "../api/operated-fleet.ts";
import { FleetRepository } from "./fleet-repository.ts";

/** Of our own agents. */
export const FLEET_NAMESPACE = "bots";
export const AGENTS = ["clementina", "clovis", "roberval"] as const;
export const CLOVIS = { apiVersion: "apps/v1", kind: "Deployment", namespace: FLEET_NAMESPACE, name: "clovis" };
/** What the guide calls the plain way's Applications and Kustomizations. */
export const PLAIN_NAMES: readonly string[] = ["fleet", ...AGENTS.map((agent) => `agent-${agent}`)];

const CONTROLLER_IMAGE = `registry.example.com/frota-controller:1@sha256:${"0".repeat(64)}`;

/** A cluster without nodes, whose pods become Ready all the same, and our agents in a Git repository. */
export class World {
  readonly controlPlane: ControlPlane;
  readonly fleet: OperatedFleet;
  readonly repository: FleetRepository;
  readonly #end = new AbortController();

  private constructor(controlPlane: ControlPlane, fleet: OperatedFleet, repository: FleetRepository) {
    this.controlPlane = controlPlane;
    this.fleet = fleet;
    this.repository = repository;
    void this.#followSecrets();
    void this.#followStores();
    void this.#followControllerPods();
  }

  static async make(): Promise<World> {
    const controlPlane = await startControlPlane();
    await installCustomResources(controlPlane.kubeconfig);
    const fleet = await OperatedFleet.attach(controlPlane.kubeconfig, FLEET_NAMESPACE);
    fleet.node.tagDigest = fleet.push("first");
    return new World(controlPlane, fleet, await FleetRepository.make(fleet.repository));
  }

  get cluster(): Cluster {
    return this.fleet.cluster;
  }

  /** Runs the real kubectl. */
  async kubectl(...args: readonly string[]): Promise<string> {
    const program = await controlPlaneBinaries();
    return (await execa(program("kubectl"), args, { env: { KUBECONFIG: this.controlPlane.kubeconfig } })).stdout;
  }

  /** Runs `frota` in the repository; gives what it printed. */
  async frota(...args: readonly string[]): Promise<string> {
    const where = args.includes("--manifests") ? [] : ["--context", "test"];
    const { code, stdout, stderr } = await frota([...args, ...where], { cwd: join(this.repository.checkout, "agents"), env: { KUBECONFIG: this.controlPlane.kubeconfig } });
    if (code !== 0) throw new Error(`frota ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** Files of Git, sorted. */
  files(pattern: string): string[] {
    return globSync(pattern, { cwd: this.repository.checkout }).sort();
  }

  /** Those that the operated way takes. */
  operatedFiles(): string[] {
    return this.files("agents/{fleet.yaml,*/agent.yaml,k8s/*.yaml,*/k8s/config-map-workspace.yaml}");
  }

  /** {@link versions} of all that is there in the operated way: what Git has of it, what the controller made, and the controller. */
  async operatedVersions(): Promise<object[]> {
    return [await this.versions(this.operatedFiles()), await this.versions(this.files("agents/*/k8s/*.yaml")), await this.versions(this.files("controller/*.yaml"))];
  }

  /** Gives the controller to Git, where the guide puts it. */
  async pushController(): Promise<void> {
    await this.repository.write("controller/controller.yaml", await this.frota("controller", "install", "--manifests", "--image", CONTROLLER_IMAGE));
    await this.repository.push("the controller");
  }

  /** An object of the fleet's namespace. */
  get(apiVersion: string, kind: string, name: string): Promise<Manifest | undefined> {
    return this.fleet.get(apiVersion, kind, name);
  }

  /** Waits until an object of the fleet's namespace is as wanted. */
  until(apiVersion: string, kind: string, name: string, isWanted: (object: Manifest | undefined) => boolean): Promise<Manifest | undefined> {
    return this.fleet.until(apiVersion, kind, name, isWanted);
  }

  /** Objects of Git, as the cluster has them: by path in the repository and name, undefined where it has none. */
  async live(paths: readonly string[]): Promise<Map<string, Manifest | undefined>> {
    const found = new Map<string, Manifest | undefined>();
    for (const path of paths) {
      for (const document of parseAllDocuments(await this.repository.read(path))) {
        const { apiVersion, kind, metadata }: Manifest = document.toJS();
        const namespace = metadata.namespace ?? (kind === "Agent" ? FLEET_NAMESPACE : undefined);
        const object = await this.cluster.get({ apiVersion, kind, name: metadata.name, ...(namespace !== undefined && { namespace }) });
        found.set(`${path} ${kind}/${metadata.name}`, object);
      }
    }
    return found;
  }

  /** What any write to them would change. */
  async versions(paths: readonly string[]): Promise<object> {
    const live = await this.live(paths);
    return Object.fromEntries([...live].map(([path, object]) => [path, object && { uid: object.metadata["uid"], version: object.metadata["resourceVersion"] }]));
  }

  /** What decides whether agents restart. */
  async templates(): Promise<object> {
    const deployments = await Promise.all(AGENTS.map((agent) => this.fleet.deployment(agent)));
    return Object.fromEntries(deployments.map((deployment, index) => [AGENTS[index], valueAt(deployment, ["spec", "template"])]));
  }

  /** By agent; two are the same while none was replaced. */
  async pods(): Promise<string[]> {
    const pods = await this.cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: FLEET_NAMESPACE });
    return pods.map(({ metadata }) => `${metadata.labels?.["app.kubernetes.io/instance"]} ${String(metadata["uid"])}`).sort();
  }

  async end(): Promise<void> {
    this.#end.abort();
    await this.fleet.end();
    await this.repository.end();
    await this.controlPlane.stop();
  }

  /** Objects as they are and as they come, until the end. */
  async *#seen(kind: KindReference, namespace: string = FLEET_NAMESPACE): AsyncGenerator<readonly Manifest[], void, undefined> {
    for await (const event of this.cluster.watch(kind, { namespace }, this.#end.signal)) {
      if (event.type === "synced") yield event.objects;
      if (event.type === "changed") yield [event.object];
    }
  }

  /** Makes the Secrets, as External Secrets does. */
  async #followSecrets(): Promise<void> {
    const made = new Set<string>();
    for await (const found of this.#seen({ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" })) {
      for (const { metadata } of found.filter((one) => !made.has(one.metadata.name))) {
        made.add(metadata.name);
        const keys = ["OPENCLAW_GATEWAY_TOKEN", "GEMINI_API_KEY", "GITHUB_TOKEN", "LINEAR_API_KEY"];
        const data = Object.fromEntries(keys.map((key) => [key, Buffer.from(key).toString("base64")]));
        await this.cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: metadata.name, namespace: FLEET_NAMESPACE }, type: "Opaque", data }, { force: true });
      }
    }
  }

  /** Says that the cluster logs in to Vault, as External Secrets does. */
  async #followStores(): Promise<void> {
    const made = new Set<unknown>();
    for await (const found of this.#seen({ apiVersion: "external-secrets.io/v1", kind: "SecretStore" })) {
      for (const store of found.filter(({ metadata }) => !made.has(metadata["uid"]))) {
        made.add(store.metadata["uid"]);
        const conditions = [{ type: "Ready", status: "True", reason: "Valid", message: "store validated" }];
        await this.cluster.mergePatch(referenceOf(store), { status: { conditions } }, { fieldManager: "stand-in", subresource: "status" });
      }
    }
  }

  /** Pods of the controller, which runs in this process instead, are Ready. */
  async #followControllerPods(): Promise<void> {
    const namespace = "frota-system";
    for await (const found of this.#seen({ apiVersion: "v1", kind: "Pod" }, namespace)) {
      for (const pod of found.filter((one) => mapsAt(one, "status", "conditions").every(({ type, status }) => type !== "Ready" || status !== "True"))) {
        const conditions = ["Ready", "ContainersReady"].map((type) => ({ type, status: "True", lastTransitionTime: "2026-11-23T00:00:00Z" }));
        await this.cluster.mergePatch({ apiVersion: "v1", kind: "Pod", namespace, name: pod.metadata.name }, { status: { phase: "Running", conditions } }, { subresource: "status" }).catch(() => undefined);
      }
    }
  }
}

/** Waits until an object of whatever namespace is as wanted (undefined: gone), and gives it. */
export async function until(cluster: Cluster, reference: ObjectReference, isWanted: (object: Manifest | undefined) => boolean, milliseconds = 120_000): Promise<Manifest | undefined> {
  const { apiVersion, kind, name, namespace } = reference;
  let last: Manifest | undefined;
  const selection = { ...(namespace !== undefined && { namespace }), fieldSelector: `metadata.name=${name}` };
  for await (const event of cluster.watch({ apiVersion, kind }, selection, AbortSignal.timeout(milliseconds))) {
    if (event.type === "disconnected") continue;
    last = event.type === "synced" ? event.objects[0] : event.type === "changed" ? event.object : undefined;
    if (isWanted(last)) return last;
  }
  throw new Error(`${kind} ${name} did not become as wanted: ${JSON.stringify({ ...last, metadata: { ...last?.metadata, managedFields: undefined } })}`);
}

/** Applies definitions from files, and waits until they are served. */
export async function applyFiles(cluster: Cluster, files: readonly string[]): Promise<void> {
  for (const file of files) {
    for (const document of parseAllDocuments(await readFile(file, "utf8"))) {
      const definition: Manifest = document.toJS();
      await cluster.apply(definition, { force: true });
      const { apiVersion, kind, metadata } = definition;
      await until(cluster, { apiVersion, kind, name: metadata.name }, (found) => mapsAt(found, "status", "conditions").some(({ type, status }) => type === "Established" && status === "True"));
    }
  }
}
