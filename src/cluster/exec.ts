import { Writable } from "node:stream";
import { Exec, type V1Status } from "@kubernetes/client-node";
import { FrotaError } from "../spec/error.ts";
import { isPlainMap } from "../spec/plain-data.ts";
import { apiError, connectionError, type RequestSubject } from "./api-error.ts";
import type { ExecRequest } from "./cluster.ts";
import { loadLibraryConfig, type Connection } from "./kubeconfig.ts";

/** The library's connection. */
type WebSocket = Awaited<ReturnType<Exec["exec"]>>;

/** Milliseconds between two signs of life, so that nothing on the way takes a quiet shell for a dead connection. */
const HEARTBEAT = 30_000;

/** See `Cluster.exec`. */
export async function runInContainer(connection: Connection, request: ExecRequest, subject: RequestSubject): Promise<number> {
  const { namespace, pod, container, command, isTerminal = false, stdin, signal } = request;
  signal.throwIfAborted();
  const exec = new Exec(await loadLibraryConfig(connection.files, connection.context));
  let status: V1Status | undefined;
  const stdout = isTerminal ? terminalOf(request.stdout) : channelTo(request.stdout);
  const stderr = isTerminal ? null : channelTo(request.stderr);
  const webSocket = await exec
    .exec(namespace, pod, container, [...command], stdout, stderr, stdin ?? null, isTerminal, (answer) => {
      status = answer;
    })
    .catch((error: unknown) => {
      throw refusalOf(error, subject);
    });
  const closed = Promise.withResolvers<void>();
  webSocket.addEventListener("close", () => closed.resolve());
  const abort = () => webSocket.terminate();
  signal.addEventListener("abort", abort);
  const stopHeartbeat = startHeartbeat(webSocket);
  try {
    request.onConnected?.();
    await closed.promise;
  } finally {
    stopHeartbeat();
    signal.removeEventListener("abort", abort);
  }
  signal.throwIfAborted();
  return exitCodeOf(status, subject);
}

/** Ends a connection on which the other side, once it answered, answers no more: nobody could leave a shell otherwise. */
function startHeartbeat(webSocket: WebSocket): () => void {
  let pongs = 0;
  let awaited = 0;
  webSocket.on("pong", () => {
    pongs++;
    awaited = 0;
  });
  const timer = setInterval(() => {
    if (pongs > 0 && awaited > 1) webSocket.terminate();
    awaited++;
    webSocket.ping();
  }, HEARTBEAT);
  return () => clearInterval(timer);
}

/** What the library may end, while the stream behind it stays open. */
function channelTo(output: Writable | undefined): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      output?.write(chunk);
      done();
    },
  });
}

/** As {@link channelTo}, and it tells the library how large the terminal is. */
function terminalOf(output: Writable): Writable {
  const channel = channelTo(output);
  if (!("columns" in output && "rows" in output)) return channel;
  Object.defineProperties(channel, { columns: { get: () => output.columns }, rows: { get: () => output.rows } });
  const resize = () => channel.emit("resize");
  output.on("resize", resize);
  channel.on("close", () => output.off("resize", resize));
  return channel;
}

function exitCodeOf(status: V1Status | undefined, subject: RequestSubject): number {
  if (!status) throw cut(subject);
  if (status.status === "Success") return 0;
  const code = Number(status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message);
  if (Number.isInteger(code)) return code;
  throw new FrotaError({
    code: "EXEC_FAILED",
    message: `the command could not be started: ${status.message ?? "no reason given"}`,
    ...(subject.where ? { where: subject.where } : {}),
    next: "check the command's name, and that the container has it",
  });
}

function cut(subject: RequestSubject): FrotaError {
  return new FrotaError({
    code: "EXEC_CUT",
    message: "the connection to the container ended before the command did",
    ...(subject.where ? { where: subject.where } : {}),
    next: "`frota status` says whether the agent still runs; the command may have ended, or go on",
  });
}

/** The library's own account of a refusal says no more than its HTTP status. */
function refusalOf(event: unknown, subject: RequestSubject): FrotaError {
  const { message, error } = isPlainMap(event) ? event : { message: String(event), error: event };
  const status = Number(/server response: (\d+)/.exec(String(message))?.[1]);
  if (!status) return connectionError(error ?? event, subject);
  const said = status === 403 ? "you may not use pods/exec in this namespace" : `the cluster answered HTTP ${status} to pods/exec`;
  return apiError(status, JSON.stringify({ message: said }), subject);
}
