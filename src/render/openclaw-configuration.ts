import { createHash } from "node:crypto";
import type { Agent } from "../spec/agent.ts";
import { GATEWAY_PORT } from "./names.ts";

type Configuration = Readonly<Record<string, unknown>>;

/**
 * What Frota declares for every agent, beneath the fleet's and the agent's own declaration. The token comes from the
 * environment (OPENCLAW_GATEWAY_TOKEN); `admin-http-rpc` and chat completions are how Frota talks to a gateway.
 */
const FROTA_DECLARATION: Configuration = {
  gateway: {
    mode: "local",
    port: GATEWAY_PORT.number,
    bind: "lan",
    auth: { mode: "token" },
    http: { endpoints: { chatCompletions: { enabled: true } } },
  },
  plugins: { entries: { "admin-http-rpc": { enabled: true } } },
};

/** The OpenClaw configuration that is declared for an agent, complete, keys sorted. */
export function declaredConfiguration(agent: Agent): Configuration {
  return sortMap(overlayMap(FROTA_DECLARATION, agent.spec.openclaw));
}

/**
 * Keys that a running gateway takes over by itself (measured: `models.*` and `plugins.*`), and exceptions beneath them
 * (OpenClaw 2026.9.2's reload plan). OpenClaw reloads more than these; but where nothing of ours writes into the running
 * pod, a key that is not listed here restarts the agent, so that plain `kubectl apply` takes effect.
 */
const HOT_KEYS: readonly string[] = ["models", "plugins"];
const COLD_KEYS: readonly string[] = ["plugins.load", "plugins.installs"];

/** Whether changing the configuration key at `path` restarts the agent. */
export function needsRestart(path: readonly string[]): boolean {
  const key = path.join(".");
  return isBelow(key, COLD_KEYS) || !isBelow(key, HOT_KEYS);
}

/**
 * A hash of those declared keys that need a restart: 16 hexadecimal digits, the same for any order of keys. It goes on
 * the pod template, so that changing such a key, and no other, rolls the pod.
 */
export function restartHash(configuration: Configuration): string {
  const cold = withoutHotKeys(configuration, []);
  return createHash("sha256").update(JSON.stringify(sortMap(cold))).digest("hex").slice(0, 16);
}

function withoutHotKeys(value: Configuration, path: readonly string[]): Configuration {
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const childPath = [...path, key];
    if (!mayHoldBoth(childPath)) return needsRestart(childPath) ? [[key, child]] : [];
    const rest = isMap(child) ? withoutHotKeys(child, childPath) : {};
    return Object.keys(rest).length > 0 ? [[key, rest]] : [];
  });
  return Object.fromEntries(entries);
}

function mayHoldBoth(path: readonly string[]): boolean {
  const key = path.join(".");
  return COLD_KEYS.some((cold) => cold.startsWith(`${key}.`));
}

function isBelow(key: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => key === prefix || key.startsWith(`${prefix}.`));
}

function overlayMap(base: Configuration, own: Configuration): Configuration {
  const entries = Object.keys({ ...base, ...own }).map((key): [string, unknown] => {
    if (!Object.hasOwn(own, key)) return [key, base[key]];
    const [below, above] = [Object.hasOwn(base, key) ? base[key] : undefined, own[key]];
    return [key, isMap(below) && isMap(above) ? overlayMap(below, above) : above];
  });
  return Object.fromEntries(entries);
}

function sortMap(value: Configuration): Configuration {
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortDeep(value[key])]));
}

function sortDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortDeep);
  return isMap(value) ? sortMap(value) : value;
}

function isMap(value: unknown): value is Configuration {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
