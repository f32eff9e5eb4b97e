import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ownerOf } from "./peer-owner.ts";

/** A page of this machine that leads one browser on, once. */
export interface OneTimeLink {
  /** Not a credential of the agent: it is good once, on this machine, for this user, while this process runs. */
  readonly address: string;
  /** Ends when a browser was led on. */
  readonly used: Promise<void>;
  close(): Promise<void>;
}

const HEADERS = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Type": "text/plain; charset=utf-8" } as const;

/**
 * Serves a redirect to `target` at an address that nobody can guess. A browser is started with an address in its arguments, which
 * other users of the machine may read: so `target`, which holds a credential, is not in there, and the redirect is made once only,
 * and on Linux to nobody but this user. `port` is preferred, any other taken when it is not free.
 */
export async function serveOnce(target: URL, port: number): Promise<OneTimeLink> {
  const secret = randomBytes(24).toString("base64url");
  const used = Promise.withResolvers<void>();
  let isUsed = false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isSecret(request.url ?? "", secret)) return refuse(response, 404, "There is nothing here.");
    if (request.method !== "GET") return refuse(response, 405, "");
    if (!(await isOwnUser(request))) return refuse(response, 403, "This link is another user's.");
    if (isUsed) return refuse(response, 410, "This link was used already. Run `frota open` again.");
    isUsed = true;
    response.writeHead(303, { ...HEADERS, Location: target.href }).end();
    used.resolve();
    return undefined;
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const listen = async (wanted: number) => {
    server.listen(wanted, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(port).catch(() => listen(0));
  const address = server.address();
  return {
    address: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/${secret}`,
    used: used.promise,
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, HEADERS).end(`${text}\n`);
}

function isSecret(path: string, secret: string): boolean {
  const [given, wanted] = [Buffer.from(path), Buffer.from(`/${secret}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Where the kernel tells whose connection it is, it must be this user's, or root's, who may do anything anyway. */
async function isOwnUser({ socket }: IncomingMessage): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const near = { address: "127.0.0.1", port: socket.remotePort ?? 0 };
  const far = { address: "127.0.0.1", port: socket.localPort ?? 0 };
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFile(file, "utf8").catch(() => "")));
  if (tables.every((table) => table === "")) return true;
  const owner = ownerOf(tables.join("\n"), near, far);
  return owner === 0 || owner === process.getuid?.();
}
