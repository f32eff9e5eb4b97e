import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../../bench/fleet/stand-in-gateway.ts";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { runController, type ControllerOptions } from "../../src/controller/run.ts";
import type { OperatorEvent } from "../../src/engine/operate/event.ts";
import type { Operator } from "../../src/engine/operate/operator.ts";
import { renderDefinitions } from "../../src/render/controller.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { renderAgent } from "../../src/render/agent.ts";
import { agentSchema } from "../../src/spec/agent.ts";
import { fleetSchema } from "../../src/spec/fleet.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt } from "../../src/spec/plain-field.ts";
import { StandInNode } from "./stand-in-node.ts";

/** An image of the stand-in registry's one repository, by its tag. */
interface Pushed {
  readonly manifest: string;
  readonly configuration: string;
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** A registry whose one tag can be pushed to. */
async function startRegistry() {
  const images = new Map<string, string>();
  const tags = new Map<string, string>();
  const server = createServer((request, response) => {
    const reference = request.url?.split("/").at(-1) ?? "";
    const text = images.get(tags.get(reference) ?? reference);
    if (text === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": "application/vnd.oci.image.manifest.v1+json", "Docker-Content-Digest": digestOf(text) });
    return response.end(request.method === "HEAD" ? undefined : text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const push = (build: string, version = "2026.9.2"): string => {
    const labels = { "dev.frota.openclaw.version": version, "dev.frota.openclaw.engines": ">=22.12.0", "dev.frota.node.version": "22.23.3", build };
    const pushed: Pushed = { configuration: JSON.stringify({ os: "linux", architecture: "amd64", config: { Labels: labels } }), manifest: "" };
    const configuration = { digest: digestOf(pushed.configuration), mediaType: "application/vnd.oci.image.config.v1+json" };
    const manifest = JSON.stringify({ schemaVersion: 2, config: configuration, layers: [] });
    images.set(configuration.digest, pushed.configuration).set(digestOf(manifest), manifest);
    tags.set("latest", digestOf(manifest));
    return digestOf(manifest);
  };
  return { repository: `127.0.0.1:${typeof address === "object" && address ? address.port : 0}/fleet/agent`, push, close: () => server.close() };
}

/** Applies Frota's definitions and waits until they are served. */
export async function installDefinitions(cluster: Cluster): Promise<void> {
  const definitions = renderDefinitions();
  await Promise.all(definitions.map((definition) => cluster.apply(definition, { force: true })));
  const waiting = new Set(definitions.map(({ metadata }) => metadata.name));
  const abort = new AbortController();
  for await (const event of cluster.watch({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" }, {}, abort.signal)) {
    const objects = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    for (const object of objects) {
      const isServed = mapsAt(object, "status", "conditions").some(({ type, status }) => type === "Established" && status === "True");
      if (isServed) waiting.delete(object.metadata.name);
    }
    if (waiting.size === 0) break;
  }
  abort.abort();
}

/** A controller that runs in this process. */
export interface RunningController {
  readonly events: readonly OperatorEvent[];
  operator(): Operator | undefined;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** A fleet in a namespace of its own, with stand-ins for what a test cluster lacks. */
export class OperatedFleet {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly node: StandInNode;
  readonly push: (build: string, version?: string) => string;
  /** The image's repository, as a Fleet names it. */
  readonly repository: string;
  readonly #gateway: string;
  readonly #ends: (() => unknown)[];
  readonly #controllers: RunningController[] = [];
  /** Those that have not ended. */
  readonly #running = new Set<RunningController>();

  private constructor(
    cluster: Cluster,
    namespace: string,
    parts: { registry: Awaited<ReturnType<typeof startRegistry>>; gateway: Awaited<ReturnType<typeof startGateway>> },
  ) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.node = new StandInNode(cluster, namespace);
    this.push = parts.registry.push;
    this.repository = parts.registry.repository;
    this.#gateway = parts.gateway.address;
    this.#ends = [() => this.node.stop(), parts.registry.close, () => parts.gateway.close(), () => cluster.close()];
  }

  static async make(kubeconfig: string, namespace: string): Promise<OperatedFleet> {
    const cluster = await connect({ path: kubeconfig });
    await installDefinitions(cluster);
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    return OperatedFleet.#around(cluster, namespace);
  }

  /** For a fleet that something else brings into the cluster, with its namespace and definitions. */
  static async attach(kubeconfig: string, namespace: string): Promise<OperatedFleet> {
    return OperatedFleet.#around(await connect({ path: kubeconfig }), namespace);
  }

  static async #around(cluster: Cluster, namespace: string): Promise<OperatedFleet> {
    const fleet = new OperatedFleet(cluster, namespace, { registry: await startRegistry(), gateway: await startGateway() });
    fleet.push("first");
    return fleet;
  }

  /** Applies the Fleet, with a quick pace. */
  async declareFleet(disruption: object = {}): Promise<void> {
    await this.cluster.apply(this.#fleet(disruption), { force: true });
  }

  /** Writes the fleet's files, as {@link declareFleet} and {@link declareAgent} declare it, into a new folder. */
  async writeFiles(agents: Readonly<Record<string, object>>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "frota-operated-"));
    this.#ends.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "fleet.yaml"), JSON.stringify(this.#fleet({})));
    for (const [name, spec] of Object.entries(agents)) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, "agent.yaml"), JSON.stringify({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name }, spec }));
    }
    return folder;
  }

  #fleet(disruption: object): Manifest {
    const spec = {
      nodePool: { name: "bots" },
      image: { repository: this.repository },
      storage: { className: "standard" },
      vault: { address: "https://vault.example.com", auth: { role: "agents" } },
      disruption: { maxDisrupted: 1, quietWait: "1s", coalesceWindow: "1s", ...disruption },
      rollout: { bakeTime: "1s", checkInterval: "2s" },
    };
    return { apiVersion: "frota.dev/v1alpha1", kind: "Fleet", metadata: { name: "test", namespace: this.namespace }, spec };
  }

