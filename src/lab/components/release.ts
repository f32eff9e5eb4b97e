import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FrotaError } from "../../spec/error.ts";
import type { AcquireContext } from "./component.ts";

/** Long enough for a far server's answer, short enough not to be felt on a machine without a connection. */
const PROBE_MILLISECONDS = 3000;

/** Whether a public site answers at all. */
export async function isReachable(url: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MILLISECONDS)]);
  return fetch(url, { method: "HEAD", signal: limit }).then((answer) => answer.ok, () => false);
}

/** A file of a release, and where its SHA-256 is: known here, or published beside it. */
export interface ReleaseFile {
  readonly url: string;
  readonly sha256: string | { readonly url: string; readonly fileName: string };
}

/** Downloads a release file to `path` and checks its sum. Throws DOWNLOAD_FAILED or DOWNLOAD_CORRUPT. */
export async function downloadRelease(file: ReleaseFile, path: string, context: AcquireContext): Promise<void> {
  const expected = typeof file.sha256 === "string" ? file.sha256 : await publishedSum(file.sha256, context.signal);
  const answer = await get(file.url, context.signal);
  const total = Number(answer.headers.get("content-length") ?? 0);
  let received = 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      received += chunk.length;
      context.progress(`downloading ${fileName(file.url)}: ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""}`);
      yield chunk;
    }
  };
  const body = answer.body ?? new ReadableStream<Uint8Array>();
  await pipeline(Readable.fromWeb(body), counted, createWriteStream(path), { signal: context.signal });
  const actual = await sha256OfFile(path);
  if (actual === expected) return;
  throw new FrotaError({
    code: "DOWNLOAD_CORRUPT",
    message: `${file.url} has the SHA-256 ${actual}, not ${expected}`,
    next: "try again; if it happens again, do not use this connection for downloads",
  });
}

/** Finds the sum of a file in the text of a sums file: a bare sum, or lines of `sum  name`. */
export function findSum(text: string, name: string): string | undefined {
  const lines = text.trim().split("\n").map((line) => line.trim().split(/\s+\*?/));
  const line = lines.find((fields) => fields[1] === name) ?? (lines.length === 1 ? lines[0] : undefined);
  return line?.[0] !== undefined && /^[0-9a-f]{64}$/.test(line[0]) ? line[0] : undefined;
}

async function publishedSum(from: { url: string; fileName: string }, signal: AbortSignal): Promise<string> {
  const sum = findSum(await (await get(from.url, signal)).text(), from.fileName);
  if (sum !== undefined) return sum;
  throw new FrotaError({ code: "DOWNLOAD_FAILED", message: `${from.url} tells no SHA-256 for ${from.fileName}`, next: "try again" });
}

async function get(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new FrotaError({ code: "DOWNLOAD_FAILED", message: `${url} could not be reached`, next: "try again" }, { cause: error });
  });
  if (answer.ok) return answer;
  throw new FrotaError({ code: "DOWNLOAD_FAILED", message: `${url} answered ${answer.status}`, next: "try again" });
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function fileName(url: string): string {
  return new URL(url).pathname.split("/").at(-1) ?? url;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
