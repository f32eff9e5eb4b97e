import { FrotaError } from "../spec/error.ts";
import { GatewayClient } from "./client.ts";
import { objectOf, type GatewayEndpoint, type GatewayObject } from "./exchange.ts";
import { gatewayHealth, type HealthBaseline } from "./health.ts";
import { hasWork } from "./suspension.ts";

/** What a gateway said about itself. */
export interface GatewayReading {
  readonly depth: "light" | "full";
  /** `unknown`: it could not be asked. */
  readonly state: "healthy" | "unhealthy" | "unknown";
  /** In words, for people. */
  readonly problems: readonly string[];
  /** `unknown`: OpenClaw counts background tasks, but running turns only where it is asked to stand still. */
  readonly activity: "idle" | "busy" | "unknown";
  /** The OpenClaw that runs; from a full reading. */
  readonly openclawVersion?: string;
  /** What a later reading is compared with; from a full reading. */
  readonly baseline?: HealthBaseline;
}

/** How to ask. */
export interface ReadingOptions {
  /** How it was before a change, from an earlier full reading. */
  readonly before?: HealthBaseline;
  /**
   * It is about to be stopped if it is idle: ask for running turns as exactly as OpenClaw can tell. An idle gateway refuses new work
   * for the moment of asking.
   */
  readonly isAboutToStop?: boolean;
}

/**
 * Asks a gateway how it is. `light` is two cheap requests (`/startupz` and RPC `health`); `full` asks for its model
 * providers' credentials, its channels and its tasks as well. Never throws: what could not be asked is a problem in words.
 */
export async function readGateway(
  endpoint: GatewayEndpoint,
  depth: "light" | "full",
  { before, isAboutToStop = false }: ReadingOptions = {},
): Promise<GatewayReading> {
  const gateway = new GatewayClient(endpoint);
  try {
    const reading = await ask(gateway, depth, before);
    const isExact = !isAboutToStop || reading.activity !== "unknown";
    return isExact ? reading : { ...reading, activity: (await hasWork(gateway)) ? "busy" : "idle" };
  } catch (error) {
    const reason = error instanceof FrotaError ? error.message : `the gateway could not be asked: ${String(error)}`;
    return { depth, state: "unknown", problems: [reason], activity: "unknown" };
  }
}

/** Whether an agent works, as far as its gateway tells without being disturbed: see `GatewayReading`. */
export interface ActivityReading {
  readonly activity: GatewayReading["activity"];
  /** In words. */
  readonly message: string;
}

/**
 * Asks a gateway whether its agent works, by two cheap requests; it goes on as it is. Never says `idle` of one that takes work: that OpenClaw
 * tells only who asks it to stand still. Throws as {@link GatewayClient.rpc}.
 */
export async function readActivity(endpoint: GatewayEndpoint): Promise<ActivityReading> {
  const gateway = new GatewayClient(endpoint);
  const startup = await gateway.startup();
  if (!startup.ok) return { activity: startup.state === "draining" ? "busy" : "idle", message: `its gateway is ${startup.state}` };
  const [status, channels] = await Promise.all([gateway.rpc("status"), gateway.rpc("channels.status")]);
  if (hasTasks(status)) return { activity: "busy", message: "background tasks run" };
  if (hasChannelWork(channels)) return { activity: "busy", message: "it answers on a channel" };
  return { activity: "unknown", message: "no task runs and no channel is at work; of a running turn OpenClaw tells only who asks it to prepare for a stop" };
}

async function ask(gateway: GatewayClient, depth: "light" | "full", before?: HealthBaseline): Promise<GatewayReading> {
  const startup = await gateway.startup();
  // While it starts or drains, its RPC answers 503.
  if (!startup.ok) return { depth, ...verdict(gatewayHealth({ startup })), activity: startup.state === "draining" ? "unknown" : "idle" };
  const health = await gateway.rpc("health");
  if (depth === "light") return { depth, ...verdict(gatewayHealth({ startup, health })), activity: "unknown" };
  const [modelAuth, models, channels, status] = await Promise.all([
    gateway.rpc("models.authStatus"),
    gateway.rpc("models.list"),
    gateway.rpc("channels.status"),
    gateway.rpc("status"),
  ]);
  const { state, problems, ...baseline } = gatewayHealth({ startup, health, modelAuth, models, channels }, before);
  const { runtimeVersion } = status;
  return {
    depth,
    state,
    problems,
    activity: hasTasks(status) || hasChannelWork(channels) ? "busy" : "unknown",
    baseline,
    ...(typeof runtimeVersion === "string" ? { openclawVersion: runtimeVersion } : {}),
  };
}

function verdict({ state, problems }: Pick<GatewayReading, "state" | "problems">): Pick<GatewayReading, "state" | "problems"> {
  return { state, problems };
}

function hasTasks({ tasks }: GatewayObject): boolean {
  const { active } = objectOf(tasks);
  return typeof active === "number" && active > 0;
}

function hasChannelWork({ channelAccounts }: GatewayObject): boolean {
  const accounts = Object.values(objectOf(channelAccounts)).flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []));
  return accounts.some((account) => objectOf(account)["busy"] === true);
}
