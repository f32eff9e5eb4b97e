import { createConnection } from "node:net";
import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** True when something accepts TCP connections there, within a second. */
export function acceptsConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 1000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

/** What an HTTPS server of the lab answered. */
export interface LabAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** How to ask: a JSON body makes it a write. */
export interface LabRequest {
  readonly method?: "GET" | "POST" | "PUT";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM text of the lab's certificate authority. */
  readonly certificateAuthority: string;
  /** How long the server may be silent; 10 where absent. */
  readonly seconds?: number;
}

/** One JSON request to a server that presents a certificate of the lab's own authority. Rejects where it answers nothing, in part, or no JSON. */
export function askLab(url: string, { method = "GET", body, headers, certificateAuthority, seconds = 10 }: LabRequest): Promise<LabAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, ca: certificateAuthority, timeout: seconds * 1000, agent: false }, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    call.on("error", reject);
    call.on("timeout", () => call.destroy(new Error(`${url} did not answer within ${seconds} s`)));
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function readAnswer(response: IncomingMessage): Promise<LabAnswer> {
  const written = await text(response);
  return { status: response.statusCode ?? 0, body: written === "" ? undefined : JSON.parse(written) };
}
