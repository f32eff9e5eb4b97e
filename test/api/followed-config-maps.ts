import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type ApiAnswer, type Cluster } from "../../src/cluster/cluster.ts";
import { Informer } from "../../src/cluster/informer.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import { UnsteadyConnection } from "./unsteady-connection.ts";

/** What an informer of ConfigMaps told. */
export interface Follower {
  readonly informer: Informer<string>;
  /** `name before > after`, in order. */
  readonly changes: string[];
  readonly problems: string[];
}

/** ConfigMaps that are written over a steady connection and followed over one that a test can cut. */
export class FollowedConfigMaps {
  readonly kind = { apiVersion: "v1", kind: "ConfigMap" } as const;
  readonly steady: Cluster;
  /** Through {@link relay}. */
  readonly cluster: Cluster;
  readonly relay: UnsteadyConnection;
  /** What the API server answered through the relay. */
  readonly answers: readonly ApiAnswer[];
  readonly #abort = new AbortController();
  readonly #folder: string;

  private constructor(connections: { steady: Cluster; cluster: Cluster; relay: UnsteadyConnection; answers: readonly ApiAnswer[] }, folder: string) {
    this.steady = connections.steady;
    this.cluster = connections.cluster;
    this.relay = connections.relay;
    this.answers = connections.answers;
    this.#folder = folder;
  }

  static async start(kubeconfig: string): Promise<FollowedConfigMaps> {
    const folder = await mkdtemp(join(tmpdir(), "frota-followed-"));
    const answers: ApiAnswer[] = [];
    const relay = await UnsteadyConnection.start(kubeconfig, join(folder, "kubeconfig"));
    const cluster = await connect({ path: join(folder, "kubeconfig") }, (answer) => answers.push(answer));
    return new FollowedConfigMaps({ steady: await connect({ path: kubeconfig }), cluster, relay, answers }, folder);
  }

  /** Ends what follows. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Makes a namespace, and returns its name. */
  async namespace(name: string): Promise<string> {
    await this.steady.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    return name;
  }

  configMap(namespace: string, name: string, value: string): Manifest {
    return { ...this.kind, metadata: { name, namespace }, data: { value } };
  }

  /** Writes the named ConfigMaps, all with value 1. */
  async fill(namespace: string, names: readonly string[]): Promise<void> {
    for (let first = 0; first < names.length; first += 50) {
      await Promise.all(names.slice(first, first + 50).map((name) => this.steady.create(this.configMap(namespace, name, "1"))));
    }
  }

  /** Follows the values of a namespace's ConfigMaps. */
  follow(namespace: string, from: Pick<Cluster, "follow"> = this.cluster): Follower {
    const changes: string[] = [];
    const problems: string[] = [];
    const informer = Informer.start<string>({
      cluster: from,
      kind: this.kind,
      selection: { namespace },
      signal: this.signal,
      // What has no value is not wanted: the cluster's own ConfigMap.
      slim: (object) => textAt(object, "data", "value"),
      isSame: (before, after) => before === after,
      onChange: (name, before, after) => changes.push(`${name} ${before ?? "-"} > ${after ?? "-"}`),
      onProblem: (problem) => problems.push(problem),
    });
    return { informer, changes, problems };
  }

  async end(): Promise<void> {
    this.#abort.abort();
    this.steady.close();
    this.cluster.close();
    await this.relay.cut();
    await rm(this.#folder, { recursive: true });
  }
}

/** So many names in order: `c0000`, `c0001`, ... */
export function numberedNames(count: number): string[] {
  return Array.from({ length: count }, (_value, index) => `c${String(index).padStart(4, "0")}`);
}
