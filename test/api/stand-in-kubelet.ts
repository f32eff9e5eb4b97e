import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { promisify } from "node:util";
import { referenceOf, type Cluster } from "../../src/cluster/cluster.ts";

/** What RFC 6455 appends to a client's key. */
const HANDSHAKE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Stands in for a node's kubelet as the API server talks to it: it serves the logs that a test sets, and forwards ports to where a test
 * wants, in the protocol that the API server passes on (`v4.channel.k8s.io`).
 */
export class StandInKubelet {
  readonly node: string;
  /** Lines by pod; those of the container before are at `POD previous`. */
  readonly logs = new Map<string, readonly string[]>();
  /** Where forwarded ports lead, `127.0.0.1:PORT`; nowhere while absent. */
  gateway: string | undefined;
  /** Answers nothing at all, as a machine does whose network is gone. */
  isSilent = false;
  readonly #cluster: Cluster;
  readonly #server: Server;

  private constructor(cluster: Cluster, node: string, server: Server) {
    this.node = node;
    this.#cluster = cluster;
    this.#server = server;
  }

  /** A node of the cluster with this kubelet. */
  static async start(cluster: Cluster, node: string, labels: Readonly<Record<string, string>>): Promise<StandInKubelet> {
    const server = createServer(await certificate());
    const kubelet = new StandInKubelet(cluster, node, server);
    server.on("request", (request, response) => {
      if (kubelet.isSilent) return;
      const { pathname, searchParams } = new URL(request.url ?? "/", "https://kubelet");
      const [, verb, , pod = ""] = pathname.split("/");
      const lines = kubelet.logs.get(searchParams.get("previous") === "true" ? `${pod} previous` : pod);
      if (verb !== "containerLogs" || !lines) response.writeHead(404).end("no such log");
      else response.end(lines.map((line) => `${line}\n`).join(""));
    });
    server.on("upgrade", (request, socket) => kubelet.#forward(request.headers["sec-websocket-key"] ?? "", request.url ?? "", socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await kubelet.report(labels);
    return kubelet;
  }

  /** Says that the node is there, with these labels, and ready. */
  async report(labels: Readonly<Record<string, string>>): Promise<void> {
    const address = this.#server.address();
    const Port = typeof address === "object" && address ? address.port : 0;
    const applied = await this.#cluster.apply({ apiVersion: "v1", kind: "Node", metadata: { name: this.node, labels } }, { force: true });
    const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady", message: "", lastHeartbeatTime: time(), lastTransitionTime: time() }];
    const status = { conditions, addresses: [{ type: "InternalIP", address: "127.0.0.1" }], daemonEndpoints: { kubeletEndpoint: { Port } } };
    await this.#cluster.mergePatch(referenceOf(applied), { status }, { subresource: "status" });
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #forward(key: string, url: string, socket: Duplex): void {
    if (this.isSilent) return;
    if (!url.startsWith("/portForward/") || this.gateway === undefined) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const accept = createHash("sha1").update(key + HANDSHAKE).digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`, "Sec-WebSocket-Protocol: v4.channel.k8s.io"];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    const [host = "", port] = this.gateway.split(":");
    carry(socket, connect(Number(port), host));
  }
}

/** Channel 0 is the data of the first port, 1 its errors; each begins with the port's two bytes. */
function carry(socket: Duplex, gateway: Socket): void {
  for (const channel of [0, 1]) socket.write(frame(Buffer.from([channel, 0, 0])));
  gateway.on("data", (data) => socket.write(frame(Buffer.concat([Buffer.from([0]), data]))));
  gateway.on("close", () => socket.end());
  gateway.on("error", () => socket.destroy());
  socket.on("error", () => gateway.destroy());
  socket.on("close", () => gateway.destroy());
  let pending = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    for (let next = unframe(pending); next; next = unframe(pending)) {
      pending = pending.subarray(next.length);
      if (next.opcode === 8) gateway.end();
      else if (next.payload.length > 1) gateway.write(next.payload.subarray(1));
    }
  });
}

/** A binary frame of a server. */
function frame(payload: Buffer): Buffer {
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x82, payload.length]), payload]);
  const head = Buffer.alloc(10);
  head.writeUInt8(0x82, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** The first frame of a client, unmasked; undefined while it is not whole. */
function unframe(data: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | undefined {
  if (data.length < 6) return undefined;
  const short = data.readUInt8(1) & 0x7f;
  const [size, start] = short === 126 ? [data.readUInt16BE(2), 4] : short === 127 && data.length >= 10 ? [Number(data.readBigUInt64BE(2)), 10] : [short, 2];
  const length = start + 4 + size;
  if (data.length < length) return undefined;
  const mask = data.subarray(start, start + 4);
  const payload = Buffer.from(data.subarray(start + 4, length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return { opcode: data.readUInt8(0) & 0x0f, payload, length };
}

function time(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), "frota-kubelet-"));
  try {
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=kubelet"];
    await promisify(execFile)("openssl", ["req", "-x509", ...made, "-keyout", key, "-out", cert]);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
