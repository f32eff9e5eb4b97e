import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";

/** Asks for a compressed answer. API servers compress what is 128 KiB and more (`APIResponseCompression`); of lists of a fleet a fifteenth is left. */
export const COMPRESSED = { "Accept-Encoding": "gzip" } as const;

/** Servers on this machine: a plan of 1,000 agents would take two seconds longer for what crosses no network. */
const NEAR = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether an API server is asked for compressed answers: as kubectl asks all that its kubeconfig does not except, but for those on this machine. */
export function isWorthCompressing(server: string): boolean {
  return !NEAR.test(new URL(server).hostname);
}

/** Bytes of which one piece is made. */
const CHUNK = 2 ** 20;

/** An answer's body as it was before the server compressed it, if it did. */
export function uncompressed(response: IncomingMessage): Readable {
  if (response.headers["content-encoding"] !== "gzip") return response;
  // Loaded where it is needed: that takes Node milliseconds.
  const gunzip = process.getBuiltinModule("node:zlib").createGunzip({ chunkSize: CHUNK });
  // Who reads it hears of failures.
  pipeline(response, gunzip, () => undefined);
  return gunzip;
}
