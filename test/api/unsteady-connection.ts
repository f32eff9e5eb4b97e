import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect as connectTo, createServer, type Server, type Socket } from "node:net";

/** A TCP relay in front of an API server that a test can cut and restore. */
export class UnsteadyConnection {
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  #server: Server;
  #port = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = this.#relay();
  }

  /** Starts a relay, and writes to `path` the kubeconfig with the relay's address in it. */
  static async start(kubeconfig: string, path: string): Promise<UnsteadyConnection> {
    const text = await readFile(kubeconfig, "utf8");
    const address = /https:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? "";
    const relay = new UnsteadyConnection(new URL(address));
    await relay.restore();
    await writeFile(path, text.replace(address, `https://127.0.0.1:${relay.#port}`), { mode: 0o600 });
    return relay;
  }

  /** Breaks every connection; new ones are refused. */
  async cut(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Breaks every connection; new ones succeed. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async restore(): Promise<void> {
    this.#server = this.#relay();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (typeof address === "object" && address) this.#port = address.port;
  }

  #relay(): Server {
    return createServer((near) => {
      const far = connectTo(Number(this.#target.port), this.#target.hostname);
      for (const [socket, other] of [[near, far], [far, near]] as const) {
        this.#sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }
}
