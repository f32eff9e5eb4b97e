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
 * How a changed declaration gets to a gateway that already runs. `start`: not at all, the start guard merges it at the
 * next start (the plain way). `live`: the controller patches the running gateway, or the kubelet swaps the file that it
 * reads (mode `locked`).
 */
export type ConfigurationDelivery = "start" | "live";

/** Whether OpenClaw takes a key over while it runs, by the longest prefix that fits; what is not listed it does not. */
type ReloadRules = Readonly<Record<string, "hot" | "restart">>;

/**
 * Where nothing of ours writes into the running pod, only these wait for the next start: most people who change a key
 * want it to take effect when they apply it. Decision 0007.
 */
const START_RULES: ReloadRules = { models: "hot", plugins: "hot", "plugins.load": "restart", "plugins.installs": "restart" };

/**
 * What a running OpenClaw 2026.9.2 was measured to take over (its own reload plan, `reloadKind` of
 * `config.schema.lookup`, and the effect where there is one to see). Decision 0007.
 */
const LIVE_RULES: ReloadRules = {
  ...START_RULES,
  "agents.defaults": "hot",
  "agents.entries": "hot",
  "agents.ownership": "hot",
  "auth.order": "hot",
  "auth.profiles": "hot",
  bindings: "hot",
  broadcast: "hot",
  commands: "hot",
  cron: "hot",
  "gateway.controlUi.allowedOrigins": "hot",
  "gateway.http.endpoints": "hot",
  hooks: "hot",
  mcp: "hot",
  "mcp.apps": "restart",
  "memory.citations": "hot",
  messages: "hot",
  session: "hot",
  skills: "hot",
  tools: "hot",
};

const RULES: Readonly<Record<ConfigurationDelivery, ReloadRules>> = { start: START_RULES, live: LIVE_RULES };

/** Whether changing the configuration key at `path` restarts the agent. */
export function needsRestart(path: readonly string[], delivery: ConfigurationDelivery = "start"): boolean {
  const rules = RULES[delivery];
  const key = path.join(".");
  const [closest] = Object.keys(rules)
    .filter((prefix) => isBelow(key, prefix))
    .toSorted((left, right) => right.length - left.length);
  return closest === undefined || rules[closest] === "restart";
}

/** Whether keys beneath `path` may differ in what {@link needsRestart} says. */
export function mayHoldBoth(path: readonly string[], delivery: ConfigurationDelivery = "start"): boolean {
  const key = path.join(".");
  return path.length === 0 || Object.keys(RULES[delivery]).some((rule) => rule.startsWith(`${key}.`));
}

/**
 * A hash of those declared keys that need a restart: 16 hexadecimal digits, the same for any order of keys. It goes on
 * the pod template, so that changing such a key, and no other, rolls the pod.
 */
export function restartHash(configuration: Configuration, delivery: ConfigurationDelivery = "start"): string {
  const cold = withoutHotKeys(configuration, [], delivery);
  return createHash("sha256").update(JSON.stringify(sortMap(cold))).digest("hex").slice(0, 16);
}

interface Declaration {
  /** As openclaw.json has it. */
  readonly text: string;
  readonly hashes: Readonly<Record<ConfigurationDelivery, string>>;
}

/** By what agents declare: in a large fleet most declare the same. */
const declarations = new Map<string, Declaration>();
const DECLARATIONS_LIMIT = 1_000;

/** An agent's openclaw.json, and {@link restartHash} of it. */
export function declaration(agent: Agent): Declaration {
  const key = JSON.stringify(agent.spec.openclaw);
  const found = declarations.get(key);
  if (found) return found;
  if (declarations.size >= DECLARATIONS_LIMIT) declarations.clear();
  const configuration = declaredConfiguration(agent);
  const made = { text: `${JSON.stringify(configuration, null, 2)}\n`, hashes: { start: restartHash(configuration, "start"), live: restartHash(configuration, "live") } };
  declarations.set(key, made);
  return made;
}

function withoutHotKeys(value: Configuration, path: readonly string[], delivery: ConfigurationDelivery): Configuration {
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const childPath = [...path, key];
    if (!mayHoldBoth(childPath, delivery)) return needsRestart(childPath, delivery) ? [[key, child]] : [];
    const rest = isMap(child) ? withoutHotKeys(child, childPath, delivery) : {};
    return Object.keys(rest).length > 0 ? [[key, rest]] : [];
  });
  return Object.fromEntries(entries);
}

function isBelow(key: string, prefix: string): boolean {
  return key === prefix || key.startsWith(`${prefix}.`);
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
