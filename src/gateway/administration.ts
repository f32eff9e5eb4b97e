import { FrotaError } from "../spec/error.ts";
import type { GatewayClient } from "./client.ts";
import { objectOf, type GatewayObject } from "./exchange.ts";

/** The configuration that a gateway has on its volume. */
export interface GatewayConfiguration {
  /** As written, `${NAME}` unresolved; OpenClaw hides credentials as `__OPENCLAW_REDACTED__`. */
  readonly parsed: GatewayObject;
  /** Names this text of the file; absent where there is no file. */
  readonly hash?: string;
  /** Where the file is. */
  readonly path?: string;
  /** The running gateway works with this text, not with an earlier one. */
  readonly isApplied: boolean;
}

/** A change of a gateway's configuration. */
export interface ConfigurationPatch {
  /** JSON merge patch: null removes. */
  readonly patch: GatewayObject;
  /** Of the configuration that the patch was made for. */
  readonly baseHash?: string;
  /** Dotted paths of lists that the patch replaces or removes; others are merged by `id`, and lose nothing. */
  readonly replacePaths: readonly string[];
}

/**
 * Reads the gateway's configuration (RPC `config.get`; 10-60 ms, and up to 11 s for the first call after its start).
 * Throws as {@link GatewayClient.rpc}, and GATEWAY_CONFIG_UNREADABLE when its file cannot be parsed.
 */
export async function configGet(gateway: GatewayClient): Promise<GatewayConfiguration> {
  const { parsed, hash, path, valid, configRevisionHash, appliedConfigHash } = await gateway.rpc("config.get");
  const isMap = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  if (!isMap && valid === false) {
    throw new FrotaError({
      code: "GATEWAY_CONFIG_UNREADABLE",
      message: `the configuration file of ${gateway.endpoint.agent} cannot be parsed; its gateway goes on with the last good one`,
      where: { kind: "Gateway", name: gateway.endpoint.agent },
      next: `frota restart ${gateway.endpoint.agent}: its start guard keeps the file aside and takes the last good copy`,
    });
  }
  const isApplied = appliedConfigHash === undefined || appliedConfigHash === configRevisionHash;
  return {
    parsed: objectOf(parsed),
    isApplied,
    ...(typeof hash === "string" ? { hash } : {}),
    ...(typeof path === "string" ? { path } : {}),
  };
}

/**
 * Changes the gateway's configuration (RPC `config.patch`; about 1 s). Returns when the running gateway has taken it over.
 * `restarts`: it restarts itself in its process for a key that is not hot. Throws as {@link GatewayClient.rpc}, and
 * GATEWAY_CONFIG_CHANGED when the configuration is no longer that of `baseHash`.
 */
export async function configPatch(gateway: GatewayClient, { patch, baseHash, replacePaths }: ConfigurationPatch): Promise<{ readonly restarts: boolean }> {
  const params = { raw: JSON.stringify(patch), replacePaths, ...(baseHash === undefined ? {} : { baseHash }) };
  try {
    const { sentinel } = await gateway.rpc("config.patch", params);
    return { restarts: objectOf(objectOf(objectOf(sentinel)["payload"])["stats"])["requiresRestart"] === true };
  } catch (error) {
    const said = error instanceof FrotaError ? error.message : "";
    if (PERSISTED.test(said)) return { restarts: true };
    throw STALE.test(said) ? configurationChanged(gateway, error) : error;
  }
}

/** What the gateway says, in these words only, of a stale hash, and of a change that it restarts itself for. */
const STALE = /config changed since last load/;
const PERSISTED = /persisted and (?:was accepted for restart|updated the active Gateway)/;

function configurationChanged(gateway: GatewayClient, cause: unknown): FrotaError {
  const { agent } = gateway.endpoint;
  return new FrotaError(
    {
      code: "GATEWAY_CONFIG_CHANGED",
      message: `the configuration of ${agent} changed meanwhile; nothing was written`,
      where: { kind: "Gateway", name: agent },
      next: "try again",
    },
    { cause },
  );
}