  /** Applies an Agent, and its Secret as External Secrets would. */
  async declareAgent(name: string, spec: object = {}): Promise<void> {
    await this.setSecret(name, "first");
    await this.cluster.apply({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name, namespace: this.namespace }, spec }, { force: true });
  }

  async setSecret(agent: string, value: string): Promise<void> {
    const data = { OPENCLAW_GATEWAY_TOKEN: Buffer.from("token").toString("base64"), VALUE: Buffer.from(value).toString("base64") };
    await this.cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: `${agent}-env`, namespace: this.namespace }, type: "Opaque", data });
  }

  /** Starts a controller in this process, and waits until it leads, unless another one of this fleet runs: no command finds it missing. */
  async control(rest: Partial<ControllerOptions> = {}): Promise<RunningController> {
    const abort = new AbortController();
    const events: OperatorEvent[] = [];
    let operator: Operator | undefined;
    const { promise: leads, resolve } = Promise.withResolvers<void>();
    const onLeader = (leader: Operator | undefined) => {
      operator = leader;
      resolve();
    };
    const running = runController({ ...this.#options(events, abort.signal), onLeader, ...rest }).finally(() => this.#running.delete(controller));
    const ended = running.catch(() => undefined);
    const controller: RunningController = {
      events,
      operator: () => operator,
      async stop() {
        abort.abort();
        await running;
      },
    };
    const isAlone = this.#running.size === 0;
    this.#running.add(controller);
    this.#controllers.push(controller);
    if (isAlone) await Promise.race([leads, ended]);
    return controller;
  }

  #options(events: OperatorEvent[], signal: AbortSignal): ControllerOptions {
    return {
      cluster: this.cluster,
      namespace: this.namespace,
      gatewayAccess: { type: "address", address: this.#gateway },
      registry: {},
      concurrency: 16,
      identity: `test-${Math.random()}`,
      now: () => Date.now(),
      isUntilSettled: false,
      signal,
      onEvent: (event) => events.push(event),
      onLeader: () => undefined,
    };
  }

  /** Deletes definitions, and applies them again as soon as they are gone. */
  async redefine(definitions: readonly string[]): Promise<void> {
    const kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    for (const name of definitions) await this.cluster.delete({ ...kind, name });
    const end = new AbortController();
    const left = new Set(definitions);
    for await (const event of this.cluster.watch(kind, {}, end.signal)) {
      const there = event.type === "synced" ? event.objects.map(({ metadata }) => metadata.name) : [...left];
      for (const name of definitions) if (!there.includes(name)) left.delete(name);
      if (event.type === "removed") left.delete(event.object.metadata.name);
      if (left.size === 0) break;
    }
    end.abort();
    await installDefinitions(this.cluster);
  }

  /** Makes these agents' objects as `frota apply` does without a controller, and waits until they are Ready. */
  async deployPlainly(agents: readonly string[]): Promise<void> {
    const fleet = fleetSchema.parse(declarationOf(await this.get("frota.dev/v1alpha1", "Fleet", "test")));
    for (const name of agents) {
      const agent = agentSchema.parse(declarationOf(await this.get("frota.dev/v1alpha1", "Agent", name)));
      const manifests = renderAgent(fleet, { agent, folder: name, workspace: new Map() });
      for (const manifest of manifests) await this.cluster.apply(manifest);
      await this.until("apps/v1", "Deployment", name, (object) => valueAt(object, ["status", "readyReplicas"]) === 1);
    }
  }

  /** Runs a controller until every agent's Deployment names the digest, and the fleet is settled. */
  async settleOn(digest: string): Promise<void> {
    const controller = await this.control();
    for (const { metadata } of await this.cluster.list({ apiVersion: "frota.dev/v1alpha1", kind: "Agent" }, { namespace: this.namespace })) {
      await this.until("apps/v1", "Deployment", metadata.name, (object) => JSON.stringify(valueAt(object, ["spec", "template"])).includes(digest));
    }
    await controller.stop();
    await this.settle();
  }

  /** Runs a controller until the fleet is settled. */
  async settle(): Promise<readonly OperatorEvent[]> {
    const events: OperatorEvent[] = [];
    const limit = AbortSignal.timeout(60_000);
    await runController({ ...this.#options(events, limit), isUntilSettled: true });
    if (limit.aborted) throw new Error(`the fleet did not settle: ${JSON.stringify(events.slice(-30))}`);
    return events;
  }

  get(apiVersion: string, kind: string, name: string): Promise<Manifest | undefined> {
    return this.cluster.get({ apiVersion, kind, namespace: this.namespace, name });
  }

  deployment(name: string): Promise<Manifest | undefined> {
    return this.get("apps/v1", "Deployment", name);
  }

  /** Waits until an object of the namespace is as wanted (undefined: gone), and returns it. */
  async until(apiVersion: string, kind: string, name: string, isWanted: (object: Manifest | undefined) => boolean): Promise<Manifest | undefined> {
    const selection = { namespace: this.namespace, fieldSelector: `metadata.name=${name}` };
    const limit = AbortSignal.timeout(40_000);
    let last: Manifest | undefined;
    for await (const event of this.cluster.watch({ apiVersion, kind }, selection, limit)) {
      if (event.type === "disconnected") continue;
      last = event.type === "synced" ? event.objects[0] : event.type === "changed" ? event.object : undefined;
      if (isWanted(last)) return last;
    }
    throw new Error(`${kind} ${name} did not become as wanted: ${JSON.stringify(last)}`);
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#controllers.map((controller) => controller.stop()));
    for (const end of this.#ends) await end();
  }
}

/** A resource as its file would have it. */
function declarationOf(resource: Manifest | undefined): object {
  if (!resource) throw new Error("there is no such resource");
  const { apiVersion, kind, metadata } = resource;
  return { apiVersion, kind, metadata: { name: metadata.name, ...(kind === "Fleet" ? { namespace: metadata.namespace } : {}) }, spec: resource["spec"] };
}
