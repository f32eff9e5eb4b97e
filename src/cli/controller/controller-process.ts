import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { connect, connectInCluster, type Cluster, type OnAnswer } from "../../cluster/cluster.ts";
import { serveHttp, type HttpServer } from "../../controller/http.ts";
import { createLogger, logEvent } from "../../controller/log.ts";
import { Metrics } from "../../controller/metrics.ts";
import { runController } from "../../controller/run.ts";
import { parseGatewayAccess, type GatewayAccessMode } from "../../engine/operate/act/gateway-access.ts";
import type { OnOperatorEvent } from "../../engine/operate/event.ts";
import type { Operator } from "../../engine/operate/operator.ts";
import type { RegistryOptions } from "../../registry/client.ts";
import { CONTROLLER_PORT } from "../../render/names.ts";
import type { CliContext } from "../context.ts";
import { eventLine } from "./controller-view.ts";
import { chooseNamespace, noNamespace } from "../target/namespace-target.ts";
import { registryOptions } from "../target/registry-access.ts";
import { glanceAtRepository } from "../target/repository-glance.ts";
import { resolveTarget } from "../target/target.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";

/** Flags of `frota controller run`. */
export type ControllerRunFlags = ClusterFlags & {
  readonly inCluster: boolean;
  readonly untilSettled: boolean;
  readonly gatewayAccess?: GatewayAccessMode;
  readonly concurrency: number;
  readonly address?: string;
  readonly json: boolean;
};

/** Where the controller works. */
interface Place {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly registry: RegistryOptions;
}

/** Runs a controller until it is told to end, or the fleet is settled. */
export async function runControllerCommand(context: CliContext, flags: ControllerRunFlags): Promise<void> {
  const { env } = context.process;
  const state: { operator: Operator | undefined } = { operator: undefined };
  const metrics = new Metrics({
    queueDepth: () => state.operator?.queueDepth ?? 0,
    staleness: () => new Map(state.operator ? [["all", state.operator.cache.stalenessSeconds()]] : []),
  });
  const place = await (flags.inCluster ? placeInCluster : placeElsewhere)(context, flags, (answer) => metrics.countRequest(answer));
  const show = eventSink(context, flags);
  const address = flags.address ?? (flags.inCluster ? `:${CONTROLLER_PORT.number}` : undefined);
  const server = address === undefined ? undefined : await serve(address, metrics, () => state.operator);
  try {
    await runController({
      ...place,
      gatewayAccess: gatewayAccess(flags, env),
      concurrency: flags.concurrency,
      identity: `${env["POD_NAME"] ?? `${hostname()}-${process.pid}`}_${randomBytes(4).toString("hex")}`,
      now: () => Date.now(),
      isUntilSettled: flags.untilSettled,
      signal: context.signal,
      onEvent(event) {
        metrics.take(event);
        show(event);
      },
      onLeader(operator) {
        state.operator = operator;
        metrics.setLeader(operator !== undefined);
      },
      ...(!flags.inCluster && !flags.json && { onHeldBy: (holder: string) => context.process.stderr.write(`${waitingLine(holder)}\n`) }),
    });
  } finally {
    await server?.close();
    place.cluster.close();
  }
}

function gatewayAccess({ gatewayAccess: chosen, inCluster }: ControllerRunFlags, env: CliContext["process"]["env"]): GatewayAccessMode {
  const address = env["FROTA_GATEWAY_ADDRESS"];
  return chosen ?? (address === undefined ? { type: inCluster ? "pod-ip" : "port-forward" } : parseGatewayAccess(address));
}

/** Lines for people, or JSON lines for machines. */
function eventSink(context: CliContext, { inCluster, json }: ControllerRunFlags): OnOperatorEvent {
  const { stderr, env } = context.process;
  if (inCluster || json) {
    const log = createLogger(stderr, env["FROTA_LOG_LEVEL"] ?? "info");
    return (event) => logEvent(log, event);
  }
  return (event) => {
    const line = eventLine(event);
    if (line !== undefined) stderr.write(`${line}\n`);
  };
}

function waitingLine(holder: string): string {
  return `another controller takes care of the fleet: ${holder} holds the Lease; this one waits until it is given up. Ctrl-C ends it; \`frota status\` shows the fleet`;
}

function serve(address: string, metrics: Metrics, operator: () => Operator | undefined): Promise<HttpServer> {
  return serveHttp(address, {
    sick: () => undefined,
    // Who waits for the Lease is ready for its work.
    unready: () => ((operator()?.cache.stalenessSeconds() ?? 0) > STALE ? "the API server was not heard of for long" : undefined),
    metrics: () => metrics.text(),
  });
}

/** Seconds; bookmarks come about once a minute. */
const STALE = 180;

async function placeInCluster(context: CliContext, { namespace }: ControllerRunFlags, onAnswer: OnAnswer): Promise<Place> {
  if (namespace === undefined) throw noNamespace();
  const cluster = await connectInCluster(context.process.env, onAnswer);
  return { cluster, namespace, registry: { mirrors: registryMirrors(context.process.env["FROTA_REGISTRY_MIRRORS"]) } };
}

async function placeElsewhere(context: CliContext, flags: ControllerRunFlags, onAnswer: OnAnswer): Promise<Place> {
  const target = await resolveTarget(flags, context.process.env);
  const repository = await glanceAtRepository(context.cwd, flags.repo);
  const cluster = await connect(target.kubeconfig, onAnswer);
  const namespace = await chooseNamespace(cluster, flags, repository?.namespace);
  // Its signal would end a question that is under way at the end of the run; those end with their own time.
  const { signal: _signal, ...registry } = registryOptions(context, target, undefined);
  return { cluster, namespace, registry };
}

/** `registry.example.com=http://10.0.0.5:5000`, several with commas between. */
function registryMirrors(text: string | undefined): Record<string, string> {
  const pairs = (text ?? "").split(",").map((pair) => pair.split("="));
  return Object.fromEntries(pairs.flatMap(([host, ...url]) => (host && url.length > 0 ? [[host, url.join("=")]] : [])));
}
