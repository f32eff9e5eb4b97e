import type { Selection } from "../../src/cluster/cluster.ts";
import { groupVersionPath, builtInResource } from "../../src/cluster/resource.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { HttpClient, type Endpoint, type JsonAnswer } from "./http-client.ts";

const PLURALS: Readonly<Record<string, string>> = {
  Agent: "agents",
  Fleet: "fleets",
  ExternalSecret: "externalsecrets",
  SecretStore: "secretstores",
  ClusterRoleBinding: "clusterrolebindings",
  CustomResourceDefinition: "customresourcedefinitions",
};

/** Path of an object's collection. */
function collection({ apiVersion, kind, metadata }: Pick<Manifest, "apiVersion" | "kind" | "metadata">): string {
  const plural = builtInResource({ apiVersion, kind })?.plural ?? PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  const namespace = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${groupVersionPath(apiVersion)}${namespace}/${plural}`;
}

/** The bare client that the controller is compared with: plain POST, no dry run, no reads. */
export class KubernetesClient {
  readonly #http: HttpClient;

  constructor(endpoint: Endpoint) {
    this.#http = new HttpClient(endpoint);
  }

  /** Creates all objects over all connections; `isFine` answers are taken, for example 409 for what is there already. */
  async createAll(manifests: readonly Manifest[], isFine: readonly number[] = []): Promise<void> {
    await Promise.all(manifests.map((manifest) => this.#http.send({ method: "POST", path: collection(manifest), body: manifest }, isFine)));
  }

  /** JSON merge patch. */
  patch(manifest: Pick<Manifest, "apiVersion" | "kind" | "metadata">, body: unknown): Promise<JsonAnswer> {
    const path = `${collection(manifest)}/${manifest.metadata.name}`;
    return this.#http.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  }

  /** Deletes every object of a collection at once; what is not there does not matter. */
  async deleteAll(kind: Pick<Manifest, "apiVersion" | "kind">, { namespace, labelSelector = "" }: Selection): Promise<void> {
    const path = collection({ ...kind, metadata: { name: "", ...(namespace === undefined ? {} : { namespace }) } });
    const body = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, propagationPolicy: "Background" };
    await this.#http.send({ method: "DELETE", path: `${path}?labelSelector=${encodeURIComponent(labelSelector)}`, body }, [404]);
  }

  async deleteNamespace(name: string): Promise<void> {
    await this.#http.send({ method: "DELETE", path: `/api/v1/namespaces/${name}` }, [404]);
  }

  /** The raw answer for a path, for example `/metrics`. */
  get(path: string, accepted: readonly number[] = []): Promise<JsonAnswer> {
    return this.#http.send({ method: "GET", path }, accepted);
  }

  close(): void {
    this.#http.close();
  }
}
