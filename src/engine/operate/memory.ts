import type { Channel } from "../../decide/fleet-world.ts";
import type { ActionFailure, GatewayFacts, ImageTarget } from "../../decide/world.ts";

/** What is known about an image by its digest. */
export interface KnownImage extends ImageTarget {
  /** Why it can never start, from its labels. */
  readonly problem?: string;
}

/**
 * What the engine knows beyond the cluster's objects. All of it can be lost: it is asked for again. Maps by agent name,
 * tag, and digest.
 */
export interface Memory {
  readonly gateways: Map<string, GatewayFacts>;
  readonly failures: Map<string, ActionFailure>;
  readonly channels: Map<string, Channel>;
  readonly images: Map<string, KnownImage>;
  /** When Vault's newest version of an agent's secret was written, in milliseconds since the epoch. */
  readonly vaultTimes: Map<string, number>;
  /** Since when agents of which something is left are not declared, in milliseconds since the epoch. */
  readonly undeclared: Map<string, number>;
}

/** A memory of nothing. */
export function emptyMemory(): Memory {
  return { gateways: new Map(), failures: new Map(), channels: new Map(), images: new Map(), vaultTimes: new Map(), undeclared: new Map() };
}
