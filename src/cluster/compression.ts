import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";

/** Asks for a compressed answer. API servers compress what is 128 KiB and more (`APIResponseCompression`); of lists of a fleet a fifteenth is left. */
export const COMPRESSED = { "Accept-Encoding": "gzip" } as const;

/** An answer's body as it was before the server compressed it, if it did. */
export function uncompressed(response: IncomingMessage): Readable {
  if (response.headers["content-encoding"] !== "gzip") return response;
  // Loaded where it is needed: that takes Node milliseconds.
  const gunzip = process.getBuiltinModule("node:zlib").createGunzip();
  // Who reads it hears of failures.
  pipeline(response, gunzip, () => undefined);
  return gunzip;
}
