import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { PortForward as LibraryPortForward } from "@kubernetes/client-node";
import { FrotaError } from "../spec/error.ts";
import { connectionError, type RequestSubject } from "./api-error.ts";
import type { PortForward, PortForwardOptions } from "./cluster.ts";
import { loadLibraryConfig, type Connection } from "./kubeconfig.ts";

/** Milliseconds that the far side has to answer the end of a connection. */
const GOODBYE = 1_000;

/** Where connections are carried to. */
interface ForwardTarget extends PortForwardOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** See `Cluster.portForward`. */
export async function forwardPort(
  connection: Connection,
  target: ForwardTarget,
  subject: RequestSubject,
): Promise<PortForward> {
  const forward = new LibraryPortForward(await loadLibraryConfig(connection.files, connection.context));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    carry(forward, target, socket).catch((error: unknown) => {
      socket.destroy(connectionError(error, subject));
    });
  });
  server.listen(target.localPort ?? 0, "127.0.0.1");
  await once(server, "listening").catch((error: unknown) => {
    throw portError(error, target.localPort);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    address: `127.0.0.1:${port ?? 0}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function carry(
  forward: LibraryPortForward,
  target: ForwardTarget,
  socket: Socket,
): Promise<void> {
  // Before anything waits: an error that nobody hears ends the process.
  socket.on("error", () => undefined);
  const errors = new PassThrough();
  // The far side reports a refused or broken connection on this stream; the local one ends the same way.
  errors.on("data", () => socket.destroy());
  const answer = new PassThrough();
  answer.pipe(socket);
  const pod = (await target.podNow?.()) ?? target.pod;
  if (socket.destroyed) return;
  const webSocket = await forward.portForward(target.namespace, pod, [target.port], answer, errors, socket);
  if (typeof webSocket === "function") return;
  webSocket.addEventListener("close", () => answer.end());
  // Whoever waited for it has given up meanwhile.
  if (socket.destroyed) webSocket.terminate();
  socket.on("close", () => {
    webSocket.close();
    // The far side need not answer a goodbye, which would keep this process for half a minute.
    setTimeout(() => webSocket.terminate(), GOODBYE);
  });
}

function portError(error: unknown, port: number | undefined): unknown {
  const isTaken = error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES");
  if (!isTaken) return error;
  return new FrotaError(
    {
      code: "PORT_IN_USE",
      message: `port ${port ?? 0} of this machine cannot be listened on (${String(error.code)})`,
      next: "name another with --port",
      outcome: "usage",
    },
    { cause: error },
  );
}
