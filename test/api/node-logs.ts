import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Cluster } from "../../src/cluster/cluster.ts";

interface Line {
  readonly at: string;
  readonly text: string;
}

/** One instance of a container, from its start to its end. */
interface Instance {
  readonly lines: Line[];
  hasEnded: boolean;
}

/** Stands in for a node that has pods' logs, where none runs: the API server asks it as it asks a kubelet. It keeps one earlier instance. */
export class NodeLogs {
  /** What was asked of it, as the API server passes it on. */
  readonly asked: string[] = [];
  readonly #pods = new Map<string, Instance[]>();
  /** What is answered for a pod in place of its log. */
  readonly #lost = new Map<string, string>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #open = new Set<ServerResponse>();
  readonly #server: Server;
  /** Microseconds. */
  #clock = Date.now() * 1000;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  /** Starts it, and makes the Node that leads to it. */
  static async start(cluster: Cluster, node: string): Promise<NodeLogs> {
    const folder = await mkdtemp(join(tmpdir(), "frota-node-logs-"));
    const file = (name: string) => join(folder, name);
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    await promisify(execFile)("openssl", ["req", "-x509", ...key, "-keyout", file("key"), "-out", file("crt"), "-subj", "/CN=kubelet"]);
    const server = createServer({ key: await readFile(file("key")), cert: await readFile(file("crt")) });
    await rm(folder, { recursive: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await cluster.apply({ apiVersion: "v1", kind: "Node", metadata: { name: node } });
    const status = { addresses: [{ type: "InternalIP", address: "127.0.0.1" }], daemonEndpoints: { kubeletEndpoint: { Port: port } } };
    await cluster.mergePatch({ apiVersion: "v1", kind: "Node", name: node }, { status }, { subresource: "status" });
    return new NodeLogs(server);
  }

  /** A new instance of the pod's container, after the end of the one before. */
  begin(pod: string): void {
    this.end(pod);
    this.#pods.set(pod, [...(this.#pods.get(pod) ?? []), { lines: [], hasEnded: false }]);
  }

  /** The container writes lines, a millisecond apart. */
  write(pod: string, ...texts: string[]): void {
    const instance = this.#pods.get(pod)?.at(-1);
    for (const text of texts) {
      this.#clock = Math.max(this.#clock + 1000, Date.now() * 1000);
      const at = new Date(this.#clock / 1000).toISOString().replace("Z", `${String(this.#clock % 1000).padStart(3, "0")}000Z`);
      instance?.lines.push({ at, text });
    }
    this.#changes.emit("change");
  }

  end(pod: string): void {
    const instance = this.#pods.get(pod)?.at(-1);
    if (instance) instance.hasEnded = true;
    this.#changes.emit("change");
  }

  /** The pod's log cannot be read from now on: streams end with these words, and they are all that is answered. */
  lose(pod: string, words: string): void {
    this.#lost.set(pod, words);
    this.#changes.emit("change");
  }

  /** The pod's log can be read again. */
  find(pod: string): void {
    this.#lost.delete(pod);
  }

  /** Breaks every connection. */
  cut(): void {
    for (const response of this.#open) response.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "https://kubelet");
    this.asked.push(`${pathname}?${searchParams.toString()}`);
    const [, , , pod = ""] = pathname.split("/");
    const instance = this.#pods.get(pod)?.at(searchParams.has("previous") ? -2 : -1);
    if (!instance) return void response.writeHead(400).end(`previous terminated container "openclaw" in pod "${pod}" not found`);
    this.#open.add(response);
    response.on("close", () => this.#open.delete(response));
    response.writeHead(200, { "content-type": "text/plain" }).flushHeaders();
    return this.#stream(instance, { pod, asked: searchParams }, response);
  }

  async #stream(instance: Instance, { pod, asked }: { readonly pod: string; readonly asked: URLSearchParams }, response: ServerResponse): Promise<void> {
    const { lines } = instance;
    const since = Date.parse(asked.get("sinceTime") ?? "1970-01-01T00:00:00Z");
    const isTimed = asked.has("timestamps");
    let next = Math.max(0, lines.length - Number(asked.get("tailLines") ?? Number.POSITIVE_INFINITY));
    while (!response.destroyed) {
      const words = this.#lost.get(pod);
      // As the kubelet does where its answer has begun: no status of its own, no line's end.
      if (words !== undefined) return void response.end(words);
      const now = lines.slice(next).filter(({ at }) => Date.parse(at) >= since);
      for (const { at, text } of now) response.write(`${isTimed ? `${at} ` : ""}${text}\n`);
      next = lines.length;
      if (instance.hasEnded || !asked.has("follow")) return void response.end();
      await Promise.race([once(this.#changes, "change"), once(response, "close")]);
    }
  }
}
