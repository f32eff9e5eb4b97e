import type { GatewayProbe } from "./client.ts";
import { textAt } from "../spec/plain-field.ts";
import { objectOf, type GatewayObject } from "./exchange.ts";

/** Answers of a gateway that its health is judged by. */
export interface HealthAnswers {
  /** GET `/startupz` */
  readonly startup: GatewayProbe;
  /** RPC `health`; absent when it could not be asked. */
  readonly health?: GatewayObject;
  /** RPC `models.authStatus`; absent when not asked. */
  readonly modelAuth?: GatewayObject;
  /** RPC `models.list`; absent when not asked. */
  readonly models?: GatewayObject;
  /** RPC `channels.status`; absent when not asked. */
  readonly channels?: GatewayObject;
}

/** What had been so before a change, so that only what the change broke counts against it. */
export interface HealthBaseline {
  /** What keeps model calls from working, in words. */
  readonly modelProblems: readonly string[];
  /** Channel accounts that were connected, `telegram` or `telegram/second`. */
  readonly connectedChannels: readonly string[];
}

/** Whether a gateway can do its work. */
export interface GatewayHealth extends HealthBaseline {
  readonly state: "healthy" | "unhealthy";
  /** In words, for people. */
  readonly problems: readonly string[];
}

const NOTHING: HealthBaseline = { modelProblems: [], connectedChannels: [] };

/** Model providers' states that let a call go through (2026.9.2); `missing` and `expired` do not. */
const USABLE = new Set(["ok", "static", "expiring"]);

/** Judges a gateway by its own answers, against how it had been before. Pure. */
export function gatewayHealth(answers: HealthAnswers, before: HealthBaseline = NOTHING): GatewayHealth {
  const modelProblems = [...credentialProblems(answers.modelAuth), ...defaultModelProblems(answers.models)];
  const connectedChannels = channelAccounts(answers.channels).filter(isConnected).map(({ id }) => id);
  const problems = [
    ...startupProblems(answers.startup),
    ...generalProblems(answers.health),
    ...modelProblems.filter((problem) => !before.modelProblems.includes(problem)),
    ...(answers.channels === undefined ? [] : lostChannels(answers.channels, before, connectedChannels)),
  ];
  return {
    state: problems.length === 0 ? "healthy" : "unhealthy",
    problems,
    modelProblems,
    connectedChannels,
  };
}

function startupProblems({ ok, state, failing }: GatewayProbe): string[] {
  return ok ? [] : [`the gateway is ${state}${failing.length > 0 ? ` (${failing.join(", ")})` : ""}`];
}

function generalProblems(health: GatewayObject | undefined): string[] {
  if (health === undefined) return [];
  const plugins = listAt(health["plugins"], "errors").map((fault) => `plugin ${faultText(fault)} failed to load`);
  const isReloading = objectOf(health["configReload"])["hotReloadStatus"] !== "disabled";
  return [
    ...(health["ok"] === true ? [] : ["the gateway says that it is not well"]),
    ...plugins,
    ...(isReloading ? [] : ["the gateway no longer takes configuration changes over"]),
  ];
}

function faultText(fault: unknown): string {
  return textAt(fault, "id") ?? textAt(fault, "pluginId") ?? (typeof fault === "string" ? fault : "(unnamed)");
}

function credentialProblems(modelAuth: GatewayObject | undefined): string[] {
  return listAt(modelAuth, "providers")
    .map((entry) => ({ provider: textAt(entry, "provider") ?? "(unnamed)", status: textAt(entry, "status") ?? "unknown" }))
    .filter(({ status }) => !USABLE.has(status))
    .map(({ provider, status }) => `the credential of model provider ${provider} is ${status}`);
}

/** `models.authStatus` does not list a provider whose key is not there at all; the list of models tells of it. */
function defaultModelProblems(models: GatewayObject | undefined): string[] {
  return listAt(models, "models")
    .map(objectOf)
    .filter(({ tags, available }) => available === false && Array.isArray(tags) && tags.includes("default"))
    .map((model) => {
      const [provider, id, reason] = ["provider", "id", "unavailableReason"].map((field) => textAt(model, field));
      const why = reason === "missing-auth" ? `provider ${provider} has no credential` : (reason ?? "the gateway does not say why");
      return `the agent's model ${provider}/${id} is not available: ${why}`;
    });
}

interface ChannelAccount {
  readonly id: string;
  readonly facts: GatewayObject;
}

function channelAccounts(channels: GatewayObject | undefined): ChannelAccount[] {
  return Object.entries(objectOf(channels?.["channelAccounts"])).flatMap(([channel, accounts]) =>
    (Array.isArray(accounts) ? accounts : []).map(objectOf).map((facts) => {
      const account = textAt(facts, "accountId") ?? "default";
      return { id: account === "default" ? channel : `${channel}/${account}`, facts };
    }),
  );
}

/** How one account of a channel is. */
export interface ChannelState {
  /** `telegram`, `telegram/second` */
  readonly id: string;
  readonly isConnected: boolean;
  /** In OpenClaw's words. */
  readonly lastError?: string;
  readonly startedAt?: Date;
}

/** The accounts in an answer of RPC `channels.status` that are switched on. */
export function channelStates(channels: GatewayObject): ChannelState[] {
  return channelAccounts(channels)
    .filter(({ facts }) => facts["enabled"] !== false)
    .map(channelState);
}

function channelState(account: ChannelAccount): ChannelState {
  const { lastError, lastStartAt } = account.facts;
  return {
    id: account.id,
    isConnected: isConnected(account),
    ...(typeof lastError === "string" ? { lastError } : {}),
    ...(typeof lastStartAt === "number" ? { startedAt: new Date(lastStartAt) } : {}),
  };
}

/** Not every channel says whether it is connected; running without an error then counts. */
function isConnected({ facts }: ChannelAccount): boolean {
  if (typeof facts["connected"] === "boolean") return facts["connected"];
  return facts["running"] === true && facts["lifecycle"] !== "starting" && typeof facts["lastError"] !== "string";
}

function lostChannels(channels: GatewayObject, before: HealthBaseline, connected: readonly string[]): string[] {
  const accounts = channelAccounts(channels);
  return before.connectedChannels
    .filter((id) => !connected.includes(id))
    .map((id) => {
      const reason = accounts.find((account) => account.id === id)?.facts["lastError"];
      return `channel ${id} was connected before and is not now${typeof reason === "string" ? `: ${reason}` : ""}`;
    });
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = objectOf(value)[key];
  return Array.isArray(list) ? list : [];
}
