import type { IncomingMessage } from "node:http";
import type { Manifest } from "../render/manifest.ts";
import { FrotaError } from "../spec/error.ts";
import { apiError, type RequestSubject } from "./api-error.ts";
import type { KindReference, WatchEvent, WatchStep } from "./cluster.ts";
import type { Connection } from "./kubeconfig.ts";
import { delay, linesOf, open } from "./transport.ts";

/** What a watch follows. */
export interface WatchedObjects {
  readonly connection: Connection;
  readonly kind: KindReference;
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly subject: RequestSubject;
  readonly pages: () => AsyncIterable<ListedPage>;
  readonly signal: AbortSignal;
}

/** One page of a list. */
export interface ListedPage {
  readonly items: readonly Manifest[];
  /** Of the whole list: a watch goes on from it. */
  readonly resourceVersion: string;
}

/** Seconds that the server keeps one watch request open; client-go asks for 5 to 10 minutes. */
const SERVER_TIMEOUT_SECONDS = 290;
/** Milliseconds: two bookmarks missed. */
const SILENCE_LIMIT = 150_000;
const FIRST_BACKOFF = 200;
const LAST_BACKOFF = 15_000;
/** Waiting does not mend these. */
const FATAL: ReadonlySet<string> = new Set(["FORBIDDEN", "UNAUTHENTICATED", "KIND_UNKNOWN", "INVALID_OBJECT"]);

/** See `Cluster.follow`. */
export async function* followObjects(watched: WatchedObjects): AsyncGenerator<WatchStep, void, undefined> {
  const { signal } = watched;
  const place: Place = { resourceVersion: undefined, failures: 0 };
  while (!signal.aborted) {
    try {
      yield* followFrom(watched, place);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof FrotaError) || FATAL.has(error.code)) throw error;
      place.failures++;
      yield { type: "disconnected", reason: error.message };
      await delay(backoff(place.failures), signal).catch(() => undefined);
    }
  }
}

/** See `Cluster.watch`. */
export async function* wholeLists(steps: AsyncIterable<WatchStep>): AsyncGenerator<WatchEvent, void, undefined> {
  let objects: Manifest[] = [];
  for await (const step of steps) {
    if (step.type === "listing") objects = [];
    else if (step.type === "page") objects.push(...step.objects);
    else if (step.type === "listed") yield { type: "synced", objects };
    else if (step.type !== "bookmark") yield step;
  }
}

/** Where a watch goes on, across connections. */
interface Place {
  /** Undefined: list again. */
  resourceVersion: string | undefined;
  failures: number;
}

async function* followFrom(watched: WatchedObjects, place: Place): AsyncGenerator<WatchStep, void, undefined> {
  if (place.resourceVersion === undefined) yield* listInto(watched, place);
  for await (const change of openWatch(watched, place.resourceVersion ?? "")) {
    place.failures = 0;
    place.resourceVersion = change.type === "gone" ? undefined : change.resourceVersion;
    if (change.type === "gone") return;
    yield change.type === "bookmark" ? { type: "bookmark" } : { type: change.type, object: change.object };
  }
}

async function* listInto(watched: WatchedObjects, place: Place): AsyncGenerator<WatchStep, void, undefined> {
  let resourceVersion = "";
  yield { type: "listing" };
  for await (const page of watched.pages()) {
    ({ resourceVersion } = page);
    yield { type: "page", objects: page.items };
  }
  Object.assign(place, { resourceVersion, failures: 0 });
  yield { type: "listed" };
}

/** Milliseconds before the next attempt: doubled each time, and spread so that clients do not come back at once. */
function backoff(failures: number): number {
  const full = Math.min(FIRST_BACKOFF * 2 ** (failures - 1), LAST_BACKOFF);
  return full / 2 + (Math.random() * full) / 2;
}

type Change =
  | { type: "changed" | "removed"; object: Manifest; resourceVersion: string }
  | { type: "bookmark"; resourceVersion: string }
  | { type: "gone" };

async function* openWatch(watched: WatchedObjects, resourceVersion: string): AsyncGenerator<Change, void, undefined> {
  const { connection, path, subject, signal } = watched;
  const query = {
    ...watched.query,
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: String(Math.round(SERVER_TIMEOUT_SECONDS * (1 + Math.random()))),
    resourceVersion,
  };
  const response = await open(connection, { method: "GET", path, query, subject, signal });
  if (response.statusCode === 410) {
    response.resume();
    yield { type: "gone" };
    return;
  }
  if (response.statusCode !== 200) {
    let body = "";
    for await (const chunk of response) body += String(chunk);
    throw apiError(response.statusCode ?? 0, body, subject);
  }
  endSilence(response);
  for await (const line of linesOf(response, subject, signal)) {
    const change = parseChange(line, watched.kind);
    if (change) yield change;
  }
}

/** Bookmarks come about once a minute: a connection that is silent for longer is dead, though nothing says so. */
function endSilence(response: IncomingMessage): void {
  response.setTimeout(SILENCE_LIMIT, () => response.destroy(new Error("no bookmark came")));
}

function parseChange(line: string, kind: KindReference): Change | undefined {
  let event: { type: string; object: Manifest };
  try {
    event = JSON.parse(line);
  } catch {
    // A line cut off by a broken connection; the next watch starts before it.
    return undefined;
  }
  if (event.type === "ERROR") return { type: "gone" };
  const resourceVersion = String(event.object.metadata["resourceVersion"]);
  if (event.type === "BOOKMARK") return { type: "bookmark", resourceVersion };
  const object = { ...event.object, apiVersion: kind.apiVersion, kind: kind.kind };
  return { type: event.type === "DELETED" ? "removed" : "changed", object, resourceVersion };
}
